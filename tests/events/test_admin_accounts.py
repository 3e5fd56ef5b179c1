"""Naming people by address in the admin tells nobody who has an account here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from events.admin.people_fields import ADDRESSES
from events.models import (
    Event,
    OutgoingMail,
    Registration,
    SignUpAnswer,
    Speaker,
    TeamMember,
    TeamRole,
    User,
)
from tests.factories import EventFactory, SpeakerFactory, TeamMemberFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

KNOWN, UNKNOWN = "grace.hopper@example.org", "ada.lovelace@example.org"


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Ours", slug="ours")


def owner_of(*events: Event) -> Client:
    client, user = Client(), UserFactory(is_staff=True)
    for event in events:
        TeamMemberFactory(event=event, user=user, role=TeamRole.OWNER)
    client.force_login(user)
    return client


NO_LINKS = {"links-TOTAL_FORMS": 0, "links-INITIAL_FORMS": 0}


def event_form(event: Event, *addresses: str) -> dict[str, Any]:
    names = ("title", "status", "starts_on", "ends_on", "timezone", "accent_color", "slug")
    rows = [
        {f"team-{number}-user": address, f"team-{number}-role": "analyst"}
        for number, address in enumerate(addresses)
    ]
    return {
        **{name: getattr(event, name) for name in names},
        "doors_open_minutes": 15,
        "overrun_minutes": 30,
        "visibility": "public",
        "when_zone_changes": "local",
        "tracks-TOTAL_FORMS": 0,
        "tracks-INITIAL_FORMS": 0,
        "info_blocks-TOTAL_FORMS": 0,
        "info_blocks-INITIAL_FORMS": 0,
        "partners-TOTAL_FORMS": 0,
        "partners-INITIAL_FORMS": 0,
        "translations-TOTAL_FORMS": 0,
        "translations-INITIAL_FORMS": 0,
        "track_translations-TOTAL_FORMS": 0,
        "track_translations-INITIAL_FORMS": 0,
        "presence_setting-TOTAL_FORMS": 0,
        "presence_setting-INITIAL_FORMS": 0,
        "team-TOTAL_FORMS": len(rows),
        "team-INITIAL_FORMS": 0,
        "delivery-TOTAL_FORMS": 0,
        "delivery-INITIAL_FORMS": 0,
        **{name: value for row in rows for name, value in row.items()},
    }


def add_to_team(client: Client, event: Event, address: str) -> tuple[Any, str]:
    url = reverse("admin:events_event_change", args=[event.pk])
    return client.post(url, event_form(event, address)), url


def link_speaker(client: Client, event: Event, address: str) -> tuple[Any, str]:
    speaker = SpeakerFactory(event=event, name="Somebody", slug="somebody")
    url = reverse("admin:events_speaker_change", args=[speaker.pk])
    form = {"name": speaker.name, "slug": speaker.slug, "user": address, **NO_LINKS}
    return client.post(url, form), url


def register(client: Client, event: Event, address: str) -> tuple[Any, str]:
    data = {"event": event.pk, "user": address, "withdrawn_at_0": "", "withdrawn_at_1": ""}
    url = reverse("admin:events_registration_add")
    return client.post(url, data), reverse("admin:index")


WAYS = pytest.mark.parametrize("name", [add_to_team, link_speaker, register])


def heard(name: Callable[..., Any], address: str) -> tuple[Any, ...]:
    """All that somebody is told who names this address: the answer, its words, the page after."""
    event = EventFactory(title="Ours", slug=f"ours-{User.objects.count()}")
    client = owner_of(event)
    answer, url = name(client, event, address)
    words = [str(message) for message in get_messages(answer.wsgi_request)]
    page = client.get(url).content.decode()
    history = reverse("admin:events_event_history", args=[event.pk])
    told = "\n".join([*words, page, client.get(history).content.decode()])
    uuid = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    for secret in (r"value=\"[A-Za-z0-9]{64}\"", uuid, r"\d+", re.escape(address)):
        told = re.sub(secret, "*", told)
    location = re.sub(r"\d+", "*", answer.headers.get("Location", ""))
    return answer.status_code, location, told


@WAYS
def test_the_answer_is_the_same_whether_or_not_there_is_an_account(name):
    UserFactory(email=KNOWN, name="Rear Admiral Hopper")

    known = heard(name, KNOWN)

    assert known == heard(name, UNKNOWN)
    assert "Rear Admiral" not in str(known)


@WAYS
def test_somebody_new_gets_an_account_that_only_a_mailed_code_opens(name, event):
    name(owner_of(event), event, " Ada.Lovelace+work1@Example.org ")

    made = User.objects.get(email="ada.lovelace+work1@example.org")
    assert (made.has_usable_password(), made.is_staff, made.is_active) == (False, False, True)
    assert made.name == ("Somebody" if name is link_speaker else "Ada Lovelace")
    found = {
        add_to_team: TeamMember.objects.filter(user=made, role="analyst", event=event),
        link_speaker: Speaker.objects.filter(user=made, event=event),
        register: Registration.objects.filter(user=made, event=event),
    }
    assert found[name].count() == 1


@WAYS
@pytest.mark.parametrize("address", ["no address", "a@b", "a\0b@example.org"])
def test_what_is_no_address_gets_no_account(name, event, address):
    before = set(User.objects.values_list("pk", flat=True))
    client = owner_of(event)

    answer, _ = name(client, event, address)

    assert answer.status_code == 200
    assert set(User.objects.exclude(is_staff=True).values_list("pk", flat=True)) <= before


def test_a_form_that_is_refused_makes_no_account(event):
    url = reverse("admin:events_event_change", args=[event.pk])

    answer = owner_of(event).post(url, {**event_form(event, UNKNOWN), "title": ""})

    assert (answer.status_code, User.objects.filter(email=UNKNOWN).exists()) == (200, False)


@pytest.mark.parametrize("addresses", [(KNOWN, KNOWN.title()), (UNKNOWN, UNKNOWN.upper())])
def test_an_address_in_two_rows_is_refused_in_the_same_words(event, addresses):
    UserFactory(email=KNOWN)
    url = reverse("admin:events_event_change", args=[event.pk])

    answer = owner_of(event).post(url, event_form(event, *addresses))

    assert answer.context["errors"] == [
        f"{addresses[0].lower()} stands in two rows. Everybody has one role in a team."
    ]
    assert event.team.count() == 1


# --- How many ---------------------------------------------------------------------


def too_many(answer: Any) -> bool:
    return "Wait an hour" in answer.content.decode()


def test_thirty_addresses_an_hour_for_each_person_and_event(event):
    other = EventFactory()
    client = owner_of(event, other)
    for number in range(ADDRESSES.amount):
        assert not too_many(register(client, event, f"guest{number}@example.org")[0])
    UserFactory(email=KNOWN)
    before = User.objects.count()

    refused = [register(client, event, address)[0] for address in (KNOWN, UNKNOWN)]

    assert [too_many(answer) for answer in refused] == [True, True]
    assert (User.objects.count(), event.registrations.count()) == (before, ADDRESSES.amount)
    assert register(client, other, UNKNOWN)[0].status_code == 302
    assert register(owner_of(event), event, KNOWN)[0].status_code == 302


def test_all_ways_to_name_an_address_count_together(event):
    client = owner_of(event)
    for number in range(ADDRESSES.amount // 3):
        for name in (add_to_team, register):
            name(client, event, f"{name.__name__}{number}@example.org")
        speaker = SpeakerFactory(event=event)
        url = reverse("admin:events_speaker_change", args=[speaker.pk])
        data = {
            "name": speaker.name,
            "slug": speaker.slug,
            "user": f"s{number}@example.org",
            **NO_LINKS,
        }
        assert client.post(url, data).status_code == 302

    refused = [name(client, event, UNKNOWN)[0] for name in (add_to_team, link_speaker, register)]

    assert [too_many(answer) for answer in refused] == [True, True, True]


def test_a_form_with_too_many_rows_is_refused_whole(event):
    url = reverse("admin:events_event_change", args=[event.pk])
    addresses = [f"guest{number}@example.org" for number in range(ADDRESSES.amount + 1)]

    answer = owner_of(event).post(url, event_form(event, *addresses))

    assert too_many(answer)
    assert event.team.count() == 1


def test_what_is_saved_unchanged_does_not_count(event):
    client = owner_of(event)
    speaker = SpeakerFactory(event=event, user=UserFactory(email=KNOWN))
    url = reverse("admin:events_speaker_change", args=[speaker.pk])
    data = {"name": speaker.name, "slug": speaker.slug, "user": KNOWN.upper(), **NO_LINKS}
    for _ in range(ADDRESSES.amount + 1):
        assert client.post(url, data).status_code == 302

    assert not too_many(register(client, event, UNKNOWN)[0])


def test_superusers_see_all_accounts_and_are_not_counted(event):
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    for number in range(ADDRESSES.amount + 1):
        assert register(client, event, f"guest{number}@example.org")[0].status_code == 302


def test_an_event_goes_with_the_mails_and_answers_that_were_noted_of_it(event):
    guest = UserFactory()
    mail = {"kind": "news", "about": "x", "address": guest.email, "key": "k"}
    OutgoingMail.objects.create(event=event, user=guest, **mail)
    question = event.questions.create(label="Diet")
    SignUpAnswer.objects.create(question=question, user=guest, value="none")
    boss = Client()
    boss.force_login(UserFactory(is_staff=True, is_superuser=True))

    for name, pk in (("event", event.pk), ("user", guest.pk)):
        answer = boss.post(reverse(f"admin:events_{name}_delete", args=[pk]), {"post": "yes"})
        assert answer.status_code == 302

    assert not Event.objects.filter(pk=event.pk).exists()
    assert not User.objects.filter(pk=guest.pk).exists()
