"""“Why can't they join?”: who may look, at whom, and what the page says."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.models import EventPrivacy, PrivacyMode
from events.models import Session, SessionType, TeamRole, User
from kaltura_bridge.models import EventDelivery, LaunchTicket, PlayerChoice
from kaltura_bridge.sync import service
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)
from tests.kaltura_bridge.support.joining import (
    attendee_of,
    join_url,
    launched,
    linked,
    live_session,
    signed_in,
    target_of,
)

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "admin:kaltura_bridge_joining"
VERDICT = re.compile(r'data-verdict="(\w+)"')
GATE = re.compile(r'<tr data-gate="(\w+)"><th scope="row">([^<]+)')


@pytest.fixture(autouse=True)
def nothing_answers(settings):
    """Without a simulator Kaltura is away, at once."""
    settings.KALTURA_SERVICE_URL = "http://127.0.0.1:9"
    settings.KALTURA_KAF_URL = "https://101.kaf.example.org"


def helper_of(session: Session, role: str = TeamRole.MANAGER) -> Client:
    return signed_in(TeamMemberFactory(event=session.event, role=role).user)


def look(client: Client, session: Session, person: User | str) -> Any:
    asked = str(person.uuid) if isinstance(person, User) else person
    return client.get(reverse(PAGE, args=[session.pk]), {"person": asked})


def words(page: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def gates(page: Any) -> dict[str, str]:
    return {name: state for state, name in GATE.findall(page.content.decode())}


def test_somebody_who_may_enter_is_said_to_be_let_in():
    session = live_session()
    linked(session)
    page = look(helper_of(session), session, attendee_of(session))

    assert VERDICT.findall(page.content.decode()) == ["open"]
    assert gates(page) == {
        "The account": "open",
        "The page": "open",
        "The session": "open",
        "The recording": "not_asked",
        "The event": "open",
        "A place": "open",
        "The time": "open",
        "The room": "open",
    }
    assert "Kaltura does not answer now" in words(page)
    assert ("djJ8" in page.content.decode(), "actionslimit" in words(page)) == (False, True)


def test_the_first_closed_gate_is_said_with_what_helps():
    session = live_session(capacity=10)
    target_of(session, state="failed", error="Kaltura refused it.")
    page = look(helper_of(session), session, attendee_of(session))

    assert "they have not reserved one" in words(page)
    assert (gates(page)["A place"], gates(page)["The room"]) == ("closed", "closed")
    assert f"synctarget/?q={session.uuid}" in page.content.decode()


def test_nobody_learns_whether_somebody_outside_has_an_account():
    session = live_session()
    linked(session)
    outsider, client = UserFactory(email="outsider@example.org"), helper_of(session)

    texts = [
        words(look(client, session, address)).replace(address, "ADDRESS")
        for address in (outsider.email, "nobody@example.org")
    ]

    assert texts[0] == texts[1]
    assert "Nobody of this event has this address" in texts[0]
    by_uuid = look(client, session, str(outsider.uuid))
    assert outsider.name not in words(by_uuid)


def test_people_are_found_by_address_and_name_and_namesakes_are_told_apart():
    session = live_session()
    linked(session)
    ann = attendee_of(session, name="Ann Ash", email="ann@example.org")
    other = attendee_of(session, name="Ann Ash", email="ash@example.org")
    client = helper_of(session)

    by_address, by_name = (look(client, session, text) for text in ("ANN@example.org", "ann ash"))

    assert VERDICT.findall(by_address.content.decode()) == ["open"]
    assert all(str(user.uuid) in by_name.content.decode() for user in (ann, other))


def test_what_happened_at_the_door_is_told_and_no_ks_with_it():
    session = live_session()
    person, client = attendee_of(session), helper_of(session)
    target_of(session)
    visitor = signed_in(person)
    assert visitor.get(join_url(session)).status_code == 503
    linked(session)
    ks = launched(visitor, session).rsplit("/", 1)[1]

    page = look(client, session, person)

    assert "Kaltura does not have the entry or room yet." in words(page)
    assert "as attendee by Kaltura's page “entry”" in words(page)
    assert ks not in page.content.decode()


def test_an_event_without_names_tells_nobody_when_somebody_came():
    session = live_session()
    linked(session)
    person, client = attendee_of(session), helper_of(session)
    launched(signed_in(person), session)
    EventPrivacy.objects.update_or_create(
        event=session.event, defaults={"mode": PrivacyMode.PSEUDONYMOUS}
    )

    page = look(client, session, person)

    assert "attendance without names" in words(page)
    assert "Came in at" not in words(page)


def test_moderators_help_without_links_that_they_may_not_follow():
    session = live_session(capacity=10)
    linked(session)
    page = look(helper_of(session, TeamRole.MODERATOR), session, attendee_of(session))

    assert page.status_code == 200
    assert ("What helps" in words(page), ">Go there<" in page.content.decode()) == (True, False)


@pytest.mark.parametrize(
    ("role", "reads_addresses"),
    [(TeamRole.OWNER, True), (TeamRole.MANAGER, True), (TeamRole.MODERATOR, False)],
)
def test_addresses_are_for_who_may_read_registrations(role, reads_addresses):
    session = live_session()
    linked(session)
    people = [
        attendee_of(session, name="Ann Ash", email="ann@example.org"),
        UserFactory(name="Ann Ash", email="ash@example.org"),
    ]
    speaker = SpeakerFactory(event=session.event, user=people[1])
    SessionSpeakerFactory(session=session, speaker=speaker)
    client = helper_of(session, role)

    namesakes, by_link = look(client, session, "ann ash"), look(client, session, people[0])
    typed = look(client, session, "ANN@example.org")

    found = [sum(user.email in words(page) for user in people) for page in (namesakes, by_link)]
    assert found == ([2, 0] if reads_addresses else [0, 0])
    asked_again = people[0].email if reads_addresses else "Ann Ash"
    assert f'value="{asked_again}"' in by_link.content.decode()
    told_apart = ["Ann Ash, attendee" in words(namesakes), "Ann Ash, speaker" in words(namesakes)]
    assert told_apart == [not reads_addresses] * 2
    shown = "ann@example.org" if reads_addresses else "ANN@example.org"
    assert f'value="{shown}"' in typed.content.decode()


@pytest.mark.parametrize("role", [TeamRole.ANALYST, None])
def test_others_are_answered_as_if_it_were_not_there(role):
    session = live_session()
    person = attendee_of(session)
    user = UserFactory(is_staff=True)
    if role:
        TeamMemberFactory(event=session.event, role=role, user=user)
    else:
        TeamMemberFactory(event=EventFactory(), role=TeamRole.OWNER, user=user)

    assert look(signed_in(user), session, person).status_code == 404


def test_a_person_leads_there_from_their_own_pages():
    session = live_session()
    person = attendee_of(session)
    speaker = SpeakerFactory(event=session.event, user=person)
    registration = person.registrations.get()
    client = helper_of(session)
    admin = signed_in(UserFactory(is_staff=True, is_superuser=True))
    expected = f"{reverse(PAGE, args=[session.pk])}?person={person.uuid}"

    led = [
        asks.get(reverse(f"{PAGE}_{kind}", args=[pk]))["Location"]
        for asks, kind, pk in (
            (client, "registration", registration.pk),
            (client, "speaker", speaker.pk),
            (admin, "account", person.pk),
        )
    ]

    assert led == [expected] * 3
    form = client.get(reverse("admin:events_session_change", args=[session.pk]))
    assert reverse(PAGE, args=[session.pk]) in form.content.decode()


def test_the_page_costs_the_same_queries_at_any_size():
    session = live_session()
    linked(session)
    person, client = attendee_of(session), helper_of(session)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert look(client, session, person).status_code == 200
        return len(asked)

    queries()
    few = queries()
    for _ in range(3):
        SessionFactory(event=session.event)
        SessionSpeakerFactory(session=session)
        attendee_of(session)
        launched(signed_in(person), session)

    assert queries() == few


def test_what_kaltura_says_of_the_entry(simulator):
    session = live_session()
    service.settle(service.targets_of(session.event), 20)
    person, client = attendee_of(session), helper_of(session)

    page = look(client, session, person)

    assert re.search(
        rf"Kaltura has “{re.escape(session.title)}” \(\w+\), and it is ready", words(page)
    )
    assert "Viewers see no broadcast now." in words(page)


def test_entrances_are_forgotten_after_a_day():
    from kaltura_bridge.join import tickets

    session = live_session()
    linked(session)
    launched(signed_in(attendee_of(session)), session)
    launched(signed_in(attendee_of(session)), session)
    old = LaunchTicket.objects.order_by("pk").first()
    LaunchTicket.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert tickets.clear_old() == 1
    assert LaunchTicket.objects.count() == 1


def test_where_a_player_is_chosen_its_facts_are_told(settings):
    settings.KALTURA_PLAYER_UICONF_ID = 23448262
    session = live_session(session_type=SessionType.WEBCAST)
    linked(session)
    EventDelivery.objects.create(event=session.event, player=PlayerChoice.V7)
    attendee = attendee_of(session)
    page = look(helper_of(session), session, attendee)

    facts = dict(page.context["found"].pass_facts)
    life = session.doors_close_at - timezone.now()
    assert "actionslimit" not in words(page)
    assert facts["page at Kaltura"] == "Player on a page of the portal (V7)"
    assert int(facts["ends after"].split()[0]) >= min(life, timedelta(minutes=30)).total_seconds()
