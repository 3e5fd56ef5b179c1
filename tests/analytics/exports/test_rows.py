"""What the databases write, against the same file made person by person in Python."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from analytics.aggregate import person_key
from analytics.exports import (
    PERSON_COLUMNS,
    STAY_COLUMNS,
    ExportLevel,
    attendance_csv,
    attendance_table,
    csv_chunks,
)
from analytics.models import Coverage, EventPrivacy, PrivacyMode, Source, Stay
from analytics.privacy.modes import rules_of
from analytics.privacy.published import AGGREGATE_COLUMNS
from analytics.roster import PeopleFilter, Roster, reported_sessions
from events.exports.tables import CellValue
from events.models import Event
from tests.factories import (
    EventFactory,
)

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)
PULLED = START + timedelta(hours=3, microseconds=700_000)
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def plain_people(event: Event, show: PeopleFilter) -> Iterator[list[CellValue]]:
    """The person level as the roster of each session tells it."""
    roster = Roster(event)
    for session in reported_sessions(event):
        covered = Coverage.objects.filter(session=session).first()
        for person in roster.people(session, show):
            row = person.attendance
            yield [
                *(event.slug, str(session.uuid), session.title),
                session.track.name if session.track else None,
                *(session.session_type, session.starts_at, session.ends_at, event.timezone),
                session.starts_at.astimezone(event.zone).isoformat(timespec="seconds"),
                person.identifier or None,
                *(person.name, person.email, person.role, person.registered, person.attended),
                row and row.first_joined_at,
                row and row.last_left_at,
                row.join_count if row else 0,
                row.minutes_present if row else Decimal("0.00"),
                row.scheduled_percent if row else Decimal("0.0"),
                bool(row and row.open_interval),
                row and row.attention_percent,
                row and row.live_minutes,
                row and row.recording_minutes,
                row and row.sources,
                row and row.matched_by,
                row.pulled_at if row else covered and covered.pulled_at,
                *(row and getattr(row, f"{source}_minutes") for source in Source.values),
            ]


def plain_stays(event: Event) -> Iterator[list[CellValue]]:
    stays = Stay.objects.filter(run__session__event=event).select_related("run__session", "user")
    rules = rules_of(event)
    for stay in stays.order_by("run__session__starts_at", "run__session_id", "joined_at", "pk"):
        session, who, attention = stay.run.session, stay.user or stay, stay.attention
        uuid = str(stay.user.uuid) if stay.user else ""
        shown = rules.person(
            uuid or person_key(stay),
            who.name,
            who.email,
            identifier=uuid,
            reported_id=stay.remote_user_id,
        )
        yield [
            *(event.slug, str(session.uuid), session.title),
            *(shown.identifier or None, shown.name, shown.email, stay.source),
            *(stay.run.remote_id, shown.reported_id),
            *(stay.joined_at, stay.left_at, stay.minutes, stay.open_interval),
            None if attention is None else attention.quantize(Decimal("0.1"), ROUND_HALF_UP),
            *(stay.matched_by, stay.pulled_at),
        ]


@pytest.fixture(params=[PrivacyMode.IDENTIFIED, PrivacyMode.PSEUDONYMOUS])
def mode(request, event) -> PrivacyMode:
    EventPrivacy.objects.create(event=event, mode=request.param, salt="salt")
    return request.param


@pytest.mark.parametrize("show", list(PeopleFilter))
def test_person_file_is_what_the_rosters_tell(event, mode, show):
    plain = "".join(csv_chunks(PERSON_COLUMNS, plain_people(event, show)))

    streamed = "".join(attendance_csv(attendance_table(event, ExportLevel.PERSON, show=show)))
    assert streamed.split("\r\n") == plain.split("\r\n")


def test_stay_file_is_what_the_stays_tell(event, mode):
    plain = "".join(csv_chunks(STAY_COLUMNS, plain_stays(event)))

    streamed = "".join(attendance_csv(attendance_table(event, ExportLevel.STAY)))
    assert streamed.split("\r\n") == plain.split("\r\n")


def test_file_under_codes_names_nobody(event):
    EventPrivacy.objects.create(event=event, mode=PrivacyMode.PSEUDONYMOUS)
    whole = "".join(
        piece for level in ExportLevel for piece in attendance_csv(attendance_table(event, level))
    )

    users = [registration.user for registration in event.registrations.select_related("user")]
    told = [user for user in users if str(user.uuid) in whole or user.email in whole]
    assert (told, "Reported" in whole, "@" in whole.replace("'@42", "")) == ([], False, False)


@pytest.mark.parametrize("level", list(ExportLevel))
def test_aggregate_file_lists_sessions_whatever_is_asked_for(event, level):
    EventPrivacy.objects.create(event=event, mode=PrivacyMode.AGGREGATE)
    table = attendance_table(event, level, columns=["attendee_name"])
    rows = list(csv.DictReader(io.StringIO("".join(attendance_csv(table)), newline="")))

    assert list(rows[0]) == AGGREGATE_COLUMNS
    assert [row["session_title"] for row in rows] == ["Sooner", "'=Later"]


@pytest.mark.parametrize(
    "columns",
    [
        ["attendee_name"],
        ["session_title", "track"],
        ["session_title", "attendee_email", "minutes_present", "pulled_at_utc"],
        ["registered"],
    ],
)
def test_chosen_columns_are_those_of_the_whole_file(event, columns):
    whole = "".join(attendance_csv(attendance_table(event, ExportLevel.PERSON)))
    chosen = "".join(
        attendance_csv(attendance_table(event, ExportLevel.PERSON, columns=columns[::-1]))
    )

    rows = [
        [row[name] for name in columns] for row in csv.DictReader(io.StringIO(whole, newline=""))
    ]
    assert list(csv.reader(io.StringIO(chosen, newline=""))) == [columns, *rows]


def test_unknown_columns_are_named(event):
    with pytest.raises(ValueError, match=r"^shoe_size, joined_utc$"):
        attendance_table(event, ExportLevel.PERSON, columns=["role", "shoe_size", "joined_utc"])


def test_event_without_sessions_has_a_header(db):
    written = "".join(attendance_csv(attendance_table(EventFactory(), ExportLevel.STAY)))

    assert written == ",".join(STAY_COLUMNS) + "\r\n"
