"""Room, track, type or status of several sessions of one event at once, after a preview."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.actions import NotAllowed, save_planned, set_session_status
from events.admin.previews import (
    CONFIRMED,
    PREVIEW,
    MovePreview,
    PreviewedForm,
    PreviewPage,
    PreviewRow,
    counted,
    render_preview,
)
from events.admin.scope import user_of
from events.changes import changes
from events.drafts.overlay import is_going, overlay
from events.models import Session, SessionStatus, SessionType
from events.planner.drawing import room_names, unnamed_rooms
from events.planner.edits import PlannedEdit, apply_edits, slot_of
from events.planner.steps import PlannedPlace

ACTION: Final = "set_selected"
_LEAVE: Final = ("", gettext_lazy("Leave as it is"))
_NONE: Final = "none"


@dataclass(frozen=True)
class _Wanted:
    """What one session becomes, beside what it is."""

    session: Session
    place: PlannedPlace
    session_type: str
    status: str

    @property
    def changes(self) -> bool:
        session = self.session
        now = (PlannedPlace.of(session), session.session_type, session.status)
        return now != (self.place, self.session_type, self.status)


class SetSessionsForm(PreviewedForm):
    """Each may be left as it is."""

    room = forms.CharField(
        label=gettext_lazy("Room"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Empty: left as it is."),
    )
    no_room = forms.BooleanField(label=gettext_lazy("No room"), required=False)
    track = forms.ChoiceField(label=gettext_lazy("Track"), required=False)
    session_type = forms.ChoiceField(
        label=gettext_lazy("Type"), required=False, choices=[_LEAVE, *SessionType.choices]
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[
            _LEAVE,
            *((each.value, each.label) for each in SessionStatus if each != "cancelled"),
        ],
    )

    def __init__(self, sessions: list[Session], data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.sessions, self.event = sessions, sessions[0].event
        self.tracks = self.event.tracks.in_bulk()
        self.fields["track"].choices = [  # type: ignore[attr-defined]
            _LEAVE,
            (_NONE, _("No track")),
            *((str(track.pk), track.name) for track in self.tracks.values()),
        ]
        rooms = [*room_names(self.event), *unnamed_rooms(self.event)]
        if rooms:
            # The admin takes the help of a field for HTML.
            self.fields["room"].help_text = _("Empty: left as it is. Rooms: %(names)s.") % {
                "names": escape(", ".join(rooms[:20]))
            }

    def make_preview(self) -> MovePreview:
        asked = self.cleaned_data
        if asked["room"] and asked["no_room"]:
            raise ValidationError(_("Enter a room, or choose “No room”."))
        wanted = [each for each in self.wanted() if each.changes]
        if not wanted:
            raise ValidationError(_("Nothing would change."))
        return MovePreview(
            summary=ngettext(
                "%(changing)d of %(n)d session would change.",
                "%(changing)d of %(n)d sessions would change.",
                len(self.sessions),
            )
            % {"changing": len(wanted), "n": len(self.sessions)},
            rows=[self._row(each) for each in wanted],
            warnings=[],
            moves=[],
            identity=tuple(
                (e.session.pk, _version(e.session), e.place, e.session_type, e.status)
                for e in wanted
            ),
        )

    def wanted(self) -> Iterator[_Wanted]:
        asked = self.cleaned_data
        for session in self.sessions:
            place = PlannedPlace.of(session)
            if asked["room"] or asked["no_room"]:
                place = replace(place, location=asked["room"])
            if asked["track"]:
                track = None if asked["track"] == _NONE else int(asked["track"])
                place = replace(place, track_id=track)
            kind = asked["session_type"] or session.session_type
            yield _Wanted(session, place, kind, asked["status"] or session.status)

    def _row(self, wanted: _Wanted) -> PreviewRow:
        session = wanted.session
        before = self._words(PlannedPlace.of(session), session.session_type, session.status)
        after = self._words(wanted.place, wanted.session_type, wanted.status)
        return PreviewRow(str(session), before, after)

    def _words(self, place: PlannedPlace, kind: str, status: str) -> str:
        track = self.tracks.get(place.track_id) if place.track_id else None
        room = place.location or _("no room")
        named = track.name if track else _("no track")
        labels = (SessionType(kind).label, SessionStatus(status).label)
        return ", ".join(map(str, (room, named, *labels)))


def _version(session: Session) -> tuple[str, str]:
    """Names what somebody saw of it: place and status, and its type."""
    return slot_of(session).version, session.session_type


def set_sessions_page(modeladmin: Any, request: HttpRequest, sessions: Any) -> HttpResponse | None:
    """The question, or None when it is done, or cannot be asked."""
    rows = list(sessions.select_related("event").order_by("starts_at", "title"))
    overlay(rows)
    rows = [row for row in rows if row.status != SessionStatus.CANCELLED and not is_going(row)]
    if not rows:
        messages.info(request, _("Nothing to set: cancelled sessions stay as they are."))
        return None
    if len({row.event_id for row in rows}) > 1:
        messages.warning(request, _("Choose sessions of one event: rooms and tracks are its own."))
        return None
    asked = PREVIEW in request.POST or CONFIRMED in request.POST
    form = SetSessionsForm(rows, request.POST if asked else None)
    if form.is_confirmed and _apply(modeladmin, request, form):
        return None
    across = request.POST.get("select_across") == "1"
    chosen = [str(row.pk) for row in (rows[:1] if across else rows)]
    page = PreviewPage(
        title=_("Set %(sessions)s") % {"sessions": counted(len(rows), "session")},
        intro=_("What you leave as it is stays so for each of them."),
        yes=_("Yes, set them"),
        back=request.get_full_path(),
        crumbs=[(_("Sessions"), request.get_full_path())],
        hidden=[
            ("action", ACTION),
            ("select_across", "1" if across else "0"),
            *((ACTION_CHECKBOX_NAME, pk) for pk in chosen),
        ],
    )
    return render_preview(modeladmin, request, form, page)


def _apply(modeladmin: Any, request: HttpRequest, form: SetSessionsForm) -> bool:
    """All of them or none."""
    wanted = [each for each in form.wanted() if each.changes]
    try:
        with changes():
            edits = [
                PlannedEdit(each.session.pk, slot_of(each.session).version, each.place)
                for each in wanted
            ]
            apply_edits(form.event, user_of(request), edits)
            for each in wanted:
                _set_rest(modeladmin, request, each)
    except NotAllowed as error:
        form.add_error(None, str(error))
        return False
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    text = ngettext("%(n)d session is set.", "%(n)d sessions are set.", len(wanted))
    messages.success(request, text % {"n": len(wanted)})
    return True


def _set_rest(modeladmin: Any, request: HttpRequest, wanted: _Wanted) -> None:
    """Type and status; the place is set. The row is read again, for others may have saved."""
    before = wanted.session
    session = Session.objects.select_related("event").get(pk=before.pk)
    overlay([session])
    said = []
    if wanted.session_type != before.session_type:
        session.session_type = wanted.session_type
        save_planned(session, ["session_type", "updated_at"])
        said.append(f"Type: {SessionType(wanted.session_type).label}.")
    if wanted.status != before.status:
        set_session_status(session, wanted.status)
        said.append(f"Status: {SessionStatus(wanted.status).label}.")
    if said:
        modeladmin.log_change(request, session, " ".join(said))
