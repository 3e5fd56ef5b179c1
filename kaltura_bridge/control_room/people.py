"""How many people are there now, against how many could be, for many sessions at once.

Kaltura's own count comes from the answer that the desks share (live/numbers.py). Apps above this
one add what they count; each is asked once for all sessions. An event's privacy may keep numbers
back (join/privacy.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count

from events.access import Phase
from events.models import Registration, Session, SessionPlace
from kaltura_bridge.audience.live import LiveAudience
from kaltura_bridge.control_room.hours import WatchedSession
from kaltura_bridge.join.denial_counts import denials_of_all
from kaltura_bridge.join.privacy import ShowCount, count_rules_of
from kaltura_bridge.live.numbers import RECENT, audience_of
from kaltura_bridge.models import LaunchTicket

# When Kaltura is asked who watches.
_COUNTED: Final = frozenset({Phase.OPEN, Phase.LIVE, Phase.OVERRUN})

#: How many are on the page of each session, by its primary key; what is not counted is left out.
CountOnPage = Callable[[Sequence[Session], datetime], Mapping[int, int]]

_counters: list[CountOnPage] = []


def register(count: CountOnPage) -> None:
    """Ask ``count`` whenever a control room is shown."""
    if count not in _counters:
        _counters.append(count)


@dataclass(frozen=True)
class PeopleCount:
    """People of one session, each None where nobody could say, or where it may not be told.

    ``watching``: by Kaltura. ``on_page``: by the portal, of those who agreed to be noted.
    ``came_in``: whom the portal has let in within a day. ``expected``: who has a place, or is
    registered for the event. ``is_withheld``: a number is kept back. ``denials``: how often
    somebody was not let in within the last minutes.
    """

    watching: int | None = None
    on_page: int | None = None
    came_in: int | None = None
    expected: int | None = None
    is_withheld: bool = False
    denials: int = 0

    @property
    def now(self) -> int | None:
        """The best that is known of who is there."""
        return self.watching if self.watching is not None else self.on_page


def people_of(
    rows: Sequence[WatchedSession], phases: Mapping[int, Phase], now: datetime
) -> dict[int, PeopleCount]:
    """The counts of each session by its primary key: three queries, however many they are."""
    sessions = [row.session for row in rows]
    watching = _watching(rows, phases)
    on_page = {pk: n for count in _counters for pk, n in count(sessions, now).items()}
    came_in, expected = _came_in(sessions), _expected(sessions)
    denials = denials_of_all(sessions, int(RECENT.total_seconds() // 60))
    rules = count_rules_of({session.event for session in sessions})
    return {
        session.pk: _told(
            rules[session.event_id],
            denials[session.pk],
            watching=watching.get(session.pk),
            on_page=on_page.get(session.pk),
            came_in=came_in.get(session.pk, 0),
            expected=expected.get(session.pk, 0),
        )
        for session in sessions
    }


def _told(rule: ShowCount, denials: int, **numbers: int | None) -> PeopleCount:
    # Nobody is hidden behind a zero.
    shown = {name: rule(n) if n else n for name, n in numbers.items()}
    is_withheld = any(numbers[name] and shown[name] is None for name in numbers)
    return PeopleCount(**shown, is_withheld=is_withheld, denials=denials)


def _watching(rows: Iterable[WatchedSession], phases: Mapping[int, Phase]) -> dict[int, int]:
    """Kaltura's count of broadcasts that may be on. It is not waited for: the next look has it."""
    found: dict[int, int] = {}
    for row in rows:
        if row.entry_id and phases[row.session.pk] in _COUNTED:
            audience: LiveAudience | None = audience_of(row.session, row.entry_id, 0).value
            if audience is not None and audience.now is not None:
                found[row.session.pk] = audience.now
    return found


def _came_in(sessions: Sequence[Session]) -> dict[int, int]:
    tickets = LaunchTicket.objects.filter(session__in=sessions, redeemed_at__isnull=False)
    rows = tickets.exclude(page="recording").order_by().values_list("session")
    return dict(rows.annotate(people=Count("user", distinct=True)))


def _expected(sessions: Sequence[Session]) -> dict[int, int]:
    """Places that are taken, or where a session has no limit, everybody who is registered."""
    limited = [session.pk for session in sessions if session.capacity is not None]
    places = SessionPlace.objects.filter(session__in=limited, taken_at__isnull=False)
    taken = dict(places.order_by().values_list("session").annotate(people=Count("pk")))
    events = {session.event_id for session in sessions}
    registered = Registration.objects.filter(event__in=events, withdrawn_at=None)
    all_of = dict(registered.order_by().values_list("event").annotate(people=Count("pk")))
    return {
        session.pk: taken.get(session.pk, 0)
        if session.capacity is not None
        else all_of.get(session.event_id, 0)
        for session in sessions
    }
