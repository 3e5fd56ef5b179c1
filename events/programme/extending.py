"""Moving a session's end while it is on: later, where nothing is in the way, or to now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from events.access import Phase, phase_of, timeline_of
from events.actions import NotAllowed, move_session
from events.bounds import check_session_times
from events.changes import changes
from events.models import Session, SessionStatus

#: Longer is a new plan, and the planner's to make.
MOST_MINUTES: Final = 240
_BEGUN: Final = frozenset({Phase.LIVE, Phase.OVERRUN})
_ENDLESS: Final = frozenset({Phase.OVER, Phase.CANCELLED})


@dataclass(frozen=True)
class OneAtATime:
    """A place of this name that cannot hold two of these sessions at the same time."""

    name: str
    sessions: Q


FindPlace = Callable[[Session], OneAtATime | None]
_finders: list[FindPlace] = []


def register_place(find: FindPlace) -> None:
    """Let ``find`` say where else a session takes place, which another must find empty."""
    if find not in _finders:
        _finders.append(find)


def check_extension(session: Session, minutes: int, now: datetime) -> datetime:
    """The end that ``session`` would have, ``minutes`` later than now planned.

    Raises NotAllowed with a sentence: it is over, or something starts there before that end.
    """
    ends_at = later_end(session, minutes, now)
    for sentence in _in_the_way(session, ends_at):
        raise NotAllowed(sentence)
    return ends_at


def later_end(session: Session, minutes: int, now: datetime) -> datetime:
    """That end, whatever else takes place then. Raises NotAllowed when it is over, or too late."""
    if phase_of(session, timeline_of(session), now) in _ENDLESS:
        raise NotAllowed(_("The session is over or cancelled, so it cannot be extended."))
    if not 1 <= minutes <= MOST_MINUTES:
        raise NotAllowed(
            _("Extend it by 1 to %(most)d minutes at a time.") % {"most": MOST_MINUTES}
        )
    ends_at = session.ends_at + timedelta(minutes=minutes)
    try:
        check_session_times(session.starts_at, ends_at)
    except ValidationError as error:
        raise NotAllowed(" ".join(error.messages)) from error
    return ends_at


def _in_the_way(session: Session, ends_at: datetime) -> list[str]:
    """What starts in the same room, or with the same people, before the new end."""
    later = (
        Session.objects.filter(
            event=session.event_id, starts_at__gte=session.ends_at, starts_at__lt=ends_at
        )
        .exclude(pk=session.pk)
        .exclude(status=SessionStatus.CANCELLED)
        .order_by("starts_at", "title")
    )
    told = [
        _("“%(title)s” starts at %(time)s in the same room (%(room)s).")
        % {"title": there, "time": _clock(session, there), "room": place.name}
        for place in places_of(session)
        if (there := later.filter(place.sessions).first())
    ]
    people = session.speakers.all()
    if busy := later.filter(speakers__in=people).first():
        who = people.filter(pk__in=busy.speakers.all()).first()
        told.append(
            _("%(speaker)s is on stage in “%(title)s” from %(time)s on.")
            % {"speaker": who, "title": busy, "time": _clock(session, busy)}
        )
    return told


def places_of(session: Session) -> list[OneAtATime]:
    """Where the session takes place, as far as nothing else can at the same time."""
    found = [place for find in _finders if (place := find(session))]
    if session.location:
        found.insert(0, OneAtATime(session.location, Q(location=session.location)))
    return found


def _clock(session: Session, other: Session) -> str:
    return f"{other.starts_at.astimezone(session.event.zone):%H:%M}"


@changes()
def extend_session(session: Session, minutes: int, *, from_end: datetime, now: datetime) -> bool:
    """Move the end by ``minutes`` from ``from_end``, the end that whoever asks has seen.

    False when it has been done already, so asking twice moves it once. Raises NotAllowed, also
    when the end was moved elsewhere meanwhile.
    """
    current = _locked(session)
    if current.ends_at == from_end + timedelta(minutes=minutes):
        return False
    if current.ends_at != from_end:
        raise NotAllowed(
            _("Somebody has moved the end to %(time)s meanwhile. Look again before you extend it.")
            % {"time": f"{current.ends_at.astimezone(session.event.zone):%H:%M}"}
        )
    move_session(current, current.starts_at, check_extension(current, minutes, now))
    session.ends_at = current.ends_at
    return True


def end_now(session: Session, now: datetime) -> datetime:
    """The end that ``session`` gets when it is ended at ``now``: this minute.

    Raises NotAllowed while it has not begun, and once it is over.
    """
    phase = phase_of(session, timeline_of(session), now)
    if phase not in _BEGUN:
        raise NotAllowed(
            _("The session is over already.")
            if phase in _ENDLESS
            else _("The session has not begun. Cancel it, or move it, instead.")
        )
    this_minute = now.replace(second=0, microsecond=0)
    return min(session.ends_at, max(this_minute, session.starts_at + timedelta(minutes=1)))


@changes()
def end_session(session: Session, now: datetime) -> bool:
    """Let a session end now. False when its planned end is past, so that nothing moves.

    Raises NotAllowed as ``end_now`` does.
    """
    current = _locked(session)
    ends_at = end_now(current, now)
    if ends_at == current.ends_at:
        return False
    move_session(current, current.starts_at, ends_at)
    session.ends_at = ends_at
    return True


def _locked(session: Session) -> Session:
    """The session as it is now, until the commit nobody else's."""
    rows = Session.objects.select_for_update(of=("self",)).select_related("event")
    return rows.get(pk=session.pk)
