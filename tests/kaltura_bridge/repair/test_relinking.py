"""Who may link to what: over HTTP, as the admin's pages do it, with a look at Kaltura first."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from events.models import EventStatus
from kaltura_bridge.api.client import new
from kaltura_bridge.models import RelinkLookup, RemoteLink
from kaltura_bridge.repair import relinking
from kaltura_bridge.sync import reconcile, service
from tests.factories import EventFactory, InteractiveFactory, TeamMemberFactory, WebcastFactory
from tests.kaltura_bridge.support.at_kaltura import (
    at_kaltura,
    held_there,
    link_of,
    someone_deletes,
)
from tests.kaltura_bridge.support.broker import unreachable
from tests.kaltura_bridge.support.looking import answer_lookups, operator
from tests.kaltura_bridge.support.planning import in_step, planned_event, settle, states

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

REFUSAL = "There is no such object that you may choose."
TEMPLATE = "0_tmplroom"


@pytest.fixture
def event(simulator: Any) -> Any:
    planned = planned_event()
    settle(planned)
    return planned


@pytest.fixture
def manager(event: Any) -> Client:
    return signed_in(TeamMemberFactory(event=event).user)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url_of(link: RemoteLink) -> str:
    return reverse("admin:kaltura_bridge_choice", args=[link.target_id, link.pk, "relink"])


def look(client: Client, link: RemoteLink, remote_id: object) -> Any:
    """Ask for a look, let the worker answer, and see what is shown then."""
    data = {"to": str(remote_id)}
    asked = client.post(url_of(link), data)
    answer_lookups()
    return client.get(asked.url if asked.status_code == 302 else url_of(link), data)


def relink(client: Client, link: RemoteLink, remote_id: object) -> list[str]:
    """Look, then confirm what was shown. What the person is told."""
    shown = look(client, link, remote_id).context["preview"].fingerprint
    done = client.post(url_of(link), {"to": str(remote_id), "shown": shown})
    return [str(message) for message in get_messages(done.wsgi_request)]


def entry_of_nobody(**fields: Any) -> str:
    made = new("KalturaLiveStreamEntry", name="Made by hand", mediaType=201, **fields)
    return str(at_kaltura(lambda c: c.liveStream.add(made, 32)).id)


def id_of(link: RemoteLink) -> str | None:
    return RemoteLink.objects.get(pk=link.pk).remote_id


# --- What managers may choose ---------------------------------------------------


def test_manager_links_to_another_object_that_carries_the_key_of_the_same(
    simulator, event, manager
):
    link = link_of("entry")
    someone_deletes(link)
    copy = entry_of_nobody(referenceId=link.key)
    service.sync_event(event, 20)

    told = relink(manager, link, copy)
    settle(event)

    assert (told, id_of(link), in_step(event)) == ([f"Linked to {copy}."], copy, True)
    assert held_there(simulator, "entry", copy)["name"] == "Keynote"


def others(event: Any) -> dict[str, tuple[RemoteLink, str]]:
    """Objects that are not a manager's, each with the link that they try to bend to it."""
    entry, calendar = link_of("entry"), link_of("schedule_event")
    category, room = link_of("category", "Ethics"), link_of("room", "Workshop")
    private = EventFactory(title="Board", is_public=False)
    InteractiveFactory(event=private, title="Salaries")
    WebcastFactory(event=private, title="Losses")
    draft = EventFactory(title="Draft")
    WebcastFactory(event=draft, title="Secret")
    for other in (private, draft):
        settle(other)
    draft.status = EventStatus.DRAFT
    draft.save()
    settle(draft)
    return {
        "not there": (entry, "0_zzzzzzzz"),
        "not there, a number": (calendar, "999999999"),
        "another event's room, for an entry": (entry, str(link_of("room", "Salaries").remote_id)),
        "another event's room": (room, str(link_of("room", "Salaries").remote_id)),
        "another event's entry": (entry, str(link_of("entry", "Losses").remote_id)),
        "a draft's entry": (entry, str(link_of("entry", "Secret").remote_id)),
        "another event's calendar": (calendar, str(link_of("schedule_event", "Losses").remote_id)),
        "another event's category": (category, str(link_of("category", "Board").remote_id)),
        "the account's template": (room, TEMPLATE),
        "nobody's": (entry, entry_of_nobody()),
        "an orphan of the portal": (entry, entry_of_nobody(referenceId=f"portal:{uuid.uuid4()}")),
        "another session's of the same event": (
            room,
            str(link_of("entry").remote_id),
        ),
    }


def plain(page: Any) -> str:
    """The page without what differs each time: tokens, and what the person typed themselves."""
    text = re.sub(r'(csrfmiddlewaretoken" value=|nonce=)"[^"]*"', r'\1""', page.content.decode())
    return re.sub(r"/\d+/", "/N/", text)


def test_refusals_are_alike_to_the_byte_whatever_stands_behind_the_id(
    simulator, event, manager, settings
):
    settings.KALTURA_ROOM_TEMPLATE_INTERACTIVE = TEMPLATE
    cases = others(event)
    before = {row["id"]: row.get("referenceId") for row in simulator.objects("entry")}

    pages = {name: look(manager, link, remote_id) for name, (link, remote_id) in cases.items()}
    told = {
        name: manager.post(url_of(link), {"to": remote_id, "shown": "forged"}).content.count(
            REFUSAL.encode()
        )
        for name, (link, remote_id) in cases.items()
    }

    kinds = {link.kind: plain(pages[name]) for name, (link, _) in cases.items()}
    assert {name: plain(pages[name]) == kinds[link.kind] for name, (link, _) in cases.items()} == (
        dict.fromkeys(cases, True)
    )
    assert {page.context["preview"].refusal for page in pages.values()} == {REFUSAL}
    assert (set(told.values()), RelinkLookup.objects.exclude(facts=[]).count()) == ({1}, 0)
    settle(event)
    assert before == {row["id"]: row.get("referenceId") for row in simulator.objects("entry")}


