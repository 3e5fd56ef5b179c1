"""From reported rows to one SessionAttendance per person, for pages and files.

``rebuild`` may run at any time and any number of times: it replaces what was there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from analytics.match import schedule_of
from analytics.metrics import (
    AttendanceMetrics,
    Interval,
    Schedule,
    StayTimes,
    WatchTotals,
    metrics_from_stays,
    metrics_from_totals,
)
from analytics.models import SessionAttendance, Source, Stay, ViewerTotal
from events.models import Session


class StayRecord(NamedTuple):
    """The columns of a Stay that metrics need. Light: a session may have tens of thousands."""

    source: str
    user_id: int | None
    remote_user_id: str
    name: str
    email: str
    matched_by: str
    pulled_at: datetime
    joined_at: datetime
    left_at: datetime | None
    attention: Decimal | None
    run_ended_at: datetime | None

    @property
    def times(self) -> StayTimes:
        """The stay as metrics see it."""
        known_until = self.run_ended_at or self.pulled_at
        return StayTimes(self.joined_at, self.left_at, known_until, self.attention)


def stays_in(session: Session) -> Iterator[StayRecord]:
    """All stays of the session's runs."""
    fields = [*StayRecord._fields[:-1], "run__ended_at"]
    stays = Stay.objects.filter(run__session=session).order_by("pk").values_list(*fields)
    return (StayRecord(*values) for values in stays.iterator(chunk_size=2000))


ReportedRow = StayRecord | Stay | ViewerTotal


@dataclass
class PersonActivity:
    """All that the sources say about one person in one session."""

    key: str
    pulled_at: datetime
    user_id: int | None = None
    name: str = ""
    email: str = ""
    matched_by: str = ""
    stays: list[StayTimes] = field(default_factory=list)
    totals: WatchTotals | None = None
    sources: set[str] = field(default_factory=set)

    def add_row(self, row: ReportedRow) -> None:
        """Take over what every reported row says about its person."""
        self.user_id = row.user_id
        self.matched_by = self.matched_by or row.matched_by
        self.name = self.name or row.name
        self.sources.add(row.source)
        # A result is only as recent as the oldest report it rests on.
        self.pulled_at = min(self.pulled_at, row.pulled_at)


def person_key(row: ReportedRow) -> str:
    """Who a row is about: our user, else the source's own id of the person.

    An id of "0" is taken for none, as it is with times. Only where a source has no id at
    all do equal names count as one guest.
    """
    if row.user_id:
        return f"user:{row.user_id}"
    if row.remote_user_id not in ("", "0"):
        return f"{row.source}:{row.remote_user_id}"
    return f"{row.source}:name:{row.name}"


def activity_in(session: Session) -> list[PersonActivity]:
    """Everyone the sources reported, each with all of their rows."""
    # In the order of the rows' keys, so that a person's name and e-mail address come from the
    # same row at every rebuild.
    people: dict[str, PersonActivity] = {}
    for stay in stays_in(session):
        person = people.setdefault(key := person_key(stay), PersonActivity(key, stay.pulled_at))
        person.add_row(stay)
        person.email = person.email or stay.email
        person.stays.append(stay.times)
    totals = ViewerTotal.objects.filter(session=session, is_anonymous=False).order_by("pk")
    for total in totals.defer("raw").iterator(chunk_size=2000):
        person = people.setdefault(key := person_key(total), PersonActivity(key, total.pulled_at))
        person.add_row(total)
        person.totals = WatchTotals(total.live_minutes, total.recording_minutes, total.engaged)
    return list(people.values())


def metrics_of(person: PersonActivity, schedule: Schedule) -> AttendanceMetrics:
    """The person's metrics: from times of joining and leaving if known, else from sums."""
    if person.stays or person.totals is None:
        return metrics_from_stays(person.stays, schedule, person.totals)
    return metrics_from_totals(person.totals, schedule)


def attendance_row(
    session: Session, person: PersonActivity, schedule: Schedule
) -> SessionAttendance:
    """The person's row, not saved yet."""
    metrics = metrics_of(person, schedule)
    return SessionAttendance(
        session=session,
        user_id=person.user_id,
        person_key=person.key,
        name=person.name,
        email=person.email,
        attended=metrics.attended,
        first_joined_at=metrics.first_joined,
        last_left_at=metrics.last_left,
        join_count=metrics.join_count,
        minutes_present=metrics.minutes_present,
        scheduled_percent=metrics.scheduled_percent,
        open_interval=metrics.open_interval,
        attention_percent=metrics.attention_percent,
        live_minutes=metrics.live_minutes,
        recording_minutes=metrics.recording_minutes,
        sources="+".join(source for source in Source.values if source in person.sources),
        matched_by=person.matched_by,
        pulled_at=person.pulled_at,
    )


@transaction.atomic
def rebuild(session_pk: int) -> int:
    """Replace the session's attendance. Returns how many people; 0 for a deleted session."""
    # Without the lock two rebuilds at once would both delete and then both insert; on
    # SQLite, where this locks nothing, transactions wait for each other anyway.
    session = (
        Session.objects.select_for_update(of=("self",))
        .select_related("event")
        .filter(pk=session_pk)
        .first()
    )
    if session is None:
        return 0
    schedule = schedule_of(session)
    rows = [attendance_row(session, person, schedule) for person in activity_in(session)]
    SessionAttendance.objects.filter(session=session).delete()
    SessionAttendance.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def rebuild_all(session_pks: Iterable[int]) -> int:
    """Replace the attendance of several sessions, each in its own transaction."""
    return sum(rebuild(pk) for pk in sorted(set(session_pks)))


def stays_by_person(session: Session) -> dict[str, list[Interval]]:
    """The reported intervals of everyone whose times of joining are known, by person_key."""
    people: dict[str, list[Interval]] = {}
    for stay in stays_in(session):
        people.setdefault(person_key(stay), []).append(stay.times.interval)
    return people
