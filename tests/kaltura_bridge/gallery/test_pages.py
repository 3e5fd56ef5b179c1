"""The gallery's page: who gets it, what Kaltura is told, and the agenda where it cannot be."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import requests
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from events.models import Event, Track, User, Visibility
from kaltura_bridge.gallery import looking
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import EventDelivery, LaunchTicket, RemoteLink
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionSpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
    WebcastFactory,
    WebinarFactory,
)
from tests.kaltura_bridge.api.test_ks import decode
from tests.kaltura_bridge.support.joining import FRAME, signed_in
from tests.kaltura_bridge.support.planning import settle

pytestmark = pytest.mark.django_db(transaction=True)

CONTEXT = "spring2027"


def planned(visibility: str = Visibility.PUBLIC, **chosen: Any) -> Event:
    """An event with a gallery, two tracks with a webcast each, and one without a track."""
    event = EventFactory(title="Spring", visibility=visibility)
    for name in ("Ethics", "Physics"):
        WebcastFactory(event=event, track=TrackFactory(event=event, name=name), title=f"On {name}")
    WebcastFactory(event=event, title="Opening")
    EventDelivery.objects.create(event=event, **({"gallery": True} | chosen))
    return event


def url_of(event: Event, track: Track | None = None) -> str:
    return f"/e/{event.slug}/gallery/" + (f"{track.slug}/" if track else "")


def frame_of(page: Any) -> str:
    found = FRAME.search(page.content.decode())
    assert found, page.content.decode()
    return unescape(found[1])


def entered(client: Client, url: str) -> str:
    """The address at Kaltura to which the page's frame leads."""
    answer = client.get(frame_of(client.get(url)))
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def listed(address: str) -> tuple[int, set[str]]:
    """What KAF lists there."""
    reply = requests.get(address, timeout=10)
    return reply.status_code, set(re.findall(r'data-entry-id="([^"]+)"', reply.text))


def entries(*sessions: Any) -> set[str]:
    keys = [f"portal:{session.uuid}" for session in sessions]
    return set(
        RemoteLink.objects.filter(kind="entry", key__in=keys).values_list("remote_id", flat=True)
    )


def places(event: Event) -> tuple[int, int]:
    """How many entries Kaltura has in the event's own category, and places in all."""
    home = RemoteLink.objects.get(kind="category", key=f"portal:{event.uuid}").remote_id
    links = RemoteLink.objects.filter(kind="category_entry", target__event_uuid=event.uuid)
    ids = [link.remote_id for link in links if link.remote_id]
    return sum(each.startswith(f"{home}|") for each in ids), len(ids)


def obstacle(page: Any) -> str:
    found = re.search(r'data-no-gallery="(\w+)"', page.content.decode())
    return found[1] if found else ""


def heading(page: Any) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.content.decode())
    return unescape(found[1]) if found else ""


def attendee(event: Event) -> User:
    return RegistrationFactory(event=event, user=UserFactory(name="Jane Doe")).user


def test_gallery_of_event_and_track_shows_what_is_in_them(simulator):
    event = planned()
    settle(event)
    ethics = event.tracks.get(name="Ethics")
    client = signed_in(attendee(event))

    of_event, of_track = (entered(client, url_of(event, track)) for track in (None, ethics))

    opening, on_ethics = (event.sessions.get(title=title) for title in ("Opening", "On Ethics"))
    on_physics = event.sessions.get(title="On Physics")
    assert listed(of_event) == (200, entries(opening, on_ethics, on_physics))
    assert listed(of_track) == (200, entries(on_ethics))


def test_what_tracks_have_stands_in_the_events_gallery_only_while_it_is_chosen(simulator):
    event = planned(gallery=False, room_sharing="track")
    ethics = event.tracks.get(name="Ethics")
    WebinarFactory(event=event, track=ethics, title="In the room")
    settle(event)

    counted = [places(event)]
    for is_chosen in (True, False):
        event.delivery.gallery = is_chosen
        event.delivery.save()
        settle(event)
        counted.append(places(event))
        settle(event)

    # Three sessions and a shared room, of which one stands in no track.
    assert counted == [(1, 4), (4, 7), (1, 4)]


def test_ks_says_who_where_and_nothing_else(simulator, settings):
    event = planned(Visibility.REGISTERED, privacy_context=CONTEXT)
    ann, owner = attendee(event), TeamMemberFactory(event=event, role="owner").user
    settle(event)

    told = []
    for person in (ann, owner):
        page = signed_in(person).get(url_of(event))
        assert "djJ8" not in page.content.decode()  # "v2|": no KS stands in our page
        address = entered(signed_in(person), url_of(event))
        told.append(decode(address.rpartition("/")[2], settings.KALTURA_ADMIN_SECRET))
        told[-1].pop("_e")

    assert told[0] == {
        "actionslimit": "-1",
        "userId": kaltura_user_id(ann),
        "contextId": "Spring",
        "role": "viewerRole",
        "userContextualRole": "3",
        "firstName": "Jane",
        "lastName": "Doe",
        "locale": "en",
        "enableentitlement": "",
        "privacycontext": CONTEXT,
        "_t": "0",
        "_u": kaltura_user_id(ann),
    }
    assert (told[1]["role"], told[1]["userContextualRole"]) == ("viewerRole", "0")


