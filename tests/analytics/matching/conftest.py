"""A room of an event with two sessions one after the other, and what was reported of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics.matching.settle import settle_again
from analytics.models import RoomRun, SessionAttendance, Stay
from events.models import Event, Session, User
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import RemoteLink, SyncTarget
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    RegistrationFactory,
    TeamMemberFactory,
    UserFactory,
)

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


@dataclass
class SharedRoom:
    """Two sessions of 45 minutes, at nine and at ten, in one room."""

    event: Event
    early: Session
    late: Session
    ann: User
    analyst: User

    def run(self, start: float, end: float | None, name: str = "run") -> RoomRun:
        return RoomRun.objects.create(
            source="newrow",
            remote_id=name,
            room_remote_id="1_room0001",
            event=self.event,
            started_at=at(start),
            ended_at=None if end is None else at(end),
            pulled_at=at(180),
        )

    def stay(
        self, run: RoomRun, who: User | str, joined: float, left: float | None, **more: Any
    ) -> Stay:
        person = who if isinstance(who, str) else kaltura_user_id(who)
        return Stay.objects.create(
            source="newrow",
            run=run,
            remote_key=f"{run.remote_id}/{person}/{joined}",
            remote_user_id=person,
            joined_at=at(joined),
            left_at=None if left is None else at(left),
            open_interval=left is None,
            pulled_at=at(180),
            **more,
        )

    def settle(self) -> None:
        settle_again(list(RoomRun.objects.filter(part_of=None)))

    def minutes(self) -> dict[tuple[str, str], str]:
        """(session, person) -> minutes present."""
        rows = SessionAttendance.objects.select_related("session", "user")
        return {
            (row.session.title, row.user.name if row.user else row.person_key): str(
                row.minutes_present
            )
            for row in rows
            if row.minutes_present
        }


@pytest.fixture
def shared(db: None) -> SharedRoom:
    event = EventFactory(timezone="UTC")
    sessions = [
        InteractiveFactory(event=event, title=title, starts_at=at(start), ends_at=at(start + 45))
        for title, start in (("Early", 0), ("Late", 60))
    ]
    for session in sessions:
        # Each has a link of its own to the room, as sessions that share a room have.
        target, _ = SyncTarget.objects.get_or_create(
            kind="session", object_uuid=session.uuid, defaults={"event_uuid": event.uuid}
        )
        kind = "room" if session.title == "Early" else "schedule_resource"
        RemoteLink.objects.create(
            target=target, kind=kind, key=f"portal:{session.uuid}", remote_id="1_room0001"
        )
    ann = RegistrationFactory(event=event, user__name="Ann").user
    analyst = TeamMemberFactory(event=event, role="analyst", user=UserFactory(is_staff=True)).user
    return SharedRoom(event, *sessions, ann, analyst)
