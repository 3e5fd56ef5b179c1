"""At every remote write of every recipe the sender dies; the next one leaves one object of each."""

from __future__ import annotations

import pytest

from kaltura_bridge.models import SyncTarget
from kaltura_bridge.sync import outcome, places, service
from tests.kaltura_bridge.support.dying import MOMENTS, sync_and_die
from tests.kaltura_bridge.support.dying_cases import LIVES, writes_seen
from tests.kaltura_bridge.support.oracle import differences
from tests.kaltura_bridge.support.recipe_cases import CASES, SIMULIVE_PROFILE, planned

pytestmark = [pytest.mark.django_db(transaction=True)]

_BROADCAST = (
    "category.add livestream.add baseentry.updateThumbnailFromUrl metadata.add "
    "scheduleevent.add categoryentry.add"
)
_ROOM = "category.add room.add metadata.add scheduleevent.add categoryentry.add"
_LEGACY = "category.add scheduleresource.add scheduleevent.add scheduleeventresource.add"
_UPDATES = (
    "category.update livestream.update baseentry.updateThumbnailFromUrl metadata.update "
    "scheduleevent.update"
)
_LEAVES_ENTRY = "categoryentry.delete metadata.delete baseentry.delete"
_LEAVES_RESOURCE = "scheduleeventresource.delete scheduleresource.delete"
_ANEW = "scheduleevent.delete scheduleevent.add"
_GONE = f"{_LEAVES_ENTRY} scheduleevent.delete category.delete"

# What each recipe sends: first, when all of it changes, for another type, and at the end.
WRITES = {
    "webcast": {
        "first": _BROADCAST,
        "change": _UPDATES,
        "another type": f"{_LEAVES_ENTRY} room.add metadata.add categoryentry.add {_ANEW}",
        "end": _GONE,
    },
    "interactive": {
        "first": _ROOM,
        "change": "category.update room.update scheduleevent.update",
        "another type": f"{_LEAVES_ENTRY} room.add metadata.add categoryentry.add "
        "scheduleevent.update",
        "end": _GONE,
    },
    "webinar": {
        "first": _ROOM,
        "change": "category.update room.update scheduleevent.update",
        "another type": f"{_LEAVES_ENTRY} livestream.add metadata.add categoryentry.add room.add "
        f"baseentry.updateThumbnailFromUrl {_ANEW}",
        "end": _GONE,
    },
    "studio": {
        "first": f"{_BROADCAST} room.add",
        "change": f"{_UPDATES} room.update",
        "another type": "categoryentry.delete baseentry.delete livestream.update metadata.update "
        f"{_ANEW}",
        "end": _GONE,
    },
    "simulive": {
        "first": _BROADCAST,
        "change": f"{_UPDATES} {_ANEW}",
        "another type": f"{_LEAVES_ENTRY} scheduleresource.add scheduleeventresource.add {_ANEW}",
        "end": _GONE,
    },
    "legacy interactive": {
        "first": _LEGACY,
        "change": "category.update scheduleresource.update scheduleevent.update",
        "another type": f"{_LEAVES_RESOURCE} room.add metadata.add categoryentry.add {_ANEW}",
        "end": f"{_LEAVES_RESOURCE} scheduleevent.delete category.delete",
    },
    "legacy webinar": {
        "first": _LEGACY,
        "change": "category.update scheduleresource.update scheduleevent.update",
        "another type": f"{_LEAVES_RESOURCE} livestream.add metadata.add categoryentry.add "
        f"room.add baseentry.updateThumbnailFromUrl {_ANEW}",
        "end": f"{_LEAVES_RESOURCE} scheduleevent.delete category.delete",
    },
    "channel": {
        "first": _BROADCAST,
        "change": _UPDATES,
        "another type": f"{_LEAVES_ENTRY} room.add metadata.add categoryentry.add {_ANEW}",
        "end": _GONE,
    },
}
# A database of its own kind commits otherwise: there one recipe with everything must do.
ON_BOTH = ("simulive", "change")
# Made by the recipe of another one, with one word otherwise: what both send alike is enough once.
TWINS = {"webinar": "interactive", "legacy webinar": "legacy interactive"}
# Enough for every day; the others die in `make proof`.
EVERY_DAY = ("webcast", "first")
LIVED = [
    pytest.param(name, life, marks=[pytest.mark.postgres] if (name, life) == ON_BOTH else [])
    for name in CASES
    for life in LIVES
]