def test_category_may_be_named_by_its_number(simulator, settings):
    settings.KALTURA_GALLERY_PATH = "/channels/index/view"
    settings.KALTURA_GALLERY_PRIVILEGE = "categoryId"
    event = planned()
    settle(event)
    home = RemoteLink.objects.get(kind="category", key=f"portal:{event.uuid}").remote_id

    address = entered(signed_in(attendee(event)), url_of(event))

    told = decode(address.rpartition("/")[2], settings.KALTURA_ADMIN_SECRET)
    assert address.startswith(f"{settings.KALTURA_KAF_URL}/channels/index/view/ks/")
    assert (told["categoryId"], "contextId" in told) == (home, False)


@pytest.mark.postgres
def test_private_gallery_opens_for_members_and_closes_with_the_membership(simulator):
    event = planned(Visibility.INVITED, privacy_context=CONTEXT)
    ann = attendee(event)
    settle(event)
    ethics = event.tracks.get(name="Ethics")
    on_ethics = event.sessions.get(title="On Ethics")
    simulator.advance(5)  # heirs learn of members in the background
    address = entered(signed_in(ann), url_of(event, ethics))
    before = listed(address)

    registration = ann.registrations.get()
    registration.delete()
    settle(event)
    simulator.advance(5)

    assert before == (200, entries(on_ethics))
    assert listed(address) == (403, set())
    assert signed_in(ann).get(url_of(event)).status_code == 404


@pytest.mark.parametrize(
    ("visibility", "statuses"),
    [
        # nobody, somebody with an account, attendee, speaker's team
        (Visibility.PUBLIC, (403, 403, 200, 200)),
        (Visibility.REGISTERED, (302, 302, 200, 200)),
        (Visibility.INVITED, (404, 404, 200, 200)),
    ],
)
def test_who_may_see_the_agenda_and_enter_the_event_may_see_the_gallery(
    simulator, visibility, statuses
):
    event = planned(visibility)
    settle(event)
    people = [UserFactory(), attendee(event), TeamMemberFactory(event=event).user]
    clients = [Client(), *map(signed_in, people)]
    ethics = event.tracks.get(name="Ethics")

    for url in (url_of(event), url_of(event, ethics)):
        assert tuple(client.get(url).status_code for client in clients) == statuses
    for name in ("gallery-frame/", f"gallery-frame/{ethics.slug}/"):
        refused = [client.get(f"/e/{event.slug}/{name}").status_code for client in clients]
        assert [status for status in refused if status == 200] == []


def test_stranger_is_turned_away_as_at_a_sessions_door(simulator):
    event = planned()
    settle(event)
    session = event.sessions.get(title="Opening")
    session.starts_at, session.ends_at = now() - timedelta(minutes=5), now() + timedelta(hours=1)
    session.save()
    stranger, speaker = UserFactory(), UserFactory()
    SessionSpeakerFactory(session=session, speaker__user=speaker)
    urls = [f"/e/{event.slug}/sessions/{session.slug}/join/", url_of(event)]

    said = []
    for is_open in (True, False):
        Event.objects.filter(pk=event.pk).update(registration_open=is_open)
        pages = [signed_in(stranger).get(url) for url in urls]
        said += [(page.status_code, heading(page)) for page in pages]
    frame = signed_in(stranger).get(f"/e/{event.slug}/gallery-frame/")

    assert said[0] == said[1] == (403, "You are not registered for this event yet.")
    assert said[2] == said[3] == (403, "Registration for this event is closed.")
    assert (frame.status_code, frame.get("Location"), b"/ks/" in frame.content) == (
        403,
        None,
        False,
    )
    assert entered(signed_in(speaker), url_of(event))


@pytest.mark.postgres
@pytest.mark.parametrize("rule", ["places", "devices"])
def test_gallery_is_not_offered_where_it_leads_round_a_rule(simulator, rule):
    event = planned()
    settle(event)
    client = signed_in(attendee(event))
    frame = frame_of(client.get(url_of(event)))
    if rule == "places":
        session = event.sessions.get(title="Opening")
        session.capacity = 2
        session.save()
    else:
        event.delivery.second_device = "replace"
        event.delivery.save()

    page, agenda = client.get(url_of(event)), client.get(f"/e/{event.slug}/agenda/")

    assert (page.status_code, obstacle(page)) == (200, "knows_no_doors")
    assert url_of(event) not in agenda.content.decode()
    assert client.get(frame).status_code == 503


def test_there_is_no_gallery_where_none_was_chosen(simulator):
    event, other = planned(gallery=False), planned()
    client = signed_in(attendee(event))

    missing = [client.get(url_of(event)), client.get(url_of(event, event.tracks.first()))]
    nowhere = client.get(f"/e/{other.slug}/gallery/nothing/")
    agendas = [client.get(f"/e/{each.slug}/agenda/").content.decode() for each in (event, other)]

    assert [page.status_code for page in (*missing, nowhere)] == [404, 404, 404]
    assert [url_of(each) in text for each, text in zip((event, other), agendas, strict=True)] == [
        False,
        True,
    ]


