"""Moving sessions on the wall clock of their event: what it would mean, and doing it.

A move is counted on the clock that hangs in the event's zone, so a talk at 10:00 stays
at 10:00 though the clocks change in between. Its length stays too, in real time. Where
the wall time is not one moment, ``zoneinfo`` decides: an hour that the clocks skip is
read with the offset before the jump (02:30 becomes 03:30), of an hour that comes twice
the first is meant. Each such case carries a note for the person who moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from events.actions import move_session, save_planned
from events.changes import changes
from events.i18n.dates import in_letters
from events.models import Event, Session
from events.zones import zone_label

# A year outside these is a slip of the keyboard, such as 0203 or 20300.
FIRST_YEAR, LAST_YEAR = 2000, 2199


@dataclass(frozen=True)
class Times:
    """From when to when, as instants in UTC."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Move:
    """One session's times before and after, and what is odd about the new ones."""

    session: Session
    before: Times
    after: Times
    note: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return self.session.event.zone

    @property
    def changes(self) -> bool:
        return self.before != self.after


def plan_moves(
    sessions: Iterable[Session], *, by: timedelta | None = None, to_day: date | None = None
) -> list[Move]:
    """What moving them would mean, ``by`` wall-clock time or ``to_day`` of their event's zone.

    Raises ValidationError with a sentence for each session that cannot move.
    """
    moves, errors = [], []
    for session in sessions:
        try:
            moves.append(_moved(session, _distance(session, to_day) if to_day else by))
        except OverflowError:
            errors.append(
                f"“{session}” would leave the years {FIRST_YEAR} to {LAST_YEAR}. "
                "Check the year that you typed."
            )
    if errors:
        raise ValidationError(errors)
    return moves


@changes()
def apply_moves(moves: Iterable[Move]) -> None:
    """Do exactly what was planned, and all of it.

    Raises ValidationError naming the sessions that were moved or deleted since.
    """
    moves = list(moves)
    now = {session.pk: session for session in _locked(move.session for move in moves)}
    stale = [move for move in moves if not _is_at(now.get(move.session.pk), move.before)]
    if stale:
        told = "was moved or deleted in the meantime. Please check again."
        raise ValidationError([f"“{move.session}” {told}" for move in stale])
    for move in moves:
        if move.changes:
            move_session(now[move.session.pk], move.after.starts_at, move.after.ends_at)


@changes()
def move_sessions(
    sessions: Iterable[Session], *, by: timedelta | None = None, to_day: date | None = None
) -> list[Move]:
    """Move sessions by a time on the wall clock, or to a day; all of them or none.

    Raises ValidationError as ``plan_moves`` does.
    """
    moves = plan_moves(_locked(sessions), by=by, to_day=to_day)
    apply_moves(moves)
    return moves


@changes()
def move_event(event: Event, *, starts_on: date) -> list[Move]:
    """Let an event begin on another day; its last day and all sessions come along.

    Raises ValidationError naming the field, or the session that cannot move.
    """
    event.refresh_from_db(from_queryset=Event.objects.select_for_update(no_key=True))
    by = days_between(event, starts_on)
    event.starts_on, event.ends_on = starts_on, event.ends_on + by
    save_planned(event, ["starts_on", "ends_on", "updated_at"])
    return move_sessions(event.sessions.all(), by=by)


def days_between(event: Event, starts_on: date) -> timedelta:
    """How far an event moves that is to begin on ``starts_on``.

    Raises ValidationError when its days would be in a year that nobody means.
    """
    length = event.ends_on - event.starts_on
    if not FIRST_YEAR <= starts_on.year <= LAST_YEAR - length.days // 365:
        raise ValidationError(
            {"starts_on": f"Choose a day in the years {FIRST_YEAR} to {LAST_YEAR}."}
        )
    return starts_on - event.starts_on


def _locked(sessions: Iterable[Session]) -> list[Session]:
    """The sessions as they stand now, held until the end of the transaction; always in one
    order, so that two movers never wait for each other."""
    found = Session.objects.select_for_update(of=("self",)).select_related("event")
    return list(found.filter(pk__in=[session.pk for session in sessions]).order_by("pk"))


def _is_at(session: Session | None, times: Times) -> bool:
    return session is not None and (session.starts_at, session.ends_at) == (
        times.starts_at,
        times.ends_at,
    )


def _distance(session: Session, day: date) -> timedelta:
    return day - session.starts_at.astimezone(session.event.zone).date()


def _moved(session: Session, by: timedelta | None) -> Move:
    """Raises OverflowError for a year that nobody means."""
    # In UTC, for two times of one zone are subtracted as wall-clock times.
    before = Times(session.starts_at.astimezone(UTC), session.ends_at.astimezone(UTC))
    if not by:
        return Move(session, before, before)
    zone = session.event.zone
    # Sums of datetimes with a zone are wall-clock time, and mean the first of two equal hours.
    start, end = (moment.astimezone(zone) + by for moment in (before.starts_at, before.ends_at))
    if not FIRST_YEAR <= start.year <= end.year <= LAST_YEAR:
        raise OverflowError
    starts_at = start.astimezone(UTC)
    after = Times(starts_at, starts_at + (before.ends_at - before.starts_at))
    return Move(session, before, after, _note(start, end, after, zone))


def _note(start: datetime, end: datetime, after: Times, zone: ZoneInfo) -> str:
    """What is odd about the times after a move to ``start`` and ``end`` on the wall clock."""
    begins, ends = after.starts_at.astimezone(zone), after.ends_at.astimezone(zone)
    if _clock(begins) != _clock(start):
        text = _(
            "%(time)s does not exist on %(day)s in %(zone)s, where the clocks go forward: it will "
            "begin at %(begins)s."
        )
        return text % (_told(start, zone) | {"begins": f"{begins:%H:%M}"})
    if start.utcoffset() != start.replace(fold=1).utcoffset():
        text = _(
            "%(time)s comes twice on %(day)s in %(zone)s, where the clocks go back: it will begin "
            "at the first, %(first)s."
        )
        return text % (_told(start, zone) | {"first": zone_label(after.starts_at, zone)})
    if _clock(ends) != _clock(end):
        text = _(
            "It will end at %(new)s instead of %(old)s: the clocks change, its length stays the "
            "same."
        )
        return text % {"new": f"{ends:%H:%M}", "old": f"{end:%H:%M}"}
    return ""


def _told(start: datetime, zone: ZoneInfo) -> dict[str, str]:
    day = in_letters(start, "D d M Y")
    return {"time": f"{start:%H:%M}", "day": day, "zone": zone.key}


def _clock(local: datetime) -> datetime:
    """What hangs on the wall: date and time of day, whatever the offset."""
    return local.replace(tzinfo=None, fold=0)
