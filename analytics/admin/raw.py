"""What the sources reported and how the pulls went, read-only.

Analysts see the rows of their own events; what is of no event, or of another, is not there
for them. Superusers see all.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from analytics.figures.left_out import without_left_out
from analytics.models import (
    Coverage,
    PullRun,
    RejectedRow,
    RoomRun,
    SessionPull,
    Stay,
    ViewerTotal,
)
from analytics.privacy.modes import events_without_names, rules_from, rules_of
from events.models import Event
from events.permissions import ANALYSTS, events_for_team


def people(name: str, label: Any) -> Any:
    """A column of a number of people, or of their rows, as the row's event tells such numbers."""

    @admin.display(description=label)
    def shown(row: Any) -> Any:
        event = event_behind(row)
        if event is None:
            return getattr(row, name)
        rules = rules_from(event, getattr(event, "attendance_privacy", None))
        return rules.count(getattr(row, name))

    # Not to be sorted by: the order would tell what the number does not.
    shown.__name__ = name
    return shown


def event_behind(row: Any) -> Event | None:
    """The event that a pull's record is about; None where it is about many."""
    session = getattr(row, "session", None)
    found: Event | None = session.event if session else getattr(row, "event", None)
    return found


class PullRecordAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that only a pull writes, so the admin only shows them."""

    # Ways from a row to its event. The first that is not empty counts.
    event_paths: ClassVar[tuple[str, ...]] = ("event",)
    names_people: ClassVar[bool] = False  # Shown only of events whose people may be named.
    # Fields that are not shown of an event that shows groups only.
    tells_people: ClassVar[frozenset[str]] = frozenset()
    list_per_page = 50
    show_full_result_count = False  # There may be a million rows.
    actions: Any = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows of the events whose figures this person may read."""
        rows = super().get_queryset(request)
        if self.names_people and (unnamed := list(events_without_names())):
            rows = rows.exclude(within(Event.objects.filter(pk__in=unnamed), *self.event_paths))
        if request.user.is_superuser:
            return rows
        return rows.filter(within(events_for_team(request.user, ANALYSTS), *self.event_paths))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without what tells how many people there were, where that is not told."""
        fields = super().get_fields(request, obj)
        event = event_behind(obj) if obj is not None and self.tells_people else None
        if event is None or rules_of(event).lists_people:
            return fields
        return [name for name in fields if name not in self.tells_people]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("events.view_report")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A row that ``get_queryset`` gave is one of theirs."""
        return request.user.has_perm("events.view_report")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def within(events: QuerySet[Event], *paths: str) -> Q:
    """Rows whose event is among these, by the first of several ways that leads to one."""
    mine, found, before = events.values("pk"), Q(), Q()
    for path in paths:
        found |= before & Q(**{f"{path}__in": mine})
        before &= Q(**{f"{path}__isnull": True})
    return found


@admin.register(PullRun)
class PullRunAdmin(PullRecordAdmin):
    """The history of pulls."""

    list_display = (
        "started_at",
        "trigger",
        "event",
        "sessions",
        "runs",
        people("stays", _("stays")),
        people("totals", _("totals")),
        people("new", _("new")),
        people("changed", _("changed")),
        "rejected",
        people("unmatched_people", _("unmatched people")),
        "problems",
    )
    tells_people = frozenset("stays totals new changed unmatched_people incomplete errors".split())
    list_filter = ("trigger",)
    list_select_related = ("event__attendance_privacy",)
    date_hierarchy = "started_at"

    @admin.display(description=_("problems"))
    def problems(self, run: PullRun) -> str:
        problems = [f"{len(run.errors)} failed"] if run.errors else []
        problems += [f"{len(run.incomplete)} incomplete"] if run.incomplete else []
        return ", ".join(problems) or "none"


@admin.register(SessionPull)
class SessionPullAdmin(PullRecordAdmin):
    """What each pull saw of each session."""

    event_paths = ("session__event",)
    list_display = (
        "asked_at",
        "session",
        "source",
        "runs",
        people("pulled_rows", _("pulled rows")),
        people("expected_rows", _("expected rows")),
        people("new", _("new")),
        people("changed", _("changed")),
        "rejected",
        "error",
    )
    tells_people = frozenset("pulled_rows expected_rows new changed".split())
    list_filter = ("source",)
    list_select_related = ("session__event__attendance_privacy",)
    search_fields = ("session__title", "session__slug")
    date_hierarchy = "asked_at"


@admin.register(RejectedRow)
class RejectedRowAdmin(PullRecordAdmin):
    """Rows that could not be read, with field and reason. Delete those you have dealt with."""

    names_people = True
    list_display = ("last_seen_at", "source", "place", "run", "field", "reason")
    list_filter = ("source", "field")
    search_fields = ("place", "run", "reason")
    actions = ("delete_selected",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(Coverage)
class CoverageAdmin(PullRecordAdmin):
    """How complete each session's attendance is, by source."""

    event_paths = ("session__event",)
    list_display = (
        "session",
        "source",
        "pulled_at",
        people("pulled_rows", _("pulled rows")),
        people("expected_rows", _("expected rows")),
        "rejected_rows",
        "complete",
        "error",
    )
    tells_people = frozenset({"pulled_rows", "expected_rows"})
    list_filter = ("source",)
    list_select_related = ("session__event__attendance_privacy",)
    search_fields = ("session__title", "session__slug")

    @admin.display(description=_("complete"), boolean=True)
    def complete(self, coverage: Coverage) -> bool:
        return coverage.is_complete


@admin.register(RoomRun)
class RoomRunAdmin(PullRecordAdmin):
    """Runs of meeting rooms as reported, and the parts of those that a person split."""

    event_paths = ("session__event", "event")
    list_display = (
        "remote_id",
        "room_name",
        "session",
        "matched_by",
        "started_at",
        "ended_at",
        "pulled_at",
    )
    list_filter = ("source", ("session", admin.EmptyFieldListFilter), "matched_by")
    list_select_related = ("session",)
    search_fields = ("=remote_id", "=room_remote_id", "room_name")
    date_hierarchy = "started_at"

    def get_fields(self, request: HttpRequest, obj: RoomRun | None = None) -> Any:
        """What the source sent names the hosts; without names it is left out."""
        event = obj.session.event if obj and obj.session else obj.event if obj else None
        shown = event is None or rules_of(event).names_people
        return [name for name in super().get_fields(request, obj) if shown or name != "raw"]


@admin.register(Stay)
class StayAdmin(PullRecordAdmin):
    """When people joined and left, as reported."""

    names_people = True
    event_paths = ("run__session__event", "run__event")
    list_display = ("name", "user", "run", "joined_at", "left_at", "minutes", "attention")
    list_filter = ("source", ("user", admin.EmptyFieldListFilter), "open_interval")
    list_select_related = ("user", "run")
    search_fields = ("=remote_user_id", "name", "=run__remote_id")
    date_hierarchy = "joined_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stay]:
        """Without the rows that count nowhere, whose people would be told by that."""
        return without_left_out(super().get_queryset(request))


@admin.register(ViewerTotal)
class ViewerTotalAdmin(PullRecordAdmin):
    """What people watched of webcasts, as reported."""

    names_people = True
    event_paths = ("session__event",)
    list_display = ("name", "user", "session", "live_minutes", "recording_minutes", "plays")
    list_filter = ("source", ("user", admin.EmptyFieldListFilter), "is_anonymous")
    list_select_related = ("user", "session")
    search_fields = ("=remote_user_id", "name", "=entry_remote_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ViewerTotal]:
        """As with stays."""
        return without_left_out(super().get_queryset(request))
