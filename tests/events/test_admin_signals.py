"""What the admin deletes and cancels is heard by whoever keeps Kaltura in step."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from events import signals
from events.models import Session, Track
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def told() -> Any:
    """The signals as they come: which, about what."""
    heard: list[tuple[str, str]] = []

    def note(word: str) -> Any:
        def hear(sender: type, instance: Any, **kwargs: Any) -> None:
            heard.append((f"{sender.__name__} {word}", str(instance)))

        return hear

    hearers = [
        (signal, note(word))
        for word, group in (("changed", signals.CHANGED), ("removed", signals.REMOVED))
        for signal in group.values()
    ]
    for signal, hear in hearers:
        signal.connect(hear)
    yield heard
    for signal, hear in hearers:
        signal.disconnect(hear)


def manager_of(event: Any, client: Client) -> Client:
    client.force_login(TeamMemberFactory(event=event).user)
    return client


def test_removed_track_is_told_for_its_sessions_too(told):
    track = TrackFactory(name="Main")
    SessionFactory(event=track.event, track=track, title="Talk")
    SessionFactory(event=track.event, title="Elsewhere")
    told.clear()

    track.delete()

    assert told == [("Track removed", "Main"), ("Session changed", "Talk")]
    assert (Track.objects.count(), Session.objects.get(title="Talk").track) == (0, None)


def test_bulk_delete_tells_of_every_session(told, client):
    event = EventFactory()
    chosen = [SessionFactory(event=event, title=title) for title in ("A", "B")]
    SessionSpeakerFactory(session=chosen[0])
    client = manager_of(event, client)
    told.clear()

    client.post(
        reverse("admin:events_session_changelist"),
        {
            "action": "delete_selected",
            "_selected_action": [session.pk for session in chosen],
            "post": "yes",
        },
    )

    assert Session.objects.count() == 0
    assert sorted(heard for heard in told if heard[0] == "Session removed") == [
        ("Session removed", "A"),
        ("Session removed", "B"),
    ]


def test_bulk_cancel_tells_of_every_session_once(told, client):
    event = EventFactory()
    chosen = [SessionFactory(event=event, title=title) for title in ("A", "B")]
    client = manager_of(event, client)
    told.clear()

    client.post(
        reverse("admin:events_session_changelist"),
        {
            "action": "cancel_selected",
            "_selected_action": [session.pk for session in chosen],
            "confirmed": "yes",
        },
    )

    assert told == [("Session changed", "A"), ("Session changed", "B")]


def test_speaker_taken_off_a_session_is_told(told, client):
    appearance = SessionSpeakerFactory(session__title="Talk")
    event, session = appearance.session.event, appearance.session
    client = manager_of(event, client)
    told.clear()

    client.post(
        reverse("admin:events_session_change", args=[session.pk]),
        {
            "title": "Talk",
            "session_type": "webcast",
            "status": "published",
            "starts_at_0": "2030-05-06",
            "starts_at_1": "11:00",
            "ends_at_0": "2030-05-06",
            "ends_at_1": "11:45",
            "slug": session.slug,
            "appearances-TOTAL_FORMS": 1,
            "appearances-INITIAL_FORMS": 1,
            "appearances-0-id": appearance.pk,
            "appearances-0-session": session.pk,
            "appearances-0-speaker": appearance.speaker.pk,
            "appearances-0-role": "speaker",
            "appearances-0-position": 0,
            "appearances-0-DELETE": "on",
            "materials-TOTAL_FORMS": 0,
            "materials-INITIAL_FORMS": 0,
            "translations-TOTAL_FORMS": 0,
            "translations-INITIAL_FORMS": 0,
            "delivery-TOTAL_FORMS": 0,
            "delivery-INITIAL_FORMS": 0,
        },
    )

    assert session.appearances.count() == 0
    assert told[-1] == ("Session changed", "Talk")
