"""An event with somebody on stage, and somebody who plans it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from events.models import Event, Session, Speaker, User
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Congress", slug="congress")


@pytest.fixture
def manager(event: Event) -> User:
    user: User = TeamMemberFactory(event=event).user
    return user


@pytest.fixture
def ada() -> User:
    return UserFactory(email="ada@example.org", name="Ada")


@pytest.fixture
def speaker(event: Event, ada: User) -> Speaker:
    return SpeakerFactory(event=event, name="Ada L.", title="Countess", user=ada)


@pytest.fixture
def talk(event: Event, speaker: Speaker) -> Session:
    session: Session = SessionFactory(event=event, title="Engines", abstract="Cogs.")
    SessionSpeakerFactory(session=session, speaker=speaker)
    return session


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def profile_page(speaker: Speaker) -> str:
    return reverse("events:stage_profile", args=[speaker.uuid])


def session_page(speaker: Speaker, session: Session) -> str:
    return reverse("events:stage_session", args=[speaker.uuid, session.uuid])


def review_page(event: Event) -> str:
    return reverse("admin:events_event_stage", args=[event.pk])
