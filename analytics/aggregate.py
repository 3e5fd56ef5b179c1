"""Figures of a session, made from the raw rows and kept for pages and files.

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
    Figures,
    Interval,
    Presence,
    Schedule,
    Totals,
    presence_figures,
    totals_figures,
)
from analytics.models import SessionAttendance, Source, Stay, ViewerTotal
from events.models import Session


class SeenStay(NamedTuple):
    """A raw stay, as light as the figures need it: a session may have tens of thousands."""

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
    def presence(self) -> Presence:
        """The stay as the figures see it."""
        known_until = self.run_ended_at or self.pulled_at
        return Presence(self.joined_at, self.left_at, known_until, self.attention)


def stays_in(session: Session) -> Iterator[SeenStay]:
    """All stays of the session's runs."""
    fields = [*SeenStay._fields[:-1], "run__ended_at"]
    stays = Stay.objects.filter(run__session=session).order_by("pk").values_list(*fields)
    return (SeenStay(*values) for values in stays.iterator(chunk_size=2000))


Row = SeenStay | Stay | ViewerTotal


@dataclass
class Seen:
    """All that the sources say of one person in one session."""

    key: str
    pulled_at: datetime
    user_id: int | None = None
    name: str = ""
    email: str = ""
    matched_by: str = ""
    stays: list[Presence] = field(default_factory=list)
    totals: Totals | None = None
    sources: set[str] = field(default_factory=set)

    def note(self, row: Row) -> None:
        """Take over what every reported row says of its person."""
        self.user_id = row.user_id
        self.matched_by = self.matched_by or row.matched_by
        self.name = self.name or row.name
        self.sources.add(row.source)
        # Figures are as old as the oldest report they rest on.
        self.pulled_at = min(self.pulled_at, row.pulled_at)


def person_key(row: Row) -> str:
    """Who a row is about: the account, else whoever the source says, told apart by its own id.

    Only where a source has no id at all do equal names mean one guest.
    """
    if row.user_id:
        return f"user:{row.user_id}"
    if row.remote_user_id not in ("", "0"):
        return f"{row.source}:{row.remote_user_id}"
    return f"{row.source}:name:{row.name}"


def seen_in(session: Session) -> list[Seen]:
    """Everyone the sources saw, with what they said."""
    people: dict[str, Seen] = {}
    for stay in stays_in(session):
        person = people.setdefault(key := person_key(stay), Seen(key, stay.pulled_at))
        person.note(stay)
        person.email = person.email or stay.email
        person.stays.append(stay.presence)
    totals = ViewerTotal.objects.filter(session=session, is_anonymous=False).order_by("pk")
    for total in totals.defer("raw").iterator(chunk_size=2000):
        person = people.setdefault(key := person_key(total), Seen(key, total.pulled_at))
        person.note(total)
        person.totals = Totals(total.live_minutes, total.recording_minutes, total.engaged)
    return list(people.values())


def figures_of(person: Seen, schedule: Schedule) -> Figures:
    """The person's figures: from comings and goings where there are any, else from sums."""
    if person.stays or person.totals is None:
        return presence_figures(person.stays, schedule, person.totals)
    return totals_figures(person.totals, schedule)


def attendance_row(session: Session, person: Seen, schedule: Schedule) -> SessionAttendance:
    figures = figures_of(person, schedule)
    return SessionAttendance(
        session=session,
        user_id=person.user_id,
        person_key=person.key,
        name=person.name,
        email=person.email,
        attended=figures.attended,
        first_joined_at=figures.first_joined,
        last_left_at=figures.last_left,
        join_count=figures.join_count,
        minutes_present=figures.minutes_present,
        scheduled_percent=figures.scheduled_percent,
        open_interval=figures.open_interval,
        attention_percent=figures.attention_percent,
        live_minutes=figures.live_minutes,
        recording_minutes=figures.recording_minutes,
        sources="+".join(source for source in Source.values if source in person.sources),
        matched_by=person.matched_by,
        pulled_at=person.pulled_at,
    )


@transaction.atomic
def rebuild(session_pk: int) -> int:
    """Make the session's figures anew. Returns the number of people; 0 for a deleted session."""
    # Two rebuilds at once would both delete, then both insert: one waits here.
    session = (
        Session.objects.select_for_update(of=("self",))
        .select_related("event")
        .filter(pk=session_pk)
        .first()
    )
    if session is None:
        return 0
    schedule = schedule_of(session)
    rows = [attendance_row(session, person, schedule) for person in seen_in(session)]
    SessionAttendance.objects.filter(session=session).delete()
    SessionAttendance.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def rebuild_all(session_pks: Iterable[int]) -> int:
    """Make the figures of several sessions anew, each in its own transaction."""
    return sum(rebuild(pk) for pk in sorted(set(session_pks)))


def stays_by_person(session: Session) -> dict[str, list[Interval]]:
    """The reported intervals of everyone whose comings and goings are known."""
    people: dict[str, list[Interval]] = {}
    for stay in stays_in(session):
        people.setdefault(person_key(stay), []).append(stay.presence.interval)
    return people
