"""An event of two days in two rooms, and people who plan it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Event, EventRoom, Session, User
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory

DAY = date(2030, 5, 6)


def berlin(clock: str, day: int = 6) -> datetime:
    """A time of day in May 2030 in Berlin."""
    return datetime.fromisoformat(f"2030-05-{day:02}T{clock}:00+02:00").astimezone(UTC)


@pytest.fixture
def event() -> Event:
    event = EventFactory(title="Ours", starts_on=DAY, ends_on=DAY + timedelta(days=1))
    for position, name in enumerate(("Hall", "Attic")):
        EventRoom.objects.create(event=event, name=name, position=position)
    return event


@pytest.fixture
def talk(event: Event) -> Callable[..., Session]:
    """A session of 45 minutes: ``talk("Keynote", "09:00", "Hall")``."""

    def make(title: str, clock: str, room: str = "", day: int = 6, **more: Any) -> Session:
        starts_at = berlin(clock, day)
        return SessionFactory(event=event, title=title, location=room, starts_at=starts_at, **more)

    return make


@pytest.fixture
def planner(event: Event) -> User:
    return TeamMemberFactory(event=event).user


class Desk:
    """What the planner's script asks, as one person."""

    def __init__(self, event: Event, user: User) -> None:
        self.event, self.user, self.client = event, user, Client()
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def url(self, name: str = "") -> str:
        return reverse(f"admin:events_event_planner{name}", args=[self.event.pk])

    def board(self, **query: Any) -> dict[str, Any]:
        answer = self.client.get(self.url("_board"), query)
        assert answer.status_code == 200
        return answer.json()

    def card(self, session: Session, **query: Any) -> dict[str, Any]:
        board = self.board(**query)
        return next(c for c in board["cards"] + board["tray"] if c["id"] == session.pk)

    def wish(self, session: Session, clock: str, room: str, **more: Any) -> dict[str, Any]:
        """What dropping a session there sends, as seen now."""
        starts = int(berlin(clock).timestamp())
        length = int(session.duration.total_seconds())
        version = self.card(session)["version"]
        wish = {"session": session.pk, "version": version, "column": room}
        return {**wish, "starts": starts, "ends": starts + length, **more}

    def send(self, *edits: Any, across: str = "rooms") -> Any:
        body = json.dumps({"edits": edits})
        url = f"{self.url('_edits')}?across={across}"
        return self.client.post(url, body, "application/json")

    def drop(self, session: Session, clock: str, room: str, **more: Any) -> Any:
        return self.send(self.wish(session, clock, room, **more))

    def undo(self, step: int | None = None) -> Any:
        return self._turn("_undo", step)

    def redo(self, step: int | None = None) -> Any:
        return self._turn("_redo", step)

    def _turn(self, name: str, step: int | None) -> Any:
        body = {} if step is None else {"step": step}
        return self.client.post(self.url(name), json.dumps(body), "application/json")


@pytest.fixture
def desk(event: Event, planner: User) -> Desk:
    return Desk(event, planner)


def place(session: Session) -> tuple[str, str, str]:
    """Day, times and room of a session as they are now."""
    now = Session.objects.get(pk=session.pk)
    start, end = (m.astimezone(now.event.zone) for m in (now.starts_at, now.ends_at))
    return f"{start:%d}", f"{start:%H:%M}–{end:%H:%M}", now.location
