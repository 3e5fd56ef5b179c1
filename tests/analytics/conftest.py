"""A conference that has taken place at the local Kaltura."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from celery import Celery
from django.utils import timezone

from events.models import Event, Session, User
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync import service
from kaltura_simulator.testing import Simulator
from portal.celery import app
from tests.factories import EventFactory, InteractiveFactory, RegistrationFactory, WebcastFactory


@dataclass
class Conference:
    """An event that is in sync with the local Kaltura, and who came to it."""

    simulator: Simulator
    event: Event
    start: datetime
    rooms: list[Session] = field(default_factory=list)
    webcasts: list[Session] = field(default_factory=list)

    def person(self, name: str) -> User:
        """Someone registered."""
        return RegistrationFactory(event=self.event, user__name=name).user

    def place(self, session: Session) -> str:
        """The session's room or live entry at Kaltura."""
        kinds = [Kind.ROOM.value, Kind.ENTRY.value]
        link = RemoteLink.objects.get(target__object_uuid=session.uuid, kind__in=kinds)
        return str(link.remote_id)

    def visit(
        self,
        session: Session,
        who: User | str,
        joined: float,
        left: float | None,
        **more: Any,
    ) -> None:
        """Someone, or a guest by name, was there from and until minutes after the start."""
        self.visits([self.a_visit(session, who, joined, left, **more)])

    def a_visit(
        self, session: Session, who: User | str, joined: float, left: float | None, **more: Any
    ) -> dict[str, Any]:
        person = (
            {"userType": "guest", "name": who}
            if isinstance(who, str)
            else {"userId": kaltura_user_id(who), "name": who.name, "email": "reported@example.org"}
        )
        return {
            "entryId": self.place(session),
            "joined": self.unix(session, joined),
            "left": None if left is None else self.unix(session, left),
            **person,
            **more,
        }

    def visits(self, rows: list[dict[str, Any]]) -> None:
        self.simulator.add_visits(rows)

    @staticmethod
    def unix(session: Session, minutes: float) -> int:
        return int((session.starts_at + timedelta(minutes=minutes)).timestamp())


@pytest.fixture
def hold(simulator: Simulator, db: None) -> Callable[..., Conference]:
    """Hold a conference that began two hours ago, with so many rooms and webcasts."""

    def held(rooms: int = 1, webcasts: int = 0, hours_ago: int = 2) -> Conference:
        start = (timezone.now() - timedelta(hours=hours_ago)).replace(second=0, microsecond=0)
        event = EventFactory(slug="conf", starts_on=start.date())
        conference = Conference(simulator, event, start)
        conference.rooms = InteractiveFactory.create_batch(rooms, event=event, starts_at=start)
        conference.webcasts = WebcastFactory.create_batch(webcasts, event=event, starts_at=start)
        service.settle(service.targets_of(event), 20)
        return conference

    return held


@pytest.fixture
def task_app() -> Iterator[Celery]:
    """The Celery app, running tasks where they are sent, as a worker would a moment later."""
    app.conf.task_always_eager = True
    yield app
    app.conf.task_always_eager = False