def _killed(name, life):
    writes = WRITES[name][life]
    return [] if WRITES.get(TWINS.get(name), {}).get(life) == writes else writes.split()


def _marks(lived):
    return [*lived.marks, *([] if lived.values == EVERY_DAY else [pytest.mark.proof])]


DEATHS = [
    pytest.param(*lived.values, write, marks=_marks(lived))
    for lived in LIVED
    for write in _killed(*lived.values)
]


@pytest.fixture(autouse=True)
def quick(simulator, settings, monkeypatch):
    """Kaltura's lists lag a little, and nobody waits longer than for them."""
    settings.KALTURA_SIMULIVE_ACCESS_CONTROL_ID = SIMULIVE_PROFILE
    settings.KALTURA_INDEX_DELAY_S = 0.08
    simulator.set_index_delay(0.05)
    monkeypatch.setattr(outcome, "back_off_s", lambda *_: 0.05)
    monkeypatch.setattr(places, "LOOK_AGAIN_S", 0.02)
    monkeypatch.setattr(service, "POLL_S", 0.02)


def lived(simulator, name, life):
    """A session of the case at the moment when something happened to it."""
    session = planned(name)
    if life != "first":
        service.settle(SyncTarget.objects.all(), 20)
    simulator.forget_requests()
    LIVES[life](session)
    return session


@pytest.mark.parametrize(("name", "life"), LIVED)
def test_table_names_exactly_the_writes_of_the_recipe(simulator, name, life):
    lived(simulator, name, life)

    service.settle(SyncTarget.objects.all(), 20)

    assert writes_seen(simulator) == sorted(set(WRITES[name][life].split()))


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("name", "life", "write"), DEATHS)
def test_killed_at_a_write_leaves_one_object_of_each(simulator, name, life, write, moment):
    session = lived(simulator, name, life)

    died = sync_and_die(session.event, write, moment)
    service.settle(SyncTarget.objects.all(), 20)

    events = [] if life == "end" else [session.event]
    held = differences(simulator, *events)
    told = set(SyncTarget.objects.values_list("state", "error"))
    again = sum(service.sync_event(event, 20).writes for event in events)
    assert (died, held, told, again) == (True, [], {("synced", "")} if events else set(), 0)


# How far lists lag in truth, and when an entry gets the new name of its category.
LAG_S, RENEWED_AFTER_S = 0.3, 0.5


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("name", "life", "write"), DEATHS)
def test_killed_while_lists_lag_longer_than_anybody_knows(simulator, name, life, write, moment):
    """What lists did not show in time may be made twice, and the next look takes it away."""
    simulator.set_index_delay(LAG_S)
    simulator.set_background(RENEWED_AFTER_S)
    session = lived(simulator, name, life)

    died = sync_and_die(session.event, write, moment)
    service.settle(SyncTarget.objects.all(), 30)
    simulator.advance(LAG_S)
    events = [] if life == "end" else [session.event]
    for event in events:
        service.sync_event(event, 30)

    held = differences(simulator, *events)
    told = set(SyncTarget.objects.values_list("state", "error"))
    rows = simulator.objects("category")
    unmarked = {row["fullName"] for row in rows if not row.get("referenceId")}
    again = sum(service.sync_event(event, 20).writes for event in events)
    assert (died, held, told, again) == (True, [], {("synced", "")} if events else set(), 0)
    assert unmarked == {"KAF", "KAF>site", "KAF>site>channels"}
