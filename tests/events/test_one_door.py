"""Whoever writes: each object is told once, touched once, and wakes a worker once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events import signals
from events.copying import clone_event
from events.models import Event, Session, SessionStatus, Speaker
from events.moving import move_event
from kaltura_bridge.models import SyncTarget
from kaltura_bridge.queue import TaskName
from tests.events.pages import form_values
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
)
from tests.kaltura_bridge.support.broker import listening

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@dataclass
class Effects:
    """What a write led to: signals by object, versions of targets, messages to workers."""

    told: list[str] = field(default_factory=list)
    raised: dict[str, int] = field(default_factory=dict)
    messages: int = 0


@contextmanager
def watched() -> Iterator[Effects]:
    effects, before = Effects(), versions()

    def hear(sender: type, instance: Any, **kwargs: Any) -> None:
        effects.told.append(str(instance))

    group = [*signals.CHANGED.values(), *signals.REMOVED.values()]
    for signal in group:
        signal.connect(hear)
    with listening(TaskName.SYNC_DUE) as sent:
        yield effects
    for signal in group:
        signal.disconnect(hear)
    effects.messages = len(sent)
    for uuid, (title, version) in versions().items():
        if version != before.get(uuid, ("", 0))[1]:
            effects.raised[title] = version - before.get(uuid, ("", 0))[1]


def versions() -> dict[UUID, tuple[str, int]]:
    rows = SyncTarget.objects.values_list("object_uuid", "title", "version")
    return {uuid: (title, version) for uuid, title, version in rows}


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Event")


@pytest.fixture
def manager(client: Client, event: Event) -> Client:
    client.force_login(TeamMemberFactory(event=event).user)
    return client


@pytest.fixture
def send(manager: Client) -> Callable[..., int]:
    """Opens a page of the admin, changes fields and sends the form. Returns the queries."""

    def send_form(model: str, thing: Any, **typed: Any) -> int:
        url = reverse(f"admin:events_{model}_change", args=[thing.pk])
        filled = form_values(manager.get(url).content.decode())
        with CaptureQueriesContext(connection) as queries:
            response = manager.post(url, filled | typed)
        assert response.status_code == 302, response.context["errors"]
        return len(queries)

    return send_form


@pytest.fixture
def panel(event: Event) -> Session:
    """A session with five speakers."""
    session = SessionFactory(title="Panel", event=event)
    SessionSpeakerFactory.create_batch(5, session=session)
    return session


def test_session_saved_with_five_changed_speakers_is_one_change(panel, send):
    places = {f"appearances-{n}-position": 10 - n for n in range(5)}
    with watched() as effects:
        queries = send("session", panel, title="The panel", **places)

    assert effects == Effects(["The panel"], {"The panel": 1}, messages=1)
    assert queries <= 30
    assert list(panel.appearances.values_list("position", flat=True)) == [6, 7, 8, 9, 10]


def test_session_saved_with_five_new_speakers_is_one_change(event, send):
    session = SessionFactory(title="Panel", event=event)
    speakers = SpeakerFactory.create_batch(5, event=event)
    rows = {
        f"appearances-{n}-{name}": value
        for n, speaker in enumerate(speakers)
        for name, value in {
            "id": "",
            "session": session.pk,
            "speaker": speaker.pk,
            "role": "speaker",
            "position": n,
        }.items()
    }
    with watched() as effects:
        queries = send("session", session, **rows | {"appearances-TOTAL_FORMS": 5})

    assert effects == Effects(["Panel"], {"Panel": 1}, messages=1)
    assert queries <= 30
    assert set(Speaker.objects.filter(sessions=session)) == set(speakers)


def test_delivery_and_speakers_saved_on_one_page_are_one_change(panel, send):
    with watched() as effects:
        send(
            "session",
            panel,
            **{"delivery-0-chat": "off", "appearances-0-DELETE": "on", "abstract": "New"},
        )

    assert effects == Effects(["Panel"], {"Panel": 1}, messages=1)
    assert (panel.appearances.count(), panel.delivery.chat) == (4, "off")


def test_event_saved_with_zone_tracks_and_delivery_tells_of_each_once(event, panel, send):
    TrackFactory(event=event, name="Main")
    other = SessionFactory(event=event, title="Other")
    with watched() as effects:
        send(
            "event",
            event,
            timezone="America/New_York",
            **{"tracks-0-name": "Hall", "delivery-0-chat": "off"},
        )

    other.refresh_from_db()
    assert f"{other.starts_at:%H:%M}" == "15:00"  # 11:00 in New York, as it was in Berlin
    assert effects.told == ["Event", "Hall", "Panel", "Other"]
    assert effects.raised == {"Event": 1, "Hall": 1, "Panel": 1, "Other": 1}
    assert effects.messages == 1


def test_speaker_saved_in_the_admin_touches_their_sessions_once(event, panel, send):
    speaker = panel.speakers.first()
    SessionSpeakerFactory(speaker=speaker, session=SessionFactory(event=event, title="Second"))
    with watched() as effects:
        send("speaker", speaker, name="Ada Lovelace")

    assert effects == Effects(["Panel", "Second"], {"Panel": 1, "Second": 1}, messages=1)


@pytest.mark.parametrize(
    ("action", "confirmation"),
    [("cancel_selected", "confirmed"), ("delete_selected", "post"), ("publish_selected", "")],
)
def test_bulk_action_tells_of_each_row_once(event, panel, manager, action, confirmation):
    rest = [
        SessionFactory(event=event, title=title, status=SessionStatus.DRAFT) for title in ("A", "B")
    ]
    Session.objects.filter(pk=panel.pk).update(status=SessionStatus.DRAFT)
    url = reverse("admin:events_session_changelist") + "?status=all"
    chosen = [session.pk for session in (panel, *rest)]
    with watched() as effects:
        manager.post(url, {"action": action, "_selected_action": chosen, confirmation: "yes"})

    titles = ["Panel", "A", "B"]
    assert effects == Effects(titles, dict.fromkeys(titles, 1), messages=1)


def test_move_and_clone_tell_of_each_object_once(event, panel):
    SessionFactory(event=event, title="Other")
    with watched() as moved:
        move_event(event, starts_on=event.starts_on + timedelta(days=1))
    with watched() as cloned:
        clone_event(event, title="Again", starts_on=date(2031, 5, 6))

    assert moved == Effects(
        ["Event", "Panel", "Other"], {"Event": 1, "Panel": 1, "Other": 1}, messages=1
    )
    assert cloned == Effects(
        ["Again", "Panel", "Other"], {"Again": 1, "Panel": 1, "Other": 1}, messages=1
    )


def schedule_of(path: Path, talks: int, room: str) -> Path:
    """A frab schedule of so many talks, each with two people of its own and one of all."""
    rows = [
        {
            "guid": f"g-{n}",
            "date": f"2030-05-06T{8 + n // 10:02}:00:00+02:00",
            "duration": "00:30",
            "title": f"Talk {n}",
            "room": room,
            "track": "Main",
            "persons": [
                {"id": 7, "public_name": "Ada"},
                {"id": 1000 + n, "public_name": f"Guest {n}"},
            ],
        }
        for n in range(talks)
    ]
    about = {"acronym": "conf", "title": "Conf", "time_zone_name": "Europe/Berlin"}
    days = [{"index": 1, "date": "2030-05-06", "rooms": {room: rows}}]
    path.write_text(json.dumps({"schedule": {"conference": {**about, "days": days}}}))
    return path


def test_import_of_100_talks_tells_of_each_once(tmp_path, capsys):
    titles = ["Conf", "Main", *(f"Talk {n}" for n in range(100))]
    first = schedule_of(tmp_path / "first.json", 100, "Hall")
    second = schedule_of(tmp_path / "second.json", 100, "Aula")
    with watched() as new:
        call_command("import_agenda", "conf", str(first), "--apply")
    with watched() as changed:
        call_command("import_agenda", "conf", str(second), "--apply")

    assert new == Effects(titles, dict.fromkeys(titles, 1), messages=1)
    assert changed == Effects(titles[2:], dict.fromkeys(titles[2:], 1), messages=1)
    assert set(Session.objects.values_list("location", flat=True)) == {"Aula"}


def test_two_saves_are_two_changes(panel, send):
    with watched() as effects:
        send("session", panel, abstract="First")
        send("session", panel, abstract="Second")

    assert effects == Effects(["Panel", "Panel"], {"Panel": 2}, messages=2)


def test_refused_form_changes_nothing(panel, manager):
    url = reverse("admin:events_session_change", args=[panel.pk])
    filled = form_values(manager.get(url).content.decode())
    with watched() as effects:
        response = manager.post(url, filled | {"title": "Lost", "appearances-0-position": "-1"})

    assert response.status_code == 200
    assert effects == Effects()


def test_page_whose_saving_fails_half_way_changes_nothing(panel, manager):
    """The session is written already when its speakers cannot be."""
    url = reverse("admin:events_session_change", args=[panel.pk])
    filled = form_values(manager.get(url).content.decode())
    manager.raise_request_exception = False

    def fail(**kwargs: Any) -> None:
        raise RuntimeError("The last receiver fails.")

    signals.programme_changed.connect(fail)
    with watched() as effects:
        response = manager.post(url, filled | {"title": "Lost", "appearances-0-DELETE": "on"})
    signals.programme_changed.disconnect(fail)

    panel.refresh_from_db()
    assert (response.status_code, panel.title, panel.appearances.count()) == (500, "Panel", 5)
    assert (effects.raised, effects.messages) == ({}, 0)
