"""What stands in the attendance files (schema 1): columns, rows, and whom they list.

Columns are only ever added at the end.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import chain, groupby
from operator import itemgetter
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from analytics.exports.writers import Value
from analytics.models import Coverage, SessionAttendance, Stay
from events.models import (
    Event,
    Session,
    SessionSpeaker,
    SessionStatus,
    TeamMember,
    User,
)
from kaltura_bridge.join.identity import StageRole, strongest_role

PERSON_COLUMNS: Final = (
    "event,session_id,session_title,track,session_type,scheduled_start_utc,scheduled_end_utc,"
    "event_timezone,scheduled_start_local,attendee_id,attendee_name,attendee_email,role,"
    "registered,attended,first_joined_utc,last_left_utc,join_count,minutes_present,"
    "scheduled_percent,open_interval,attention_percent,live_minutes,recording_minutes,sources,"
    "matched_by,pulled_at_utc"
).split(",")
STAY_COLUMNS: Final = (
    "event,session_id,session_title,attendee_id,attendee_name,attendee_email,source,"
    "remote_session_id,remote_user_id,joined_utc,left_utc,minutes,open_interval,"
    "attention_percent,matched_by,pulled_at_utc"
).split(",")

# Someone a source saw who is nobody's account here.
GUEST: Final = "guest"
NO_MINUTES: Final = Decimal("0.00")
NO_PERCENT: Final = Decimal("0.0")

Row = Sequence[Value]


class Level(StrEnum):
    """How fine the file is: a row a person and session, or a row a reported stay."""

    PERSON = "person"
    STAY = "stay"


class Show(StrEnum):
    """Which people a report or file lists."""

    ALL = "all"
    ATTENDED = "attended"
    ABSENT = "absent"
    GUESTS = "guests"


@dataclass(frozen=True)
class Table:
    """A file before it is written: its columns, and its rows as they are read."""

    columns: Sequence[str]
    rows: Iterable[Row]


class Account(NamedTuple):
    """What a file says of someone with an account here. Light: there may be 100,000 of them."""

    pk: int
    uuid: UUID
    name: str
    email: str
    is_superuser: bool


ACCOUNT_FIELDS: Final = Account._fields


@dataclass(frozen=True)
class Person:
    """One line of a session's attendance: someone registered, seen, or both."""

    account: Account | None
    seen: SessionAttendance | None
    registered: bool
    role: str

    @property
    def attended(self) -> bool:
        return bool(self.seen and self.seen.attended)

    @property
    def name(self) -> str:
        """Our own name for those we know, the reported one for guests."""
        return self.account.name if self.account else self.seen.name if self.seen else ""

    @property
    def email(self) -> str:
        return self.account.email if self.account else self.seen.email if self.seen else ""


_SHOWN: Final[dict[Show, Callable[[Person], bool]]] = {
    Show.ALL: lambda person: True,
    Show.ATTENDED: lambda person: person.attended,
    Show.ABSENT: lambda person: person.registered and not person.attended,
    Show.GUESTS: lambda person: person.account is None,
}


class Roster:
    """Everyone who belongs to an event, read once: who is registered, who leads what."""

    def __init__(self, event: Event) -> None:
        registered = User.objects.filter(
            Exists(event.registrations.filter(user=OuterRef("pk"), withdrawn_at=None))
        )
        accounts = registered.order_by("pk").values_list(*ACCOUNT_FIELDS)
        self.registered = [Account(*values) for values in accounts.iterator(chunk_size=2000)]
        self._team: dict[int, str] = dict(
            TeamMember.objects.filter(event=event).values_list("user_id", "role")
        )
        self._stage: dict[tuple[int, int], list[str]] = defaultdict(list)
        appearances = SessionSpeaker.objects.filter(
            session__event=event, speaker__user__isnull=False
        ).values_list("session_id", "speaker__user_id", "role")
        for session_pk, user_pk, role in appearances:
            if user_pk is not None:
                self._stage[session_pk, user_pk].append(role)

    def role(self, account: Account | None, session: Session) -> str:
        """The person's role in the session, by the rules that let them into its room."""
        if account is None:
            return GUEST
        if account.is_superuser:
            return StageRole.PRODUCER
        roles = list(self._stage.get((session.pk, account.pk), ()))
        if team := self._team.get(account.pk):
            roles.append(team)
        return strongest_role(roles)

    def people(self, session: Session, show: Show = Show.ALL) -> Iterator[Person]:
        """Everyone registered or seen, in the order of their accounts; then guests, by name."""
        rows = SessionAttendance.objects.filter(session=session).select_related("user")
        known = rows.filter(user__isnull=False).order_by("user_id")
        guests = rows.filter(user__isnull=True).order_by("name", "pk")
        wanted = _SHOWN[show]
        for account, seen, registered in chain(
            _side_by_side(self.registered, known.iterator(chunk_size=1000)),
            ((None, row, False) for row in guests.iterator(chunk_size=1000)),
        ):
            person = Person(account, seen, registered, self.role(account, session))
            if wanted(person):
                yield person


