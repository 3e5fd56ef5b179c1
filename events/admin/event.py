"""Planning events: days, zone, tracks, team."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import OuterRef
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.actions import add_to_team, keep_local_times, publish_event, save_planned
from events.admin.confirm import cancel_events
from events.admin.copies.clone import clone_page
from events.admin.copies.series import SeriesEventForm
from events.admin.editing.sections import GENERAL, FormSection
from events.admin.extensions import ObjectTool
from events.admin.forms import KEEP_LOCAL, LabelledFormSet, TrackForm
from events.admin.generics import TabularInline
from events.admin.history.pages import history_page
from events.admin.incoming.pages import INCOMING_PAGES
from events.admin.invitations import invite_page
from events.admin.move import move_event_page
from events.admin.page_parts import InfoBlockInline, PartnerInline
from events.admin.people_fields import AccountForm, AccountFormSet, asked_by
from events.admin.saving import says_what_waits
from events.admin.scope import PlannedAdmin, RulesPermissions, user_of
from events.admin.stage import STAGE_PAGES
from events.admin.stage.coming import coming_page
from events.admin.translations import EventTranslationInline, TrackTranslationInline
from events.admin.widget import widget_page
from events.changes import changes
from events.desk.views import overview_page
from events.drafts.review import DRAFT_PAGES
from events.i18n.dates import in_letters
from events.models import (
    Event,
    EventSeries,
    EventStatus,
    Registration,
    Session,
    TeamMember,
    TeamRole,
    Track,
)
from events.permissions import PLANNERS, events_for_team, planned_series
from events.planner.pages import PLANNER_PAGES
from events.registration.places import number_of, settle
from events.team.changing import team_of
from events.team.page import team_page


class TrackInline(RulesPermissions, TabularInline):
    model = Track
    form = TrackForm
    formset = LabelledFormSet
    extra = 1


class TeamFormSet(AccountFormSet):
    """An event keeps an owner; what roles are about, the page of the team says."""

    def save(self, commit: bool = True) -> Any:
        """Under the lock under which others leave the team."""
        event = self.instance
        before = {member.pk for member in team_of(event) if member.role == TeamRole.OWNER}
        gone = {form.instance.pk for form in self.deleted_forms}
        for form in self.initial_forms:
            if form.instance.role != TeamRole.OWNER:
                gone.add(form.instance.pk)
        new = any(
            form.instance.role == TeamRole.OWNER and form.has_changed() for form in self.extra_forms
        )
        if before and before <= gone and not new and not self._makes_owner(before):
            raise PermissionDenied(_("An event needs an owner: choose another one first."))
        return super().save(commit)

    def _makes_owner(self, before: set[int]) -> bool:
        return any(
            form.instance.role == TeamRole.OWNER
            and form.instance.pk not in before
            and form not in self.deleted_forms
            for form in self.initial_forms
        )


class TeamInline(RulesPermissions, TabularInline):
    """Only owners see and change who is in the team."""

    model = TeamMember
    form = AccountForm
    formset = TeamFormSet
    fields = ("user", "role")
    extra = 1
    verbose_name_plural = "team"

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, form=asked_by(self.form, request), **kwargs)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).select_related("user")


class EventList(ChangeList):
    """Counts what each event has. Its other pages need no count, and some are asked often.

    Counted in subqueries: joined at once, each session would stand there once for each person.
    """

    def get_queryset(self, *args: Any, **kwargs: Any) -> models.QuerySet[Any]:
        sessions = Session.objects.filter(event=OuterRef("pk"))
        people = Registration.objects.filter(event=OuterRef("pk"), withdrawn_at=None)
        self.root_queryset = self.root_queryset.annotate(
            session_count=number_of(sessions, "event"), people_count=number_of(people, "event")
        )
        rows: models.QuerySet[Any] = super().get_queryset(*args, **kwargs)
        return rows

    def url_for_result(self, result: Any) -> str:
        """The event's workspace; its form is one page of it."""
        return reverse("admin:events_event_overview", args=[result.pk])


