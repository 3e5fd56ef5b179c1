"""Kaltura wants each name once among siblings; the portal finds one that people can read."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse

from kaltura_bridge.api.client import new
from kaltura_bridge.models import SyncTarget
from kaltura_bridge.sync import service
from kaltura_bridge.sync.plan_report import plan_report
from tests.factories import EventFactory, TeamMemberFactory, TrackFactory, WebcastFactory
from tests.kaltura_bridge.support.at_kaltura import at_kaltura
from tests.kaltura_bridge.support.oracle import Store, differences
from tests.kaltura_bridge.support.planning import in_step, settle, states

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

LONG = "Ü" * 120


def summit(slug="summit", title="Summit 2026"):
    event = EventFactory(title=title, slug=slug)
    WebcastFactory(event=event, title=f"Keynote of {slug}")
    return event


def foreign(simulator, name):
    """Somebody else's category beside those of the events."""
    parent = Store(simulator).parent_id
    category = new("KalturaCategory", name=name, parentId=int(parent))
    at_kaltura(lambda c: c.category.add(category))


def names(simulator):
    """The names of our categories, in the order in which they were made."""
    rows = simulator.objects("category")
    return [row["name"] for row in rows if str(row.get("referenceId") or "").startswith("portal:")]


def settled(simulator, *events):
    """What differs from the plan, and what a second look would write."""
    for event in events:
        settle(event)
    again = sum(service.sync_event(event, 20).writes for event in events)
    return differences(simulator, *events), again, in_step(events[0])


def test_second_event_of_one_title_is_named_by_its_slug_too(simulator):
    first, second = summit("summit"), summit("summit-2026")

    told = settled(simulator, first, second)

    assert names(simulator) == ["Summit 2026", "Summit 2026 (summit-2026)"]
    assert told == ([], 0, True)
    assert {row["name"] for row in simulator.objects("entry")} >= {
        "Keynote of summit",
        "Keynote of summit-2026",
    }


@pytest.mark.parametrize(
    ("held", "title", "named"),
    [
        ("Summit 2026", "Summit 2026", "Summit 2026 (summit)"),
        ("SUMMIT 2026", "Summit 2026", "Summit 2026 (summit)"),
        ("Sümmit 2026", "Summit 2026", "Summit 2026 (summit)"),
        ("Art_ science", "Art, science", "Art_ science (summit)"),
        # Two hundred bytes fit, and these two differ after them.
        (LONG[:100], LONG, f"{LONG[:95]} (summit)"),
    ],
)
def test_name_of_somebody_elses_category_is_left_to_it(simulator, held, title, named):
    foreign(simulator, held)
    event = summit(title=title)

    told = settled(simulator, event)

    assert (names(simulator), told) == ([named], ([], 0, True))


def test_event_of_the_same_slug_in_another_portal_takes_neither_name(simulator):
    foreign(simulator, "Summit 2026")
    foreign(simulator, "Summit 2026 (summit)")
    event = summit()

    told = settled(simulator, event)

    assert names(simulator) == [f"Summit 2026 (summit-{event.uuid.hex[:8]})"]
    assert told == ([], 0, True)


def test_nothing_is_left_when_every_name_is_taken(simulator):
    event = summit()
    for ending in ("", " (summit)", f" (summit-{event.uuid.hex[:8]})"):
        foreign(simulator, f"Summit 2026{ending}")

    settle(event)

    assert states(event)["Summit 2026"] == ("failed", "name taken")


def test_renamed_to_a_taken_name_and_away_again(simulator):
    first, second = summit("one", "Spring"), summit("two", "Autumn")
    settled(simulator, first, second)

    second.title = "Spring"
    second.save()
    taken = settled(simulator, first, second), names(simulator)
    second.title = "Winter"
    second.save()

    assert taken == (([], 0, True), ["Spring", "Spring (two)"])
    assert (settled(simulator, first, second), names(simulator)) == (
        ([], 0, True),
        ["Spring", "Winter"],
    )


def test_tracks_that_differ_in_case_alone_stand_beside_each_other(simulator):
    event = summit()
    for name in ("Ethics", "ethics"):
        TrackFactory(event=event, name=name, slug=f"{name[0]}-track")

    told = settled(simulator, event)

    assert (sorted(names(simulator)), told) == (
        ["Ethics", "Summit 2026", "ethics (e-track)"],
        ([], 0, True),
    )


def test_lost_reply_is_not_taken_for_somebody_elses_name(simulator, settings):
    settings.KALTURA_INDEX_DELAY_S = 0.6
    simulator.set_index_delay(0.3)
    event = summit()
    simulator.lose_reply("category.add")

    told = settled(simulator, event)

    assert (names(simulator), told) == (["Summit 2026"], ([], 0, True))


def test_event_page_and_plan_say_how_it_is_named_there(simulator, client):
    foreign(simulator, "Summit 2026")
    event = summit()
    settle(event)
    client.force_login(TeamMemberFactory(event=event).user)
    note = (
        "Another category at Kaltura already has the name “Summit 2026”, so this one is named "
        "“Summit 2026 (summit)” there. Everything else keeps its title."
    )

    target = SyncTarget.objects.get(title="Summit 2026")
    pages = [
        client.get(reverse("admin:events_event_change", args=[event.pk])),
        client.get(reverse("admin:kaltura_bridge_synctarget_change", args=[target.pk])),
    ]
    event.title = "Summit 2026"
    event.description = "More."
    event.save()

    texts = [re.sub(r"\s+", " ", unescape(page.content.decode())) for page in pages]
    assert [text.count(note) for text in texts] == [1, 1]
    warnings = plan_report(service.plan_event(event)).warnings
    assert warnings == [f"category “Summit 2026”: {note}"]


def test_tracks_that_differ_in_case_or_accents_only_have_a_category_each(simulator):
    event = EventFactory(title="Spring", slug="spring")
    for name in ("Ethics", "ETHICS", "Éthics"):
        WebcastFactory(event=event, track=TrackFactory(event=event, name=name), title=f"On {name}")

    told = settled(simulator, event)

    assert sorted(names(simulator)) == [
        "ETHICS (ethics-2)",
        "Ethics",
        "Spring",
        "Éthics (ethics-3)",
    ]
    assert told == ([], 0, True)
