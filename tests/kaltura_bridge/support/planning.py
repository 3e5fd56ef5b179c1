"""A small planned event, and what Kaltura should then hold; shared by the sync tests."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from events.models import Event
from kaltura_bridge.models import SyncTarget
from kaltura_bridge.specs import key_for
from kaltura_bridge.sync import service
from kaltura_bridge.sync.work import Work
from tests.factories import EventFactory, InteractiveFactory, TrackFactory, WebcastFactory

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator


def planned_event() -> Event:
    """An event with a track, a webcast in it, and a room without track."""
    event = EventFactory(title="Spring")
    WebcastFactory(event=event, track=TrackFactory(event=event, name="Ethics"), title="Keynote")
    InteractiveFactory(event=event, title="Workshop")
    return event


def settle(event: Event, wait_s: float = 20.0) -> Work:
    return service.settle(service.targets_of(event), wait_s)


def states(event: Event) -> dict[str, tuple[str, str]]:
    """State and error kind of every target, by title."""
    return {t.title: (t.state, t.error_kind) for t in service.targets_of(event)}


def in_step(event: Event) -> bool:
    return set(SyncTarget.objects.values_list("state", "error")) == {("synced", "")}


def waiting() -> list[str]:
    """The titles of what is to be sent or read back."""
    return list(SyncTarget.objects.filter(state="pending").values_list("title", flat=True))


def held(simulator: Simulator) -> Counter[str]:
    """What the local Kaltura holds of ours, counted by kind and key."""
    found: Counter[str] = Counter()
    for kind in ("category", "entry", "scheduleEvent"):
        found.update(f"{kind} {key}" for key in simulator.keys(kind))
    for row in simulator.objects("metadata"):
        found[f"metadata {row['metadataProfileId']} of {row['objectId']}"] += 1
    ours = {row["id"] for row in simulator.objects("entry") if row.get("referenceId")}
    for row in simulator.objects("categoryEntry"):  # Kaltura gives recordings places by itself
        if row["entryId"] in ours:
            found[f"place {row['categoryId']} of {row['entryId']}"] += 1
    return found


def exactly_planned(event: Event, simulator: Simulator) -> bool:
    """Every planned object is there once, and nothing else of ours."""
    found = held(simulator)
    sessions = list(event.sessions.all())
    webcasts = sum(s.session_type == "webcast" for s in sessions)
    keys = [key_for(thing.uuid) for thing in (event, *event.tracks.all())]
    wanted = {f"category {key}" for key in keys}
    wanted |= {f"{kind} {key_for(s.uuid)}" for kind in ("entry", "scheduleEvent") for s in sessions}
    own = {name for name in found if not name.startswith(("metadata", "place"))}
    records = [name for name in found if name.startswith("metadata")]
    places = [name for name in found if name.startswith("place")]
    expected = 3 * webcasts + (len(sessions) - webcasts)
    once = set(found.values()) <= {1}
    return once and own == wanted and (len(records), len(places)) == (expected, len(sessions))