def _side_by_side(
    registered: Iterable[Account], known: Iterable[SessionAttendance]
) -> Iterator[tuple[Account, SessionAttendance | None, bool]]:
    """Two lists in the order of accounts, as one: the account, its attendance, whether registered.

    Neither is held in memory, so a session may have any number of people.
    """
    left = ((account.pk, 0, account, None) for account in registered)
    right = ((account.pk, 1, account, row) for row in known if (account := _account_of(row)))
    merged = heapq.merge(left, right, key=itemgetter(0, 1))
    for _, group in groupby(merged, key=itemgetter(0)):
        rows = list(group)
        yield rows[-1][2], rows[-1][3], rows[0][1] == 0


def _account_of(row: SessionAttendance) -> Account | None:
    if (user := row.user) is None:
        return None
    return Account(user.pk, user.uuid, user.name, user.email, user.is_superuser)


def reported_sessions(event: Event) -> QuerySet[Session]:
    """The sessions a report lists: published ones, and any that somebody was seen in."""
    seen = Exists(SessionAttendance.objects.filter(session=OuterRef("pk")))
    return (
        Session.objects.filter(Q(status=SessionStatus.PUBLISHED) | seen, event=event)
        .select_related("event", "track")
        .order_by("starts_at", "pk")
    )


def table(
    event: Event, level: Level, session: Session | None = None, show: Show = Show.ALL
) -> Table:
    """The file of an event, or of one of its sessions. ``show`` narrows the person level."""
    sessions = reported_sessions(event)
    if session is not None:
        sessions = Session.objects.filter(pk=session.pk).select_related("event", "track")
    if level is Level.PERSON:
        return Table(PERSON_COLUMNS, person_rows(event, sessions, show))
    return Table(STAY_COLUMNS, stay_rows(sessions))


def person_rows(event: Event, sessions: QuerySet[Session], show: Show) -> Iterator[Row]:
    """A row for each registered or seen person and session; one session in memory at a time."""
    roster = Roster(event)
    pulled = dict(
        Coverage.objects.filter(session__in=sessions)
        .order_by()
        .values_list("session")
        .annotate(at=Min("pulled_at"))
    )
    for session in sessions:
        start = [*_session_start(event, session), *_session_times(event, session)]
        as_of = pulled.get(session.pk)
        for person in roster.people(session, show):
            yield [*start, *_person_values(person, as_of)]


def _session_start(event: Event, session: Session) -> list[Value]:
    return [event.slug, str(session.uuid), session.title]


def _session_times(event: Event, session: Session) -> list[Value]:
    return [
        session.track.name if session.track else None,
        session.session_type,
        session.starts_at,
        session.ends_at,
        event.timezone,
        session.starts_at.astimezone(event.zone).isoformat(timespec="seconds"),
    ]


def _person_values(person: Person, as_of: datetime | None) -> list[Value]:
    """From attendee_id on. Someone unseen was absent as of the session's last pull."""
    return [
        str(person.account.uuid) if person.account else None,
        person.name,
        person.email,
        person.role,
        person.registered,
        *(_seen_values(person.seen) if person.seen else _absent_values(as_of)),
    ]


def _seen_values(seen: SessionAttendance) -> list[Value]:
    return [
        seen.attended,
        seen.first_joined_at,
        seen.last_left_at,
        seen.join_count,
        seen.minutes_present,
        seen.scheduled_percent,
        seen.open_interval,
        seen.attention_percent,
        seen.live_minutes,
        seen.recording_minutes,
        seen.sources,
        seen.matched_by,
        seen.pulled_at,
    ]


def _absent_values(as_of: datetime | None) -> list[Value]:
    nothing: list[Value] = [None] * 5
    return [False, None, None, 0, NO_MINUTES, NO_PERCENT, False, *nothing, as_of]


def stay_rows(sessions: QuerySet[Session]) -> Iterator[Row]:
    """A row for each interval as reported, inside the session's window or not."""
    known = {session.pk: session for session in sessions}
    stays = (
        Stay.objects.filter(run__session__in=sessions.order_by())
        .select_related("run", "user")
        .defer("raw", "run__raw")
        .order_by("run__session__starts_at", "run__session_id", "joined_at", "pk")
    )
    for stay in stays.iterator(chunk_size=2000):
        if (session := known.get(stay.run.session_id or 0)) is not None:
            yield [*_session_start(session.event, session), *_stay_values(stay)]


def _stay_values(stay: Stay) -> list[Value]:
    user = stay.user
    return [
        str(user.uuid) if user else None,
        user.name if user else stay.name,
        user.email if user else stay.email,
        stay.source,
        stay.run.remote_id,
        stay.remote_user_id,
        stay.joined_at,
        stay.left_at,
        stay.minutes,
        stay.open_interval,
        None if stay.attention is None else stay.attention.quantize(NO_PERCENT),
        stay.matched_by,
        stay.pulled_at,
    ]
