"""An event of two tracks and two days that has taken place, for the pages about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from analytics.aggregate import rebuild_all
from analytics.models import Coverage, MatchedBy, RoomRun, Stay
from events.models import Event, Session, TeamRole
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    RegistrationFactory,
    TeamMemberFactory,
    TrackFactory,
)

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)
PULLED = START + timedelta(days=2)


def hold(session: Session, people: list[Any], minutes: int = 40) -> None:
    """Everybody came, a minute after each other, and stayed this long; a guest came with them."""
    start = session.starts_at
    run = RoomRun.objects.create(
        source="newrow",
        remote_id=f"run-{session.pk}",
        room_remote_id=f"1_room{session.pk:04}",
        session=session,
        started_at=start,
        ended_at=start + timedelta(hours=1),
        pulled_at=PULLED,
    )
    for number, user in enumerate([*people, None]):
        joined = start + timedelta(minutes=number)
        Stay.objects.create(
            source="newrow",
            run=run,
            remote_key=f"{session.pk}/{number}",
            remote_user_id=f"portal-{number}" if user else "",
            name="" if user else "A guest",
            joined_at=joined,
            left_at=joined + timedelta(minutes=minutes),
            minutes=minutes,
            attention=Decimal(20 + 10 * number % 80),
            user=user,
            matched_by=MatchedBy.USER_ID if user else "",
            pulled_at=PULLED,
        )
    cover(session, len(people) + 1)


def cover(session: Session, rows: int, **fields: Any) -> Coverage:
    """One pull that read this many rows, all that there were."""
    values = {
        "attempted_at": PULLED,
        "pulled_at": PULLED,
        "expected_rows": rows,
        "pulled_rows": rows,
        "expected_runs": 1,
        "pulled_runs": 1,
    }
    return Coverage.objects.create(session=session, source="newrow", **{**values, **fields})


@pytest.fixture
def event(db: None) -> Event:
    """Berlin, 6 and 7 May: two tracks in parallel on the first day, one session on the second."""
    event = EventFactory(
        title="Field days",
        slug="field",
        timezone="Europe/Berlin",
        starts_on=START.date(),
        ends_on=START.date() + timedelta(days=1),
    )
    tracks = [TrackFactory(event=event, name=name, slug=name.lower()) for name in ("Hall", "Yard")]
    people = [RegistrationFactory(event=event, user__name=f"Person {n}").user for n in range(6)]
    plan = [
        ("Opening", tracks[0], START, people),
        ("Soil", tracks[0], START + timedelta(hours=2), people[:4]),
        ("Water", tracks[1], START + timedelta(hours=2), people[3:]),
        ("Closing", tracks[1], START + timedelta(days=1), people[:2]),
    ]
    sessions = []
    for title, track, starts_at, who in plan:
        session = InteractiveFactory(event=event, title=title, track=track, starts_at=starts_at)
        hold(session, who)
        sessions.append(session)
    Coverage.objects.filter(session__title="Soil").update(expected_rows=9)
    rebuild_all([session.pk for session in sessions])
    return event


@pytest.fixture
def analyst(event: Event) -> Any:
    return TeamMemberFactory(event=event, role=TeamRole.ANALYST).user


@pytest.fixture
def sessions(event: Event) -> dict[str, Session]:
    """The event's sessions by their titles."""
    return {session.title: session for session in event.sessions.select_related("event")}