def _unsigned(event: Event, settings: Any) -> None:
    settings.KALTURA_ADMIN_SECRET = ""


def _not_sent(event: Event, settings: Any) -> None:
    RemoteLink.objects.filter(kind="category").update(remote_id=None)


def _gone(event: Event, settings: Any) -> None:
    RemoteLink.objects.filter(kind="category").update(gone=True)


def _context_not_sent(event: Event, settings: Any) -> None:
    EventDelivery.objects.filter(event=event).update(privacy_context="another1")


def _refused(event: Event, settings: Any) -> None:
    EventDelivery.objects.filter(event=event).update(gallery_refused="HTTP 403")


def _nothing(event: Event, settings: Any) -> None:
    pass


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (_unsigned, "not_configured"),
        (_not_sent, "not_in_step"),
        (_gone, "not_in_step"),
        (_context_not_sent, "not_in_step"),
        (_refused, "refused"),
        (_nothing, "not_yet_member"),
    ],
)
def test_agenda_takes_its_place_with_a_sentence_why(simulator, settings, trouble, why):
    event = planned(Visibility.REGISTERED, privacy_context=CONTEXT)
    settle(event)
    client = signed_in(attendee(event))  # nobody has told Kaltura of them yet
    trouble(event, settings)

    page = client.get(url_of(event, event.tracks.get(name="Ethics")))
    frame = client.get(f"/e/{event.slug}/gallery-frame/")

    text = page.content.decode()
    assert (page.status_code, obstacle(page), "<iframe" in text) == (200, why, False)
    assert ("On Ethics" in text, "On Physics" in text) == (True, False)
    assert frame.status_code == 503


@pytest.mark.postgres
def test_two_tracks_of_one_name_are_not_mixed_up(simulator):
    """KAF looks for a name, and would show the other event's."""
    event, other = planned(), planned()
    for each in (event, other):
        settle(each)
    client = signed_in(attendee(event))
    ethics = event.tracks.get(name="Ethics")

    assert obstacle(client.get(url_of(event, ethics))) == "name_twice"
    assert obstacle(client.get(url_of(event))) == ""


def test_ticket_works_once_for_one_person_and_place(simulator):
    event = planned()
    settle(event)
    ann, ben = (signed_in(attendee(event)) for _ in range(2))
    ethics = event.tracks.get(name="Ethics")
    frame = frame_of(ann.get(url_of(event)))
    elsewhere = frame.replace("gallery-frame/", f"gallery-frame/{ethics.slug}/")

    others = [ben.get(frame).status_code, ann.get(elsewhere).status_code]
    outside = ann.get(frame, headers={"Sec-Fetch-Dest": "document"})
    twice = [ann.get(frame).status_code, ann.get(frame).status_code]

    assert (others, twice) == ([403, 403], [302, 403])
    assert (outside.status_code, outside["Location"]) == (302, url_of(event))
    ticket = LaunchTicket.objects.get()
    assert (ticket.session, ticket.page, str(ticket)[-8:].count(":")) == (None, "gallery", 2)


def test_page_hands_nothing_on_and_frames_one_host(simulator, settings):
    event = planned()
    settle(event)
    client = signed_in(attendee(event))

    page = client.get(url_of(event))
    frame = client.get(frame_of(page))

    policy = page["Content-Security-Policy"]
    assert f"frame-src 'self' {settings.KALTURA_KAF_URL}" in policy
    for answer in (page, frame):
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == (
            "no-store, private",
            "no-referrer",
        )
    assert "frame-ancestors 'self'" in frame["Content-Security-Policy"]


def test_page_takes_few_queries_and_no_call(simulator):
    event = planned(Visibility.REGISTERED, privacy_context=CONTEXT)
    ann = attendee(event)
    settle(event)
    client, ethics = signed_in(ann), event.tracks.get(name="Ethics")
    client.get(url_of(event, ethics))
    simulator.forget_requests()

    with CaptureQueriesContext(connection) as asked:
        page = client.get(url_of(event, ethics))

    assert page.status_code == 200
    assert len(asked) <= 11
    assert simulator.calls() == 0


def test_worker_notes_what_kaf_refuses_and_when_it_does_no_more(simulator):
    event, waiting = planned(), planned()
    settle(event)
    simulator.fault("kaf.course-gallery", "status_5xx", times=1)
    client = signed_in(attendee(event))
    before = {row["fullName"] for row in simulator.objects("category")}

    refused = looking.look_at_galleries(), obstacle(client.get(url_of(event)))
    shown = looking.look_at_galleries(), obstacle(client.get(url_of(event)))

    assert (refused, shown) == ((1, "refused"), (0, ""))
    # What is not at Kaltura yet is not asked for: KAF would make a category of that name.
    assert {row["fullName"] for row in simulator.objects("category")} == before
    assert waiting.delivery.gallery_refused == ""
