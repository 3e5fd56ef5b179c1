"""What the sources reported and how the pulls went: read-only, for the person on call."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from analytics.models import Coverage, PullRun, RejectedRow, RoomRun, Stay, ViewerTotal


class PullRecordAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that only a pull writes, so the admin only shows them."""

    list_per_page = 50
    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PullRun)
class PullRunAdmin(PullRecordAdmin):
    """The history of pulls."""

    list_display = (
        "started_at",
        "trigger",
        "event",
        "sessions",
        "runs",
        "stays",
        "totals",
        "new",
        "changed",
        "rejected",
        "unmatched_people",
        "problems",
    )
    list_filter = ("trigger",)
    list_select_related = ("event",)
    date_hierarchy = "started_at"

    @admin.display(description="problems")
    def problems(self, run: PullRun) -> str:
        problems = [f"{len(run.errors)} failed"] if run.errors else []
        problems += [f"{len(run.incomplete)} incomplete"] if run.incomplete else []
        return ", ".join(problems) or "none"


@admin.register(RejectedRow)
class RejectedRowAdmin(PullRecordAdmin):
    """Rows that could not be read, with field and reason. Delete those you have dealt with."""

    list_display = ("last_seen_at", "source", "place", "run", "field", "reason")
    list_filter = ("source", "field")
    search_fields = ("place", "run", "reason")
    actions = ("delete_selected",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(Coverage)
class CoverageAdmin(PullRecordAdmin):
    """How complete each session's attendance is, by source."""

    list_display = (
        "session",
        "source",
        "pulled_at",
        "pulled_rows",
        "expected_rows",
        "rejected_rows",
        "complete",
        "error",
    )
    list_filter = ("source",)
    list_select_related = ("session",)
    search_fields = ("session__title", "session__slug")

    @admin.display(description="complete", boolean=True)
    def complete(self, coverage: Coverage) -> bool:
        return coverage.is_complete


@admin.register(RoomRun)
class RoomRunAdmin(PullRecordAdmin):
    """Runs of meeting rooms as reported."""

    list_display = ("remote_id", "room_name", "session", "started_at", "ended_at", "pulled_at")
    list_filter = (("session", admin.EmptyFieldListFilter),)
    list_select_related = ("session",)
    search_fields = ("=remote_id", "=room_remote_id", "room_name")
    date_hierarchy = "started_at"


@admin.register(Stay)
class StayAdmin(PullRecordAdmin):
    """When people joined and left, as reported."""

    list_display = ("name", "user", "run", "joined_at", "left_at", "minutes", "attention")
    list_filter = ("source", ("user", admin.EmptyFieldListFilter), "open_interval")
    list_select_related = ("user", "run")
    search_fields = ("=remote_user_id", "name", "=run__remote_id")
    date_hierarchy = "joined_at"


@admin.register(ViewerTotal)
class ViewerTotalAdmin(PullRecordAdmin):
    """What people watched of webcasts, as reported."""

    list_display = ("name", "user", "session", "live_minutes", "recording_minutes", "plays")
    list_filter = (("user", admin.EmptyFieldListFilter), "is_anonymous")
    list_select_related = ("user", "session")
    search_fields = ("=remote_user_id", "name", "=entry_remote_id")