def test_refusals_take_the_same_calls_to_kaltura(simulator, event, manager):
    asked = {}
    for name, (link, remote_id) in others(event).items():
        simulator.forget_requests()
        look(manager, link, remote_id)
        asked[name] = len(simulator.requests())

    assert set(asked.values()) == {1}


# --- What operators may choose --------------------------------------------------


def test_operator_sees_what_it_is_before_anything(simulator, event):
    link, client = link_of("entry"), signed_in(operator())
    made = entry_of_nobody(referenceId="from-the-console", userId="ada@example.org")
    home = int(link_of("category", "Ethics").remote_id or 0)
    place = new("KalturaCategoryEntry", categoryId=home, entryId=made)
    at_kaltura(lambda c: c.categoryEntry.add(place))

    preview = look(client, link, made).context["preview"]

    facts = dict(preview.facts)
    assert facts.pop("Created").endswith(" UTC")
    assert facts == {
        "Kind": "Live entry",
        "Name": "Made by hand",
        "Owner": "ada@example.org",
        "Categories": "KAF>site>channels>Spring>Ethics",
        "Reference": "from-the-console",
    }
    assert (preview.refusal, preview.confirm) == ("", "Relink")


def test_whoever_was_given_the_permission_may_choose_what_is_nobodys(simulator, event):
    manager = TeamMemberFactory(event=event).user
    manager.user_permissions.add(Permission.objects.get(codename="operate_account"))
    link, made = link_of("entry"), entry_of_nobody()
    someone_deletes(link)
    service.sync_event(event, 20)

    told = relink(signed_in(manager), link, made)
    settle(event)

    assert (told, states(event)["Keynote"]) == ([f"Linked to {made}."], ("synced", ""))
    assert held_there(simulator, "entry", made)["referenceId"] == link.key


@pytest.mark.parametrize(
    "name",
    [
        "another event's room, for an entry",
        "another event's calendar",
        "the account's template",
        "an orphan of the portal",
        "another session's of the same event",
    ],
)
def test_not_even_operators_take_what_is_the_portals(simulator, event, settings, name):
    settings.KALTURA_ROOM_TEMPLATE_INTERACTIVE = TEMPLATE
    link, remote_id = others(event)[name]
    before = id_of(link)

    page = look(signed_in(operator()), link, remote_id)

    assert (page.context["preview"].refusal, id_of(link)) == (REFUSAL, before)


def test_permission_is_asked_for_again_when_it_is_confirmed(simulator, event):
    user, link, made = operator(), link_of("entry"), entry_of_nobody()
    TeamMemberFactory(event=event, user=user)
    client = signed_in(user)
    shown = look(client, link, made).context["preview"].fingerprint
    user.is_superuser = False
    user.save()

    page = client.post(url_of(link), {"to": made, "shown": shown})

    assert (page.context["preview"].refusal, id_of(link) != made) == (REFUSAL, True)


def test_look_of_one_person_is_not_anothers(simulator, event, manager):
    link, made = link_of("entry"), entry_of_nobody()
    look(signed_in(operator()), link, made)

    page = manager.get(url_of(link), {"to": made})

    assert (page.context["preview"].asks, page.context["preview"].facts) == (True, ())


def test_object_that_got_another_key_after_the_look_keeps_it(simulator, event):
    link, client = link_of("entry"), signed_in(operator())
    made, foreign = entry_of_nobody(), f"portal:{uuid.uuid4()}"
    someone_deletes(link)
    service.sync_event(event, 20)
    relink(client, link, made)
    change = new("KalturaLiveStreamEntry", referenceId=foreign)
    at_kaltura(lambda c: c.liveStream.update(made, change))

    settle(event)

    assert held_there(simulator, "entry", made)["referenceId"] == foreign
    assert states(event)["Keynote"] == ("failed", "conflict")


# --- The look itself --------------------------------------------------------------


def test_page_waits_for_the_worker_and_says_when_there_is_none(simulator, event, manager):
    link = link_of("entry")
    asks = manager.get(url_of(link), {"to": "0_zzzzzzzz"})
    with unreachable():
        refused = manager.post(url_of(link), {"to": "0_zzzzzzzz"})
    kept = RelinkLookup.objects.count()
    manager.post(url_of(link), {"to": "0_zzzzzzzz"})
    waits = manager.get(url_of(link), {"to": "0_zzzzzzzz"})

    assert (asks.context["preview"].asks, kept, refused.status_code) == (True, 0, 302)
    assert waits.context["preview"].waiting
    assert b"data-lookup" in waits.content


def test_trouble_with_kaltura_is_told_and_can_be_tried_again(simulator, event, manager):
    link = link_of("entry")
    simulator.refuse("baseEntry.get", times=1)
    first = look(manager, link, "0_zzzzzzzz")
    second = look(manager, link, "0_zzzzzzzz")

    assert (first.context["preview"].asks, second.context["preview"].refusal) == (True, REFUSAL)


def test_looks_are_forgotten(simulator, event, manager):
    look(manager, link_of("entry"), "0_zzzzzzzz")
    RelinkLookup.objects.update(asked_at="2020-01-01T00:00:00Z")

    reconcile.sweep()

    assert (RelinkLookup.objects.count(), relinking.NO_SUCH_OBJECT) == (0, REFUSAL)
