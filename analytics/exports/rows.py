"""The attendance files, schema 1: columns, rows, and whom they list.

Scripts read these files: columns keep their names and order, new ones go to the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from django.db.models import Min, QuerySet

from analytics.aggregate import person_key
from analytics.models import Coverage, SessionAttendance, Stay
from analytics.privacy.modes import PrivacyRules, ShownPerson, rules_of
from analytics.privacy.published import AGGREGATE_COLUMNS, aggregate_rows
from analytics.roster import PeopleFilter, Roster, RosterEntry, reported_sessions
from events.exports.tables import CellValue
from events.models import Event, Session

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

NO_MINUTES: Final = Decimal("0.00")
NO_PERCENT: Final = Decimal("0.0")

ExportRow = Sequence[CellValue]


class ExportLevel(StrEnum):
    """What a row of the file is: a person and session, or a reported stay."""

    PERSON = "person"
    STAY = "stay"


@dataclass(frozen=True)
class ExportTable:
    """A file before it is written: its columns, and its rows, read while they are written."""

    columns: Sequence[str]
    rows: Iterable[ExportRow]


def attendance_table(
    event: Event,
    level: ExportLevel,
    session: Session | None = None,
    show: PeopleFilter = PeopleFilter.ALL,
) -> ExportTable:
    """The file of an event, or of one of its sessions. ``show`` narrows the person level.

    It says what the event's privacy allows: in the aggregate mode there is one file, of
    sessions, whichever was asked for.
    """
    rules = rules_of(event)
    if not rules.lists_people:
        return ExportTable(AGGREGATE_COLUMNS, aggregate_rows(event, rules, session))
    sessions = reported_sessions(event)
    if session is not None:
        sessions = Session.objects.filter(pk=session.pk).select_related("event", "track")
    if level is ExportLevel.PERSON:
        return ExportTable(PERSON_COLUMNS, person_rows(event, sessions, show, rules))
    return ExportTable(STAY_COLUMNS, stay_rows(sessions, rules))


def person_rows(
    event: Event, sessions: QuerySet[Session], show: PeopleFilter, rules: PrivacyRules
) -> Iterator[ExportRow]:
    """A row for each registered or seen person and session; one session in memory at a time."""
    roster = Roster(event, rules)
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


def _session_start(event: Event, session: Session) -> list[CellValue]:
    return [event.slug, str(session.uuid), session.title]


def _session_times(event: Event, session: Session) -> list[CellValue]:
    return [
        session.track.name if session.track else None,
        session.session_type,
        session.starts_at,
        session.ends_at,
        event.timezone,
        session.starts_at.astimezone(event.zone).isoformat(timespec="seconds"),
    ]


def _person_values(person: RosterEntry, as_of: datetime | None) -> list[CellValue]:
    """From attendee_id on. Someone unseen was absent as of the session's last pull."""
    return [
        person.identifier or None,
        person.name,
        person.email,
        person.role,
        person.registered,
        *(_attendance_values(person.attendance) if person.attendance else _absent_values(as_of)),
    ]


def _attendance_values(attendance: SessionAttendance) -> list[CellValue]:
    return [
        attendance.attended,
        attendance.first_joined_at,
        attendance.last_left_at,
        attendance.join_count,
        attendance.minutes_present,
        attendance.scheduled_percent,
        attendance.open_interval,
        attendance.attention_percent,
        attendance.live_minutes,
        attendance.recording_minutes,
        attendance.sources,
        attendance.matched_by,
        attendance.pulled_at,
    ]


def _absent_values(as_of: datetime | None) -> list[CellValue]:
    nothing: list[CellValue] = [None] * 5
    return [False, None, None, 0, NO_MINUTES, NO_PERCENT, False, *nothing, as_of]


def stay_rows(sessions: QuerySet[Session], rules: PrivacyRules) -> Iterator[ExportRow]:
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
            yield [*_session_start(session.event, session), *_stay_values(stay, rules)]


def _stay_values(stay: Stay, rules: PrivacyRules) -> list[CellValue]:
    shown = _shown_person(stay, rules)
    return [
        shown.identifier or None,
        shown.name,
        shown.email,
        stay.source,
        stay.run.remote_id,
        shown.reported_id,
        stay.joined_at,
        stay.left_at,
        stay.minutes,
        stay.open_interval,
        None if stay.attention is None else stay.attention.quantize(NO_PERCENT),
        stay.matched_by,
        stay.pulled_at,
    ]


def _shown_person(stay: Stay, rules: PrivacyRules) -> ShownPerson:
    if (user := stay.user) is None:
        return rules.person(
            person_key(stay), stay.name, stay.email, reported_id=stay.remote_user_id
        )
    uuid = str(user.uuid)
    return rules.person(
        uuid, user.name, user.email, identifier=uuid, reported_id=stay.remote_user_id
    )
