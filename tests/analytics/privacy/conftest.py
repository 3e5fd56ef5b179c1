"""An event with attendance, without Kaltura."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from analytics.models import SessionAttendance
from events.models import Event, Session, User
from tests.factories import EventFactory, InteractiveFactory, RegistrationFactory

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)

Attend = Callable[..., SessionAttendance]


def attend(
    session: Session, who: User | str, minutes: float = 40, percent: float = 80
) -> SessionAttendance:
    """Somebody was there for so long; a text is a guest of that name."""
    known = not isinstance(who, str)
    return SessionAttendance.objects.create(
        session=session,
        user=who if known else None,
        person_key=f"user:{who.pk}" if known else f"newrow:name:{who}",
        name=who.name if known else who,
        email=who.email if known else f"{who.lower()}@reported.example",
        attended=minutes > 0,
        first_joined_at=START,
        last_left_at=START + timedelta(minutes=minutes),
        join_count=1,
        minutes_present=minutes,
        scheduled_percent=percent,
        sources="newrow",
        matched_by="user_id" if known else "",
        pulled_at=START + timedelta(hours=2),
    )


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Ours", slug="ours")


@pytest.fixture
def talk(event: Event) -> Session:
    return InteractiveFactory(event=event, title="Talk", starts_at=START)


@pytest.fixture
def crowd(event: Event, talk: Session) -> list[User]:
    """Twenty registered people, twelve of whom came, with one guest."""
    people = [RegistrationFactory(event=event).user for _ in range(20)]
    for person in people[:12]:
        attend(talk, person)
    attend(talk, "Guest")
    return people
