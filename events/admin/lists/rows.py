"""One row of the list of sessions, edited without leaving the list.

The same rule as the planner's: whoever saves names the version that they saw, and where somebody
else was quicker they see what it is now, and decide (``events/planner/edits.py``).
"""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.actions import NotAllowed
from events.admin.saving import says_what_waits
from events.admin.scope import user_of
from events.admin.times import ZonedDateTimeField, span
from events.drafts.overlay import overlay
from events.models import Session, SessionStatus
from events.planner.drawing import room_names, unnamed_rooms
from events.planner.edits import ChangedMeanwhile, PlannedEdit, edit_row, slot_of
from events.planner.steps import PlannedPlace

#: A cancelled session comes back by its form, and is cancelled after a question.
_STATUSES: Final = (SessionStatus.DRAFT, SessionStatus.PUBLISHED)


class SessionRowForm(forms.Form):
    """Times, room, track and status of one session."""

    location = forms.CharField(label=gettext_lazy("Room"), max_length=200, required=False)
    track = forms.ChoiceField(label=gettext_lazy("Track"), required=False)
    status = forms.ChoiceField(label=gettext_lazy("Status"))
    version = forms.CharField(widget=forms.HiddenInput)

    field_order = ("starts_at", "ends_at", "location", "track", "status", "version")

    def __init__(self, session: Session, data: Any = None) -> None:
        self.session, event = session, session.event
        super().__init__(data, initial=_initial(session), prefix="row")
        zone = {"zone": event.timezone}
        self.fields["starts_at"] = ZonedDateTimeField(
            zone=event.zone, label=_("Starts (%(zone)s)") % zone
        )
        self.fields["ends_at"] = ZonedDateTimeField(
            zone=event.zone, label=_("Ends (%(zone)s)") % zone
        )
        self.order_fields(self.field_order)
        tracks = [(str(pk), name) for pk, name in event.tracks.values_list("pk", "name")]
        self.fields["track"].choices = [("", _("No track")), *tracks]  # type: ignore[attr-defined]
        self.fields["status"].choices = [  # type: ignore[attr-defined]
            (each.value, each.label) for each in _STATUSES
        ]
        self.fields["location"].widget.attrs["list"] = "row-rooms"
        self.rooms = [*room_names(event), *unnamed_rooms(event)]

    def save(self, user: Any) -> bool:
        """Raises ChangedMeanwhile and others of NotAllowed, and ValidationError by field."""
        wanted = self.cleaned_data
        track = int(wanted["track"]) if wanted["track"] else None
        times = wanted["starts_at"], wanted["ends_at"]
        place = PlannedPlace(*times, wanted["location"], track)
        edit = PlannedEdit(self.session.pk, wanted["version"], place)
        return edit_row(self.session.event, user, edit, wanted["status"])

    def see_newer(self) -> None:
        """Show what it is now, and take the next save as one that knows."""
        self.session = Session.objects.select_related("event").get(pk=self.session.pk)
        overlay([self.session])
        newer = {self.add_prefix("version"): slot_of(self.session).version}
        self.data = {**self.data.dict(), **newer}  # type: ignore[attr-defined]


def _initial(session: Session) -> dict[str, Any]:
    return {
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "location": session.location,
        "track": str(session.track_id or ""),
        "status": session.status,
        "version": slot_of(session).version,
    }


def row_link(request: HttpRequest) -> Any:
    """A column with the way to edit the row here, for those rows that the person may change."""

    @admin.display(description=_("edit"))
    def link(session: Session) -> str:
        closed = session.status == SessionStatus.CANCELLED
        if closed or not request.user.has_perm("events.change_session", session):
            return ""
        url = reverse("admin:events_session_row", args=[session.pk])
        return format_html(
            '<a class="row-link" data-row-edit href="{}?{}" aria-label="{}" title="{}">✎</a>',
            url,
            urlencode({"back": request.get_full_path()}),
            _("Edit “%(session)s” here") % {"session": session.title},
            _("Times, room, track, status"),
        )

    link.__name__ = "row_link"
    return link


def row_page(modeladmin: Any, request: HttpRequest, session: Session) -> HttpResponse:
    """The form alone for the script of the list (``part=1``), or as a page of its own."""
    is_part = request.GET.get("part") == "1"
    back = _back(request, session)
    if session.status == SessionStatus.CANCELLED:
        return redirect("admin:events_session_change", session.pk)
    form = SessionRowForm(session, request.POST if request.method == "POST" else None)
    newer, status = None, 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                with says_what_waits(request):
                    _save(modeladmin, request, form)
                return HttpResponse(status=204) if is_part else redirect(back)
            except ChangedMeanwhile as error:
                form.add_error(None, str(error))
                if not Session.objects.filter(pk=session.pk).exists():
                    return redirect(back)
                form.see_newer()
                newer, status = form.session, 409
            except ValidationError as error:
                form.add_error(None, error.messages)
            except NotAllowed as error:
                form.add_error(None, str(error))
    context = {
        "session": session,
        "form": form,
        "newer": newer,
        "newer_when": span(newer, newer.event.zone) if newer else "",
        "back": back,
        "address": f"{request.path}?{urlencode({'back': back})}",
    }
    if is_part:
        template, frame = "admin/events/lists/_row.html", {}
    else:
        template = "admin/events/lists/row.html"
        frame = {
            **modeladmin.admin_site.each_context(request),
            "title": _("Edit “%(session)s”") % {"session": session},
            "opts": modeladmin.opts,
        }
    return TemplateResponse(request, template, {**frame, **context}, status=status)


def _save(modeladmin: Any, request: HttpRequest, form: SessionRowForm) -> None:
    session, before = form.session, form.session.get_status_display()
    if not form.save(user_of(request)):
        return
    if form.cleaned_data["status"] != session.status:
        after = SessionStatus(form.cleaned_data["status"]).label
        modeladmin.log_change(request, session, f"Status: {before} → {after}.")
    modeladmin.message_user(request, _("“%(session)s” is saved.") % {"session": session})


def _back(request: HttpRequest, session: Session) -> str:
    """The list that somebody came from; it names no other site."""
    asked = request.GET.get("back", "")
    own = reverse("admin:events_session_changelist")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours and asked.startswith(own) else f"{own}?event={session.event_id}"
