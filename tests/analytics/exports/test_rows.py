"""What the databases write, against the same file made person by person in Python."""

from __future__ import annotations

import csv
import io
import re
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
from analytics.models import Coverage, EventPrivacy, PrivacyMode, RoomRun, SessionAttendance, Stay
from analytics.privacy.modes import rules_of
from analytics.privacy.published import AGGREGATE_COLUMNS
from analytics.roster import PeopleFilter, Roster, reported_sessions
from events.exports.tables import CellValue
from events.models import Event, Session, SpeakerRole, TeamRole
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    RegistrationFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)
from tests.portal.support.hostile_values import CHARACTERS, TEXTS

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)
PULLED = START + timedelta(hours=3, microseconds=700_000)
HOSTILE = [re.sub("[\x00\ud800-\udfff]", "", value)[:60] for value in (*CHARACTERS, *TEXTS)]
HOSTILE += [
    "=1+1",
    " =1",
    ";=1",
    "a;=1",
    "a\t=1",
    "a\n=1",
    "＝1",
    '"',
    "a,b",
    "\u202eabc",
    "\x02[]",
]

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def attend(session: Session, key: str, **fields: object) -> SessionAttendance:
    values = {
        "attended": True,
        "first_joined_at": START + timedelta(microseconds=999_999),
        "join_count": 2,
        "minutes_present": Decimal("12.30"),
        "scheduled_percent": Decimal("7.0"),
        "live_minutes": Decimal("1234567.05"),
        "sources": "newrow+report",
        "pulled_at": PULLED,
    }
    return SessionAttendance.objects.create(session=session, person_key=key, **{**values, **fields})


@pytest.fixture
def event() -> Event:
    """Two sessions with people of every role, registered or not, seen or not, named anyhow."""
    event = EventFactory(slug="-conf", timezone="Asia/Kathmandu")
    track = TrackFactory(event=event, name="A, B")
    later = InteractiveFactory(event=event, title="=Later", starts_at=START + timedelta(days=1))
    sooner = InteractiveFactory(event=event, title="Sooner", starts_at=START, track=track)
    InteractiveFactory(event=event, title="Draft", status="draft", starts_at=START)
    members = {role: TeamMemberFactory(event=event, role=role).user for role in TeamRole}
    boss = RegistrationFactory(event=event, user=UserFactory(is_superuser=True)).user
    withdrawn = RegistrationFactory(event=event, withdrawn_at=START).user
    people = [
        RegistrationFactory(event=event, user=UserFactory(name=text)).user for text in HOSTILE[:9]
    ]
    speaker = SpeakerFactory(event=event, user=people[0])
    SessionSpeakerFactory(session=sooner, speaker=speaker, role=SpeakerRole.SPEAKER)
    stage = SpeakerFactory(event=event, user=members[TeamRole.ANALYST])
    SessionSpeakerFactory(session=later, speaker=stage, role=SpeakerRole.MODERATOR)
    Coverage.objects.create(session=later, source="newrow", attempted_at=PULLED, pulled_at=PULLED)
    for session in (sooner, later):
        for user in [*members.values(), boss, withdrawn, people[0], people[3]]:
            attend(session, f"user:{user.pk}", user=user, name="Reported", matched_by="user_id")
        for number, text in enumerate([*HOSTILE, "Zoe", "zoe", "Zoë", "Ärger", "אב", "Zoe"]):
            attend(session, f"newrow:{number}", name=text, email=text, attended=number % 2)
        attend(session, "user:absent", user=people[5], attended=False, open_interval=True)
    stays_in(sooner, [*members.values(), None])
    return event


def stays_in(session: Session, users: list) -> None:
    run = RoomRun.objects.create(
        source="newrow",
        remote_id="@42",
        room_remote_id="1_room0001",
        session=session,
        started_at=START,
        pulled_at=PULLED,
    )
    for number, text in enumerate(HOSTILE):
        Stay.objects.create(
            source="newrow",
            run=run,
            remote_key=str(number),
            remote_user_id=text,
            name=text,
            email=text,
            joined_at=START + timedelta(seconds=number // 2, microseconds=5),
            left_at=None if number % 3 else START + timedelta(hours=1),
            minutes=None if number % 3 else Decimal("0.0001") * number,
            attention=[None, Decimal("34.25"), Decimal("34.35"), Decimal("0.05")][number % 4],
            user=users[number % len(users)],
            open_interval=bool(number % 3),
            pulled_at=PULLED,
        )


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
