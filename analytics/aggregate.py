"""From reported rows to one SessionAttendance per person, for pages and files.

Everything here may run at any time and any number of times: only what differs is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from analytics.figures.renewal import renew
from analytics.metrics import Interval, StayTimes
from analytics.models import SessionAttendance, Stay, ViewerTotal
from events.models import Session


class StayRecord(NamedTuple):
    """The columns of a Stay that metrics need. Light: a session may have tens of thousands."""

    source: str
    user_id: int | None
    remote_user_id: str
    name: str
    pulled_at: datetime
    joined_at: datetime
    left_at: datetime | None
    attention: Decimal | None
    run_ended_at: datetime | None

    @property
    def times(self) -> StayTimes:
        """The stay as metrics see it."""
        known_until = self.run_ended_at or self.pulled_at
        return StayTimes(self.joined_at, self.left_at, known_until, self.attention, self.source)


def stays_in(session: Session) -> Iterator[StayRecord]:
    """All stays of the session's runs."""
    fields = [*StayRecord._fields[:-1], "run__ended_at"]
    stays = Stay.objects.filter(run__session=session).order_by("pk").values_list(*fields)
    return (StayRecord(*values) for values in stays.iterator(chunk_size=2000))


def person_key(row: StayRecord | Stay | ViewerTotal) -> str:
    """Who a row is about: our user, else the source's own id of the person.

    Whose name is not kept has one token in all sources (privacy/unnamed.py).
    An id of "0" is taken for none, as it is with times. Only where a source has no id at
    all do equal names count as one guest. figures/presence.py says the same in SQL.
    """
    if row.user_id:
        return f"user:{row.user_id}"
    if row.remote_user_id.startswith("unnamed:"):
        return row.remote_user_id
    if row.remote_user_id not in ("", "0"):
        return f"{row.source}:{row.remote_user_id}"
    return f"{row.source}:name:{row.name}"


def rebuild(session_pk: int) -> int:
    """Compute the session's attendance anew. Returns how many people; 0 for a deleted session."""
    renew([session_pk], force=True)
    return SessionAttendance.objects.filter(session_id=session_pk).count()


def rebuild_all(session_pks: Iterable[int]) -> None:
    """Compute the attendance of several sessions anew."""
    renew(session_pks, force=True)


def stays_by_person(session: Session) -> dict[str, list[Interval]]:
    """The reported intervals of everyone whose times of joining are known, by person_key."""
    people: dict[str, list[Interval]] = {}
    for stay in stays_in(session):
        people.setdefault(person_key(stay), []).append(stay.times.interval)
    return people
