"""Who sees what is in an event's category: by the event's visibility, and only where chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from events.models import Event, Visibility
from kaltura_bridge.models import EventDelivery
from kaltura_bridge.sync import service
from tests.kaltura_bridge.support.planning import in_step, planned_event, settle

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ("privacyContext", "privacy", "appearInList", "inheritanceType", "contributionPolicy")
OPEN = ("", 1, 1, 2, 1)


def choose(event: Event, context: str) -> None:
    EventDelivery.objects.update_or_create(event=event, defaults={"privacy_context": context})
    event = Event.objects.get(pk=event.pk)
    event.save()


def held(simulator: Simulator, event: Event) -> list[tuple[Any, ...]]:
    """What the categories of the event and its track say of who sees them."""
    by_key = {row.get("referenceId"): row for row in simulator.objects("category")}
    keys = [f"portal:{thing.uuid}" for thing in (event, *event.tracks.all())]
    return [tuple(by_key[key].get(name) or "" for name in NAMES) for key in keys]


@pytest.mark.parametrize(
    ("visibility", "seen_by"),
    [
        (Visibility.PUBLIC, 1),
        (Visibility.UNLISTED, 1),
        (Visibility.REGISTERED, 3),
        (Visibility.INVITED, 3),
    ],
)
def test_track_is_as_private_as_its_event(simulator, visibility, seen_by):
    event = planned_event()
    Event.objects.filter(pk=event.pk).update(visibility=visibility)
    choose(event, "spring2027")

    settle(event)

    assert in_step(event)
    assert held(simulator, event) == [
        ("spring2027", seen_by, seen_by, 2, 2),
        ("", seen_by, seen_by, 1, 2),
    ]


def test_context_comes_and_goes_with_the_choice(simulator):
    event = planned_event()
    Event.objects.filter(pk=event.pk).update(visibility=Visibility.INVITED)
    settle(event)
    before = held(simulator, event)

    choose(event, "spring2027")
    settle(event)
    between = held(simulator, event)
    choose(event, "")
    settle(event)

    assert in_step(event)
    assert (before, held(simulator, event)) == ([OPEN, OPEN], [OPEN, OPEN])
    assert between == [("spring2027", 3, 3, 2, 2), ("", 3, 3, 1, 2)]
    assert service.plan_event(event).fingerprints == []


def test_track_waits_while_its_event_has_no_context_yet(simulator):
    """Another worker may have the event's category: what Kaltura says then passes by itself."""
    event = planned_event()
    settle(event)
    choose(event, "spring2027")
    tracks = service.targets_of(event).filter(kind="track")

    service.sync_due(tracks)
    waiting = list(tracks.values_list("state", "error_kind"))
    settle(event)

    assert waiting == [("pending", "busy")]
    assert in_step(event)
    assert held(simulator, event)[1] == ("", 1, 1, 1, 2)
