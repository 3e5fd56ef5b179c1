"""Moving many sessions of the plan at once: by minutes, to a day, a room, a track, or closer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.actions import NotAllowed
from events.admin.move import DAY_MINUTES
from events.admin.previews import (
    SESSION_WARNINGS,
    MovePreview,
    PreviewedForm,
    PreviewPage,
    PreviewRow,
    counted,
    day_field,
    render_preview,
    warnings_of,
)
from events.admin.scope import user_of
from events.admin.times import span
from events.models import Event, Session, SessionStatus
from events.moving import Move, Times, plan_moves
from events.planner.drawing import day_of, room_names
from events.planner.edits import PlannedEdit, apply_edits, check_blocks, placed_at, slot_of
from events.planner.steps import PlannedPlace

_KEEP = ""
_NONE = "-"


@dataclass(frozen=True)
class SessionMove:
    """One session, its times before and after with what is odd about them, and its new place."""

    move: Move
    place: PlannedPlace

    @property
    def session(self) -> Session:
        return self.move.session

    @property
    def changes(self) -> bool:
        return PlannedPlace.of(self.session) != self.place


class MovePlanForm(PreviewedForm):
    """What is left empty stays as it is."""

    minutes = forms.IntegerField(
        label=gettext_lazy("By minutes"),
        required=False,
        min_value=-DAY_MINUTES,
        max_value=DAY_MINUTES,
        help_text=gettext_lazy("15 means a quarter of an hour later, -15 earlier."),
    )
    to_day = day_field(
        gettext_lazy("To this day"),
        required=False,
        help_text=gettext_lazy("Every session keeps its time of day, in the zone of its event."),
    )
    to_room = forms.ChoiceField(label=gettext_lazy("To this room"), required=False)
    to_track = forms.ChoiceField(label=gettext_lazy("To this track"), required=False)
    gap = forms.IntegerField(
        label=gettext_lazy("One after the other, with a pause of minutes"),
        required=False,
        min_value=0,
        max_value=DAY_MINUTES,
        help_text=gettext_lazy(
            "In each room and on each day the first stays where it is, and the others follow it in "
            "their order. Empty: the pauses stay as they are."
        ),
    )

    def __init__(
        self, event: Event, sessions: list[Session], data: QueryDict | None = None
    ) -> None:
        super().__init__(data)
        self.event, self.sessions = event, sessions
        self.moved: list[SessionMove] = []
        fields: Any = self.fields
        rooms = dict.fromkeys(
            [*room_names(event), *sorted({s.location for s in _all(event)} - {""})]
        )
        keep = (_KEEP, _("as it is"))
        fields["to_room"].choices = [keep, (_NONE, _("no room")), *((f"={r}", r) for r in rooms)]
        tracks = [(str(track.pk), track.name) for track in event.tracks.all()]
        fields["to_track"].choices = [keep, (_NONE, _("no track")), *tracks]

    def make_preview(self) -> MovePreview:
        if not any(self.cleaned_data[name] not in (None, "") for name in self.fields):
            raise ValidationError(_("Say at least one thing that shall change."))
        moved = [each for each in self._moved() if each.changes]
        if not moved:
            raise ValidationError(_("Nothing would move: all of them are already there."))
        try:
            check_blocks(self.event, [placed_at(slot_of(m.session), m.place) for m in moved])
        except NotAllowed as error:
            raise ValidationError(_("Not allowed: %(reason)s") % {"reason": error}) from error
        self.moved = moved
        moves = [each.move for each in moved]
        return MovePreview(
            summary=ngettext(
                "%(moving)d of %(n)d session would move.",
                "%(moving)d of %(n)d sessions would move.",
                len(self.sessions),
            )
            % {"moving": len(moved), "n": len(self.sessions)},
            rows=[self._row(each) for each in moved],
            warnings=warnings_of(moves, SESSION_WARNINGS),
            moves=moves,
            identity=tuple((each.place.location, each.place.track_id) for each in moved),
        )

    def _moved(self) -> list[SessionMove]:
        moves = plan_moves(
            self.sessions, by=timedelta(minutes=self.cleaned_data["minutes"] or 0), to_day=None
        )
        if to_day := self.cleaned_data["to_day"]:
            moves = [_to_day(move, to_day) for move in moves]
        found = [SessionMove(move, self._place(move)) for move in moves]
        gap = self.cleaned_data["gap"]
        return found if gap is None else _compact(found, timedelta(minutes=gap))

    def _place(self, move: Move) -> PlannedPlace:
        room, track = self.cleaned_data["to_room"], self.cleaned_data["to_track"]
        session = move.session
        return PlannedPlace(
            move.after.starts_at,
            move.after.ends_at,
            session.location if room == _KEEP else room[1:] if room != _NONE else "",
            session.track_id if track == _KEEP else int(track) if track != _NONE else None,
        )

    def _row(self, moved: SessionMove) -> PreviewRow:
        tracks = dict(self.fields["to_track"].choices)  # type: ignore[attr-defined]
        before = PlannedPlace.of(moved.session)
        return PreviewRow(
            str(moved.session),
            _told(moved.move.before, before, moved, tracks),
            _told(moved.move.after, moved.place, moved, tracks),
            moved.move.note,
        )


def _all(event: Event) -> Any:
    return event.sessions.exclude(status=SessionStatus.CANCELLED)


def _told(times: Times, place: PlannedPlace, moved: SessionMove, tracks: dict[str, str]) -> str:
    """The times, and room and track where those change."""
    words = [span(times, moved.move.zone)]
    before = PlannedPlace.of(moved.session)
    if before.location != moved.place.location:
        words.append(place.location or _("no room"))
    if before.track_id != moved.place.track_id:
        words.append(str(tracks.get(str(place.track_id), "")) or _("no track"))
    return ", ".join(words)


def _to_day(move: Move, day: date) -> Move:
    """A move that has gone by minutes, to another day as well."""
    moved = _at(move.session, move.after)
    [again] = plan_moves([moved], to_day=day)
    return Move(move.session, move.before, again.after, again.note)


def _at(session: Session, times: Times) -> Session:
    """The session at other times, never to be saved."""
    copy = Session(event=session.event, title=session.title)
    copy.starts_at, copy.ends_at = times.starts_at, times.ends_at
    return copy


def _compact(moved: list[SessionMove], gap: timedelta) -> list[SessionMove]:
    """One after the other in each room, track and day; the first stays, each keeps its length."""

    def lane(each: SessionMove) -> tuple[str, int, date]:
        place = each.place
        local = place.starts_at.astimezone(each.move.zone).date()
        return place.location, 0 if place.location else place.track_id or 0, local

    found: list[SessionMove] = []
    ordered = sorted(moved, key=lambda each: (*lane(each), each.place.starts_at, each.session.pk))
    for _lane, its in groupby(ordered, key=lane):
        free = None
        for each in its:
            starts_at = free or each.place.starts_at
            ends_at = starts_at + (each.place.ends_at - each.place.starts_at)
            after = Times(starts_at.astimezone(UTC), ends_at.astimezone(UTC))
            move = replace(each.move, after=after)
            place = replace(each.place, starts_at=after.starts_at, ends_at=after.ends_at)
            found.append(SessionMove(move, place))
            free = ends_at + gap
    return found


# --- The page --------------------------------------------------------------------------------


def planner_move(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """Move the sessions that the address names, or all of a day."""
    sessions, title = _asked(request, event)
    back = reverse("admin:events_event_planner", args=[event.pk])
    if not sessions:
        messages.info(request, _("There is nothing to move: choose sessions, or a day with some."))
        return redirect(back)
    form = MovePlanForm(event, sessions, request.POST if request.method == "POST" else None)
    if form.is_confirmed and _apply(request, event, form):
        count = len(form.moved)
        text = ngettext(
            "%(n)d session moved. Undo in the planner takes it back.",
            "%(n)d sessions moved. Undo in the planner takes it back.",
            count,
        )
        messages.success(request, text % {"n": count})
        return redirect(back + _day_query(event, form.moved))
    page = PreviewPage(
        title=title,
        intro=_("What you leave empty stays as it is. Every session keeps its length."),
        yes=_("Yes, move them"),
        back=back,
        crumbs=[
            (_("Events"), reverse("admin:events_event_changelist")),
            (str(event), reverse("admin:events_event_change", args=[event.pk])),
            (_("Planner"), back),
        ],
    )
    return render_preview(modeladmin, request, form, page)


def _asked(request: HttpRequest, event: Event) -> tuple[list[Session], str]:
    rows = _all(event).select_related("event").order_by("starts_at", "title")
    pks = [pk for pk in request.GET.getlist("session") if pk.isascii() and pk.isdecimal()]
    if pks:
        found = list(rows.filter(pk__in=[int(pk[:15]) for pk in pks]))
        named = f"“{found[0]}”" if len(found) == 1 else counted(len(found), "session")
        return found, _("Move %(sessions)s") % {"sessions": named}
    day = day_of(request, event)
    found = [s for s in rows if s.starts_at.astimezone(event.zone).date() == day]
    return found, _("Move %(sessions)s of %(day)s") % {
        "sessions": counted(len(found), "session"),
        "day": day.isoformat(),
    }


def _apply(request: HttpRequest, event: Event, form: MovePlanForm) -> bool:
    edits = [
        PlannedEdit(each.session.pk, slot_of(each.session).version, each.place)
        for each in form.moved
    ]
    try:
        apply_edits(event, user_of(request), edits)
    except NotAllowed as error:
        form.add_error(None, str(error))
    except ValidationError as error:
        form.add_error(None, error.messages)
    return not form.errors


def _day_query(event: Event, moved: Sequence[SessionMove]) -> str:
    day = min(each.place.starts_at for each in moved).astimezone(event.zone).date()
    return f"?day={day.isoformat()}"
