"""An event whose people are named anyhow."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from analytics.models import Coverage, RoomRun, SessionAttendance, Stay
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


def attend(session: Session, key: str, **fields: object) -> SessionAttendance:
    values = {
        "attended": True,
        "first_joined_at": START + timedelta(microseconds=999_999),
        "join_count": 2,
        "minutes_present": Decimal("12.30"),
        "scheduled_percent": Decimal("7.0"),
        "live_minutes": Decimal("1234567.05"),
        "newrow_minutes": Decimal("12.30"),
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
