"""Finding anything of one's events, and nothing of others'."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.test import Client

from events.models import Session, TeamRole
from kaltura_bridge.models import RemoteLink, SyncTarget, TargetKind
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def found(client: Client, words: str) -> dict[str, list[str]]:
    """Titles by kind, as the box shows them."""
    html = client.get("/admin/search/", {"q": words, "part": "1"}).content.decode()
    groups = re.split(r'<div role="group"', html)[1:]
    kinds = [re.search(r'role="presentation">([^<]+)<', group)[1] for group in groups]
    titles = [re.findall(r'<span dir="auto">([^<]+)</span>', group) for group in groups]
    return dict(zip(kinds, titles, strict=True))


def an_event(title: str, role: str = TeamRole.OWNER) -> tuple[Any, Client]:
    event = EventFactory(title=title)
    return event, client_of(TeamMemberFactory(event=event, role=role).user)


@pytest.mark.postgres
def test_titles_are_found_whatever_their_case_and_accents():
    event, client = an_event("Frühling")
    SessionFactory(event=event, title="Café ÉTOILE, straße", subtitle="Łódź")
    SessionFactory(event=event, title="About tea")
    SpeakerFactory(event=event, name="Zoë Müller")

    assert found(client, "cafe etoile") == {"Sessions": ["Café ÉTOILE, straße"]}
    assert found(client, "STRASSE") == {"Sessions": ["Café ÉTOILE, straße"]}
    assert found(client, "etoile lod") == {}
    assert found(client, "zoe mull") == {"Speakers": ["Zoë Müller"]}
    assert found(client, "fruhl") == {"Events": ["Frühling"]}
    assert found(client, "100%_") == {}


@pytest.mark.postgres
def test_what_begins_with_the_words_comes_first():
    event, client = an_event("Spring")
    for title in ("The great ocean", "Ocean life", "An ocean"):
        SessionFactory(event=event, title=title)

    assert found(client, "ocean") == {"Sessions": ["Ocean life", "An ocean", "The great ocean"]}


def test_pages_are_found_by_their_name_and_that_of_the_event():
    spring, client = an_event("Spring days")
    an_event("Other days")

    assert found(client, "planner spring") == {"Pages": ["Planner"]}
    html = client.get("/admin/search/", {"q": "planner"}).content.decode()
    assert f'href="/admin/events/event/{spring.pk}/planner/"' in html
    assert html.count("/planner/") == 1


def test_a_pasted_id_is_found():
    event, client = an_event("Spring")
    session = SessionFactory(event=event, title="Keynote")
    target = SyncTarget.objects.get(kind=TargetKind.SESSION, object_uuid=session.uuid)
    RemoteLink.objects.create(target=target, kind="entry", key="k", remote_id="1_abcd1234")

    assert found(client, str(session.uuid)) == {"Sessions": ["Keynote"]}
    assert found(client, "1_abcd") == {"At Kaltura": ["1_abcd1234"]}
    assert found(client, "1_a") == {}


def everything(event: Any) -> None:
    """One of each kind, whose name has the word quokka."""
    session = SessionFactory(event=event, title="Quokka talk")
    SpeakerFactory(event=event, name="Quokka Smith")
    person = UserFactory(name="Quokka Person", email=f"quokka{event.pk}@example.org")
    RegistrationFactory(event=event, user=person)
    target = SyncTarget.objects.get(kind=TargetKind.SESSION, object_uuid=session.uuid)
    RemoteLink.objects.create(
        target=target, kind="entry", key=f"k{event.pk}", remote_id=f"quokka_{event.pk}"
    )


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (TeamRole.OWNER, ["Events", "Sessions", "Speakers", "Registered people", "At Kaltura"]),
        (TeamRole.MODERATOR, ["Events", "Sessions", "Speakers"]),
        (TeamRole.ANALYST, ["Events", "Sessions", "Speakers"]),
    ],
)
def test_everybody_finds_only_what_they_may_open(role, expected):
    theirs, mine = EventFactory(title="Quokka theirs"), EventFactory(title="Quokka mine")
    everything(theirs)
    everything(mine)
    client = client_of(TeamMemberFactory(event=mine, role=role).user)

    html = client.get("/admin/search/", {"q": "quokka"}).content.decode()

    assert list(found(client, "quokka")) == expected
    assert all(len(titles) == 1 for titles in found(client, "quokka").values())
    assert "theirs" not in html and f"quokka{theirs.pk}@" not in html
    addresses = set(re.findall(r'<li><a href="([^"]+)"', html))
    assert {client.get(address).status_code for address in addresses} == {200}


def test_whoever_is_in_no_team_finds_nothing_and_superusers_all():
    everything(EventFactory(title="Quokka"))
    nobody = client_of(UserFactory(is_staff=True))
    superuser = client_of(UserFactory(is_staff=True, is_superuser=True))

    assert found(nobody, "quokka") == {}
    assert set(found(superuser, "quokka")) == {
        *("Events", "Sessions", "Speakers", "Registered people", "Accounts", "At Kaltura")
    }
    assert client_of(UserFactory()).get("/admin/search/?q=quokka").status_code == 302


def test_it_costs_as_much_for_many_as_for_few(django_assert_num_queries):
    event, client = an_event("Quokka")
    everything(event)
    found(client, "quokka")

    with django_assert_num_queries(9):
        found(client, "quokka")
    for number in range(20):
        SessionFactory(event=event, title=f"Quokka {number}")
    with django_assert_num_queries(9):
        assert len(found(client, "quokka")["Sessions"]) == 8


def test_it_answers_within_a_tenth_of_a_second_on_2000_sessions():
    event, client = an_event("Big")
    first = SessionFactory(event=event, title="Talk 0")
    Session.objects.bulk_create(
        Session(
            event=event,
            title=f"Tälk {n} about något",
            slug=f"talk-{n}",
            starts_at=first.starts_at,
            ends_at=first.ends_at,
        )
        for n in range(1, 2000)
    )
    found(client, "talk 1999")

    took = []
    for words in ("talk 1999", "nagot 77", "nothing at all"):
        began = time.perf_counter()
        found(client, words)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.1, took  # The least: others use the machine, too.
