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
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.actions import add_to_team, keep_local_times, publish_event
from events.admin.clone import clone_page
from events.admin.confirm import cancel_events
from events.admin.extensions import ObjectTool
from events.admin.forms import KEEP_LOCAL, EventForm, LabelledFormSet, TrackForm
from events.admin.generics import TabularInline
from events.admin.invitations import invite_page
from events.admin.move import move_event_page
from events.admin.page_parts import InfoBlockInline, PartnerInline
from events.admin.people_fields import AccountForm, AccountFormSet, asked_by
from events.admin.scope import PlannedAdmin, RulesPermissions, user_of
from events.admin.translations import EventTranslationInline, TrackTranslationInline
from events.admin.widget import widget_page
from events.changes import changes
from events.i18n.dates import in_letters
from events.models import Event, EventStatus, Registration, Session, TeamMember, TeamRole, Track
from events.planner.pages import PLANNER_PAGES
from events.registration.places import number_of, settle


class TrackInline(RulesPermissions, TabularInline):
    model = Track
    form = TrackForm
    formset = LabelledFormSet
    extra = 1


class TeamInline(RulesPermissions, TabularInline):
    """Only owners see and change who is in the team."""

    model = TeamMember
    form = AccountForm
    formset = AccountFormSet
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


@admin.register(Event)
class EventAdmin(PlannedAdmin):
    event_path = ""
    form = EventForm
    list_display = ("title", "days", "timezone", "state", "sessions_link", "people_link")
    list_filter = ("status", "visibility")
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
    readonly_fields = ("uuid", "external_id", "sign_up_form")
    object_tools = (
        ObjectTool("admin:events_event_planner", _("Plan…"), "events.change_event"),
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
        (
            _("Coming in"),
            {"fields": ["visibility", "registration_open", "capacity", "sign_up_form"]},
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
        (_("Appearance and address"), {"fields": ["accent_color", "slug", "uuid", "external_id"]}),
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
        asks = obj is not None and self.has_change_permission(request, obj)
        return [
            (name, {**o, "fields": [f for f in o["fields"] if asks or f != "when_zone_changes"]})
            for name, o in super().get_fieldsets(request, obj)
        ]

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

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
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
            path("<int:pk>/clone/", wrap(self.clone_view), name="events_event_clone"),
            path("<int:pk>/invite/", wrap(self.invite_view), name="events_event_invite"),
            path("<int:pk>/move/", wrap(self.move_view), name="events_event_move"),
            path("<int:pk>/widget/", wrap(self.widget_view), name="events_event_widget"),
        ]
        own += [
            path(
                f"<int:pk>/planner/{address}",
                wrap(partial(self._planners_page, page=page)),
                name=f"events_event_planner{name}",
            )
            for name, address, page in PLANNER_PAGES
        ]
        return own + super().get_urls()

    def clone_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._planners_page(request, pk, clone_page)

    def invite_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._planners_page(request, pk, invite_page)

    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._planners_page(request, pk, move_event_page)

    def widget_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._planners_page(request, pk, widget_page)

    def _planners_page(
        self, request: HttpRequest, pk: int, page: Callable[..., HttpResponse]
    ) -> HttpResponse:
        """A page about one event for those who plan it; to others it is not there, or closed."""
        event = self.get_object(request, str(pk))
        if event is None:
            return self.change_view(request, str(pk))  # It says so, and leads elsewhere.
        if not self.has_change_permission(request, event):
            raise PermissionDenied(_("Only owners and managers of this event may do this."))
        return page(self, request, event)

    # --- Bulk actions --------------------------------------------------------

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish_selected(self, request: HttpRequest, queryset: Any) -> None:
        drafts = list(self.changeable(request, queryset).exclude(status=EventStatus.PUBLISHED))
        with changes():
            for event in drafts:
                publish_event(event)
        text = ngettext("%(n)d published.", "%(n)d published.", len(drafts))
        messages.success(request, text % {"n": len(drafts)})

    @admin.action(description=_("Cancel…"), permissions=["change"])
    def cancel_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return cancel_events(self, request, self.changeable(request, queryset))


def _link(name: str, event: Event, text: str | int) -> str:
    return format_html('<a href="{}?event={}">{}</a>', reverse(name), event.pk, text)