@admin.register(Event)
class EventAdmin(PlannedAdmin):
    event_path = ""
    tells_who_is_here = True
    form = SeriesEventForm
    list_display = ("title", "days", "timezone", "state", "sessions_link", "people_link")
    list_filter = ("status", "visibility", "is_template")
    search_fields = ("title", "slug", "location", "=uuid", "=external_id")
    ordering = ("-starts_on", "title")
    actions = ("publish_selected", "cancel_selected")
    inlines = (
        TrackInline,
        InfoBlockInline,
        PartnerInline,
        EventTranslationInline,
        TrackTranslationInline,
        TeamInline,
    )
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("uuid", "external_id", "sign_up_form", "preset_links")
    object_tools = (
        ObjectTool("admin:events_event_planner", _("Plan…"), "events.plan_sessions"),
        ObjectTool("admin:events_event_stage", _("Speakers…"), "events.change_event"),
        ObjectTool("admin:events_event_import", _("In and out…"), "events.change_event"),
        ObjectTool("admin:events_event_releases", _("Releases…"), "events.change_event"),
        ObjectTool("admin:events_event_invite", _("Invite…"), "events.change_event"),
        ObjectTool("admin:events_event_widget", _("Widget…"), "events.change_event"),
        ObjectTool("admin:events_event_clone", _("Clone…"), "events.change_event"),
        ObjectTool("admin:events_event_move", _("Move…"), "events.change_event"),
    )
    delete_note = _(
        "Deleting an event also deletes its tracks, sessions, speakers, "
        "registrations and team. Cancel it instead if anybody has registered."
    )
    fieldsets = (
        (None, {"fields": ["title", "tagline", "language", "status", "description"]}),
        (
            _("When and where"),
            {"fields": ["starts_on", "ends_on", "timezone", "when_zone_changes", "location"]},
        ),
        (_("Doors"), {"fields": ["doors_open_minutes", "overrun_minutes"]}),
        (_("Releasing"), {"fields": ["collects_changes"]}),
        (
            _("Coming in"),
            {
                "fields": [
                    "visibility",
                    "registration_open",
                    "registration_needs_approval",
                    "capacity",
                    "sign_up_form",
                ]
            },
        ),
        (
            _("Its page"),
            {
                "fields": [
                    "picture",
                    "picture_alt",
                    "attendance_mode",
                    "takes_feedback",
                    "main_stages",
                ]
            },
        ),
        (
            _("Once more"),
            {
                "fields": ["is_template", "series", "new_series", "preset_links"],
                "classes": ["collapse"],
            },
        ),
        (_("Appearance and address"), {"fields": ["accent_color", "slug", "uuid", "external_id"]}),
    )

    sections = (
        GENERAL,
        FormSection("when", _("When and where"), (_("When and where"), _("Doors"))),
        FormSection("tracks", _("Tracks"), inlines=(TrackInline,)),
        FormSection("registration", _("Coming in"), (_("Coming in"),)),
        FormSection(
            "page",
            _("Its page"),
            (_("Its page"), _("Appearance and address")),
            (InfoBlockInline, PartnerInline),
        ),
        FormSection(
            "languages", _("Languages"), inlines=(EventTranslationInline, TrackTranslationInline)
        ),
        FormSection("team", _("Team"), inlines=(TeamInline,)),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EventList

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new event has no tracks yet whose names could be translated."""
        inlines = super().get_inlines(request, obj)
        return tuple(each for each in inlines if obj or each is not TrackTranslationInline)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        return {"language": settings.LANGUAGE_CODE, **initial}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What to do with times when the zone changes is a question about old times only."""
        may = obj is None or self.has_change_permission(request, obj)
        left_out = set() if obj and may else {"when_zone_changes"}
        left_out |= set() if may else {"new_series"}
        fieldsets = [
            (name, {**o, "fields": [f for f in o["fields"] if f not in left_out]})
            for name, o in super().get_fieldsets(request, obj)
        ]
        if obj is None and (links := self._template_links(request)):
            (name, first), *rest = fieldsets
            return [(name, {**first, "description": links}), *rest]
        return fieldsets

    def _template_links(self, request: HttpRequest) -> str:
        """The way to a new event that is made from one of the templates of one's teams."""
        templates = events_for_team(request.user, PLANNERS).filter(is_template=True)
        links = [
            (reverse("admin:events_event_clone", args=[pk]), title)
            for pk, title in templates.order_by("title").values_list("pk", "title")
        ]
        if not links:
            return ""
        listed = format_html_join(" · ", '<a href="{}">{}</a>', links)
        return format_html("{} {}", _("Start from a template:"), listed)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """An event joins the series of one's own events only."""
        if db_field.name == "series":
            kwargs["queryset"] = planned_series(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else self.prepopulated_fields

    @admin.display(description=_("days"), ordering="starts_on")
    def days(self, event: Event) -> str:
        first, last = event.starts_on, event.ends_on
        return (
            in_letters(first, "d M Y")
            if first == last
            else f"{in_letters(first, 'd M')} – {in_letters(last, 'd M Y')}"
        )

    @admin.display(description=_("status"), ordering="status")
    def state(self, event: Event) -> str:
        return event.get_status_display()

    @admin.display(description=_("sessions"), ordering="session_count")
    def sessions_link(self, event: Any) -> str:
        return _link("admin:events_session_changelist", event, event.session_count)

    @admin.display(description=_("registered"), ordering="people_count")
    def people_link(self, event: Any) -> str:
        return _link("admin:events_registration_changelist", event, event.people_count)

    @admin.display(description=_("sign-up form"))
    def sign_up_form(self, event: Event) -> str:
        """What is asked beside name and address, and the way to change it."""
        if event.pk is None:
            return str(_("Save the event first; then you can ask people questions."))
        asked = event.questions.filter(is_retired=False).count()
        text = ngettext("%(n)d question", "%(n)d questions", asked) % {"n": asked}
        return _link("admin:events_signupquestion_changelist", event, text)

    @admin.display(description=_("session presets"))
    def preset_links(self, event: Event) -> str:
        """What new sessions begin with, and the way to change it."""
        if event.pk is None:
            return str(_("Save the event first; then you can keep presets for its sessions."))
        count = event.session_presets.count()
        text = ngettext("%(n)d preset", "%(n)d presets", count) % {"n": count}
        return _link("admin:events_sessionpreset_changelist", event, text)

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
        if title := form.cleaned_data.get("new_series"):
            obj.series = EventSeries(title=title)
            save_planned(obj.series)
        super().save_model(request, obj, form, change)
        if change and "capacity" in form.changed_data:
            transaction.on_commit(partial(settle, obj))
        if change and "timezone" in form.changed_data:
            self._zone_changed(request, obj, form)
        if not change and not request.user.is_superuser:
            add_to_team(user_of(request), obj, TeamRole.OWNER)

    def _zone_changed(self, request: HttpRequest, event: Event, form: Any) -> None:
        if (form.cleaned_data.get("when_zone_changes") or KEEP_LOCAL) != KEEP_LOCAL:
            messages.info(
                request,
                _("All sessions stay at the same moments; their times are now in %(zone)s.")
                % {"zone": event.timezone},
            )
            return
        moved = keep_local_times(event, form.initial["timezone"])
        text = ngettext(
            "%(n)d session keeps its local time, now in %(zone)s.",
            "%(n)d sessions keep their local times, now in %(zone)s.",
            moved,
        )
        messages.info(request, text % {"n": moved, "zone": event.timezone})

    # --- Once more, and on other days ----------------------------------------

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/overview/", wrap(self.overview_view), name="events_event_overview"),
            path("<int:pk>/clone/", wrap(self.clone_view), name="events_event_clone"),
            path("<int:pk>/coming/", wrap(self.coming_view), name="events_event_coming"),
            path("<int:pk>/team/", wrap(self.team_view), name="events_event_team"),
            path("<int:pk>/invite/", wrap(self.invite_view), name="events_event_invite"),
            path("<int:pk>/move/", wrap(self.move_view), name="events_event_move"),
            path("<int:pk>/widget/", wrap(self.widget_view), name="events_event_widget"),
            path(
                "<int:pk>/tracks/<int:track_pk>/history/",
                wrap(self.track_history_view),
                name="events_event_track_history",
            ),
        ]
        own += [
            path(
                f"<int:pk>/planner/{address}",
                wrap(partial(self._planners_page, page=page, may=may)),
                name=f"events_event_planner{name}",
            )
            for name, address, page, may in PLANNER_PAGES
        ]
        own += [
            path(
                f"<int:pk>/stage/{address}",
                wrap(partial(self._planners_page, page=page)),
                name=f"events_event_stage{name}",
            )
            for name, address, page in STAGE_PAGES
        ]
        own += [
            path(
                f"<int:pk>/import/{address}",
                wrap(partial(self._planners_page, page=page)),
                name=f"events_event_import{name}",
            )
            for name, address, page in INCOMING_PAGES
        ]
        own += [
            path(
                f"<int:pk>/{address}",
                wrap(partial(self._planners_page, page=page)),
                name=f"events_event_{name}",
            )
            for name, address, page in DRAFT_PAGES
        ]
        return own + super().get_urls()

    def overview_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """For the whole team; to others the event is not there."""
        event = self.get_object(request, str(pk))
        if event is None:
            return self.change_view(request, str(pk))  # It says so, and leads elsewhere.
        if not self.has_view_permission(request, event):
            raise PermissionDenied
        return overview_page(self, request, event)

    def team_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """For the whole team; who changes it, the page itself asks."""
        event = self.get_object(request, str(pk))
        if event is None:
            return self.change_view(request, str(pk))  # It says so, and leads elsewhere.
        if not self.has_view_permission(request, event):
            raise PermissionDenied
        return team_page(self, request, event)

    def clone_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return self._planners_page(request, pk, _clone_what_is_released)

    def coming_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return self._planners_page(request, pk, coming_page)

    def invite_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return self._planners_page(request, pk, invite_page)

    def move_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return self._planners_page(request, pk, move_event_page)

    def widget_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return self._planners_page(request, pk, widget_page)

    def track_history_view(self, request: HttpRequest, pk: int, track_pk: int) -> HttpResponse:
        """The history of a track, which has no page of its own."""
        event = self.get_object(request, str(pk))
        track = event and event.tracks.select_related("event").filter(pk=track_pk).first()
        if track is None:
            return self.change_view(request, str(pk) if event is None else "0")
        may_change = self.has_change_permission(request, event)
        if request.method == "POST" and not may_change:
            raise PermissionDenied(_("Only owners and managers of this event may do this."))
        back = reverse("admin:events_event_history", args=[pk])
        with says_what_waits(request):
            return history_page(self, request, track, back, may_change=may_change)

    def _planners_page(
        self,
        request: HttpRequest,
        pk: int,
        page: Callable[..., HttpResponseBase],
        may: str = "events.change_event",
        **about: Any,
    ) -> HttpResponseBase:
        """A page about one event for those who plan it; to others it is not there, or closed."""
        event = self.get_object(request, str(pk))
        if event is None:
            return self.change_view(request, str(pk))  # It says so, and leads elsewhere.
        if not request.user.has_perm(may, event):
            raise PermissionDenied(_("Only owners and managers of this event may do this."))
        with says_what_waits(request):
            return page(self, request, event, **about)

    # --- Bulk actions --------------------------------------------------------

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish_selected(self, request: HttpRequest, queryset: Any) -> None:
        rows = self.changeable(request, queryset)
        if count := rows.filter(is_template=True).count():
            text = ngettext(
                "%(n)d template stays a draft: clone it to make an event from it.",
                "%(n)d templates stay drafts: clone them to make events from them.",
                count,
            )
            messages.warning(request, text % {"n": count})
        drafts = list(rows.filter(is_template=False).exclude(status=EventStatus.PUBLISHED))
        with changes():
            for event in drafts:
                publish_event(event)
        text = ngettext("%(n)d published.", "%(n)d published.", len(drafts))
        messages.success(request, text % {"n": len(drafts)})

    @admin.action(description=_("Cancel…"), permissions=["change"])
    def cancel_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return cancel_events(self, request, self.changeable(request, queryset))


def _clone_what_is_released(
    modeladmin: EventAdmin, request: HttpRequest, event: Event
) -> HttpResponseBase:
    """What nobody has released yet is no part of a copy."""
    if hasattr(event, "draft_change"):
        event.refresh_from_db()
    return clone_page(modeladmin, request, event)


def _link(name: str, event: Event, text: str | int) -> str:
    return format_html('<a href="{}?event={}">{}</a>', reverse(name), event.pk, text)
