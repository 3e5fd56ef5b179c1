"""Planning sessions."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models, transaction
from django.db.models import Avg, Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.actions import publish_session
from events.admin.confirm import cancel_sessions
from events.admin.filters import DayFilter, EventFilter, StatusFilter, TrackFilter
from events.admin.forms import KnownChoiceField, LabelledFormSet, SessionForm
from events.admin.generics import TabularInline
from events.admin.move import move_sessions_page
from events.admin.overlaps import overlapping_appearances
from events.admin.page_parts import MaterialInline
from events.admin.scope import PlannedAdmin, RulesPermissions, form_event
from events.admin.times import span
from events.admin.translations import SessionTranslationInline
from events.changes import changes
from events.models import Session, SessionSpeaker, SessionStatus, Speaker
from events.registration.places import settle


class AppearanceInline(RulesPermissions, TabularInline):
    """Who is on stage; only people of the session's own event can be chosen."""

    model = SessionSpeaker
    formset = LabelledFormSet
    extra = 1
    verbose_name, verbose_name_plural = "speaker", "speakers"
    fields = ("speaker", "role", "position")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).select_related("speaker", "session")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may see the session may see who speaks."""
        return bool(request.user.has_perm("events.view_session", obj))

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name != "speaker":
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        event = form_event(request)
        mine = Speaker.objects.filter(event=event.pk) if event else Speaker.objects.none()
        more = {**kwargs, "queryset": mine, "form_class": KnownChoiceField}
        field: Any = super().formfield_for_foreignkey(db_field, request, **more)
        # Read once for all rows; Django would ask again for each of them.
        field.choices = [("", _("Choose a person")), *((s.pk, s.name) for s in mine)]
        field.known = {str(s.pk): s for s in mine}
        return field


@admin.register(Session)
class SessionAdmin(PlannedAdmin):
    form = SessionForm
    list_display = ("title", "when", "kind", "track", "state", "event")
    list_select_related = ("event", "track")
    list_filter = (EventFilter, DayFilter, TrackFilter, "session_type", StatusFilter)
    search_fields = ("title", "subtitle", "track__name", "speakers__name", "=uuid", "=external_id")
    search_help_text = _("Title, track, speaker, or an id.")
    date_hierarchy = "starts_at"
    ordering = ("starts_at", "title")
    actions = ("publish_selected", "move_selected", "cancel_selected")
    inlines = (AppearanceInline, MaterialInline, SessionTranslationInline)
    readonly_fields = ("feedback", "uuid", "external_id", "created_at", "updated_at")
    delete_note = _(
        "Deleting a session removes it from everybody's favourites, and its "
        "web address stops working. Cancel it instead if people may still "
        "look for it."
    )
    fieldsets = (
        (None, {"fields": ["event", "title", "subtitle", "session_type", "status"]}),
        (
            _("When and where"),
            {"fields": ["starts_at", "ends_at", "track", "location", "language"]},
        ),
        (_("Places"), {"fields": ["capacity"]}),
        (_("About it"), {"fields": ["abstract", "description"]}),
        (_("Afterwards"), {"fields": ["feedback"]}),
        (
            _("Address and ids"),
            {"fields": ["slug", "uuid", "external_id"], "classes": ["collapse"]},
        ),
    )

    def get_list_display(self, request: HttpRequest) -> Any:
        """The event comes last, and not at all in the list of one event."""
        columns = [name for name in super().get_list_display(request) if name != "event"]
        return columns if request.GET.get("event") else [*columns, "event"]

    @admin.display(description=_("when"), ordering="starts_at")
    def when(self, session: Session) -> str:
        return span(session, session.event.zone)

    @admin.display(description=_("type"), ordering="session_type")
    def kind(self, session: Session) -> str:
        return session.get_session_type_display()

    @admin.display(description=_("status"), ordering="status")
    def state(self, session: Session) -> str:
        return session.get_status_display()

    @admin.display(description=_("feedback"))
    def feedback(self, session: Session) -> str:
        """How many said what on average; the way to what they said."""
        given = session.feedback.aggregate(people=Count("pk"), stars=Avg("stars"))
        if not given["people"]:
            return str(_("None yet."))
        address = f"{reverse('admin:events_sessionfeedback_changelist')}?session={session.pk}"
        text = ngettext(
            "%(stars).1f of 5, from %(people)d person",
            "%(stars).1f of 5, from %(people)d people",
            given["people"],
        )
        return format_html('<a href="{}">{}</a>', address, text % given)

    # --- The form ------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The first step sends the event alone; the second is the form for it."""
        event = request.POST.get("event", "")
        if event and "title" not in request.POST:
            return redirect(f"{request.path}?{urlencode({'event': event})}")
        return super().add_view(request, form_url, extra_context)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "event" and (event := form_event(request)):
            field.queryset = field.queryset.filter(pk=event.pk)
        return field

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        """A form that knows its event, whose zone and tracks it needs."""
        form = super().get_form(request, obj, change, **kwargs)
        return type("SessionForm", (form,), {"planned_event": form_event(request)})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without an event nobody knows the zone or the tracks, so it is asked first."""
        if obj is None and form_event(request) is None:
            return [(None, {"fields": ["event"], "description": _("Which event is it for?")})]
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        # Read-only instants would be shown in the server's zone.
        hidden = {"starts_at", "ends_at"}
        return [
            (name, {**o, "fields": [f for f in o["fields"] if f not in hidden]})
            if name != "When and where"
            else (name, {**o, "fields": ["when", *(f for f in o["fields"] if f not in hidden)]})
            for name, o in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "when")

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_inlines(request, obj) if form_event(request) else ()

    def save_model(self, request: HttpRequest, obj: Session, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "capacity" in form.changed_data:
            transaction.on_commit(partial(settle, obj.event))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        session = form.instance
        for other in overlapping_appearances(session):
            messages.warning(
                request,
                _(
                    "%(speaker)s is also in “%(session)s” at that time "
                    "(%(span)s). The session was saved anyway."
                )
                % {
                    "speaker": other.speaker,
                    "session": other.session,
                    "span": span(other.session, session.event.zone),
                },
            )
        self._warn_of_days(request, session)

    def _warn_of_days(self, request: HttpRequest, session: Session) -> None:
        event = session.event
        day = session.starts_at.astimezone(event.zone).date()
        if not event.starts_on <= day <= event.ends_on:
            messages.warning(
                request,
                _(
                    "%(day)s is outside the event, %(starts_on)s to %(ends_on)s. "
                    "The session was saved anyway."
                )
                % {
                    "day": f"{day:%Y-%m-%d}",
                    "starts_on": event.starts_on,
                    "ends_on": event.ends_on,
                },
            )

    # --- Bulk actions --------------------------------------------------------

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish_selected(self, request: HttpRequest, queryset: Any) -> None:
        rows = list(self.changeable(request, queryset))
        drafts = [session for session in rows if session.status != SessionStatus.PUBLISHED]
        with changes():
            for session in drafts:
                publish_session(session)
        already = len(rows) - len(drafts)
        told = [ngettext("%(n)d published.", "%(n)d published.", len(drafts)) % {"n": len(drafts)}]
        if already:
            text = ngettext(
                "%(n)d was already published.", "%(n)d were already published.", already
            )
            told.append(text % {"n": already})
        messages.success(request, " ".join(told))

    @admin.action(description=_("Move to another day or by minutes…"), permissions=["change"])
    def move_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        rows = self.changeable(request, queryset)
        return move_sessions_page(self, request, rows, "move_selected")

    @admin.action(description=_("Cancel…"), permissions=["change"])
    def cancel_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return cancel_sessions(self, request, self.changeable(request, queryset))
