"""Virtual events: for accounts that have the Events Platform."""

from __future__ import annotations

import pytest
from KalturaClient.Plugins import VirtualEvent

from tests.kaltura_simulator.support.clients import USER, call, client_of, code_of, ks_of


def add(client, name="Conference", **fields):
    sent = VirtualEvent.KalturaVirtualEvent(name=name, **fields)
    return client.virtualEvent.virtualEvent.add(sent)


def test_without_the_platform_the_plugin_refuses_in_its_own_words(kaltura):
    event = {"name": "Conference"}
    for session in (ks_of(kaltura), ks_of(kaltura, USER, "viewer")):
        answer = call(kaltura, "virtualevent_virtualevent.add", ks=session, virtualEvent=event)
        assert answer["message"] == "The access to service [virtualEvent->add] is forbidden"


def test_short_name_is_refused_before_anything_else(kaltura):
    viewer = ks_of(kaltura, USER, "viewer")
    answer = call(kaltura, "virtualevent_virtualevent.add", ks=viewer, virtualEvent={"name": "x"})

    assert (answer["code"], answer["args"]) == (
        "PROPERTY_VALIDATION_MIN_LENGTH",
        {"PROP_NAME": "name", "MIN_LEN": "3"},
    )


@pytest.fixture
def client(kaltura):
    kaltura.control("POST", "features", {"virtualEvents": True})
    return client_of(kaltura)


def test_virtual_event_lives_and_goes(client):
    made = add(client, tags="a")
    service = client.virtualEvent.virtualEvent
    changed = service.update(made.id, VirtualEvent.KalturaVirtualEvent(description="d"))
    service.delete(made.id)

    assert (changed.name, changed.description, changed.tags) == ("Conference", "d", "a")
    assert code_of(service.get, made.id) == "VIRTUAL_EVENT_NOT_FOUND"
    assert service.list().objects == []


def test_virtual_event_names_schedule_events_that_are_there(client):
    assert code_of(add, client, mainEventScheduleEventId=99) == "INVALID_OBJECT_ID"


def test_viewers_are_refused_with_the_platform_too(kaltura, client):
    assert code_of(add, client_of(kaltura, USER, "viewer")) == "SERVICE_FORBIDDEN"
