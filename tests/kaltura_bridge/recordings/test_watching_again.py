"""What attendees and strangers see of recordings: list, agenda, session page, and a copy."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client
from django.utils import timezone

from events.models import TeamRole, Visibility
from kaltura_bridge.models import EventDelivery, Recording
from kaltura_bridge.recordings import showing
from kaltura_bridge.sync import service
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory, UserFactory
from tests.kaltura_bridge.api.test_ks import decode
from tests.kaltura_bridge.support.joining import attendee_of, signed_in
from tests.kaltura_bridge.support.recorded import (
    broadcast,
    held_session,
    look,
    place_id,
    processed,
    rows,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def recorded(session, **fields):
    """A row as a look would make it."""
    defaults = {"origin": "recorded", "state": "ready", "seconds": 2712, "is_published": True}
    return Recording.objects.create(
        session=session,
        entry_id=f"0_{session.pk:08}",
        recorded_at=session.starts_at,
        is_main=True,
        **(defaults | fields),
    )


def over(**fields):
    end = timezone.now() - timedelta(hours=2)
    return SessionFactory(**{"starts_at": end - timedelta(hours=1), "ends_at": end, **fields})


def url_of(session, tail=""):
    return f"/e/{session.event.slug}/sessions/{session.slug}/{tail}"


def test_the_list_agenda_and_page_tell_of_it_as_soon_as_it_is_published():
    event = EventFactory()
    seen = over(event=event, title="Owls at night")
    hidden, coming = over(event=event, title="Hidden"), SessionFactory(event=event)
    row = recorded(seen)
    recorded(hidden, is_published=False)
    recorded(coming)
    stranger, page = Client(), f"/e/{event.slug}/recordings/"

    for client in (stranger, stranger, signed_in(attendee_of(seen))):
        text = client.get(page).content.decode()
        assert ("Owls at night" in text, "45:12" in text) == (True, True)
        assert ("Hidden" in text, coming.title in text) == (False, False)
        assert "Recording 45:12" in client.get(f"/e/{event.slug}/agenda/?day=all").content.decode()
        assert "Recording, 45:12" in client.get(url_of(seen)).content.decode()
    assert "Owls" in stranger.get(page, {"q": "owl"}).content.decode()
    assert "Nothing found" in stranger.get(page, {"q": "badger"}).content.decode()

    showing.hide(row)
    for client in (stranger, signed_in(attendee_of(seen))):
        assert "No recordings yet" in client.get(page).content.decode()
        assert "45:12" not in client.get(url_of(seen)).content.decode()


def test_of_a_private_event_a_stranger_sees_none_of_it_at_any_door():
    session = over(event=EventFactory(visibility=Visibility.INVITED))
    EventDelivery.objects.create(event=session.event, recordings_download=True)
    recorded(session)
    nothing = Client().get("/e/there-is-none/recordings/")
    for client in (Client(), signed_in(UserFactory())):
        answer = client.get(f"/e/{session.event.slug}/recordings/")
        assert (answer.status_code, nothing.status_code) == (404, 404)
        assert client.get(url_of(session, "recording/")).status_code == 404
    inside = signed_in(attendee_of(session))
    assert session.title in inside.get(f"/e/{session.event.slug}/recordings/").content.decode()


def test_a_copy_is_for_those_who_may_watch_where_the_event_allows_it(simulator, settings):
    session = held_session()
    broadcast(simulator, session, 600)
    processed(simulator)
    look(session)
    attendee, stranger = attendee_of(session), UserFactory()
    manager = TeamMemberFactory(event=session.event, role=TeamRole.MANAGER).user
    event = session.event
    event.overrun_minutes = 0
    event.save()

    def answers():
        people = (attendee, stranger, manager)
        found = [signed_in(user).get(url_of(session, "recording/")) for user in people]
        return [each.status_code for each in found], found[0]

    assert answers()[0] == [404, 404, 302]
    EventDelivery.objects.create(event=event, recordings_download=True)
    codes, answer = answers()
    assert codes == [302, 404, 302]
    assert answer["Cache-Control"] == "no-store, private"
    assert "Download it" in signed_in(attendee).get(url_of(session)).content.decode()

    entry_id = rows(session)[0].entry_id
    address = urlsplit(answer["Location"])
    signed = address.path.rpartition("/ks/")[2]
    fields = decode(requests.utils.unquote(signed), settings.KALTURA_ADMIN_SECRET)
    assert (fields["download"], fields["sview"]) == (entry_id, entry_id)
    assert not {"edit", "list", "disableentitlement"} & set(fields)
    assert requests.get(answer["Location"], timeout=10).headers["Content-Type"] == "audio/mpeg"
    showing.hide(rows(session)[0])
    assert answers()[0] == [404, 404, 404]


def test_kaltura_leads_to_the_recording_where_the_event_asks_and_back_when_it_is_hidden(simulator):
    session = held_session()
    event = session.event
    event.overrun_minutes = 0
    event.save()
    EventDelivery.objects.create(event=event, recordings_redirect=True)
    broadcast(simulator, session, 600)
    processed(simulator)
    look(session)
    service.settle(service.targets_of(event), 20)
    entry_id = rows(session)[0].entry_id

    def leads():
        events = simulator.objects("scheduleEvent")
        return [each["redirectEntryId"] for each in events if each.get("redirectEntryId")]

    assert leads() == [entry_id]
    # What Kaltura tells now of the entry makes no second recording, and nothing drifts.
    look(session)
    assert [row.entry_id for row in rows(session)] == [entry_id]
    showing.hide(rows(session)[0])
    service.settle(service.targets_of(event), 20)
    assert leads() == []
    assert place_id(session)
