"""What the player of a webcast's page shows now: countdown, live, ended or recording."""

from __future__ import annotations

from dataclasses import dataclass

from kaltura_simulator.api.call import internal
from kaltura_simulator.media import live
from kaltura_simulator.rules.entry_types import is_live_stream
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.visits import Playing
from kaltura_simulator.state.world import World

LIVE_TYPE = "7"
_READY = "2"
_ACTIVE_EVENT = "2"
_REDIRECT = "KalturaLiveRedirectScheduleEvent"


@dataclass(frozen=True)
class Stage:
    """One state of the player.

    ``clock_from`` is the Unix time the clock counts to or from, 0 for no clock;
    ``playing`` is what counts as being viewed.
    """

    stage: str
    words: str
    headline: str
    note: str
    clock_from: int = 0
    playing: Playing | None = None


def is_live(world: World, partner: int, entry: Data) -> bool:
    """Whether an audience without special rights sees a picture on ``entry``."""
    if not is_live_stream(entry):
        return False
    return live.is_live(internal(world, partner), entry)


def stage_now(world: World, partner: int, entry: Data) -> Stage:
    """The state of ``entry``'s player as its audience sees it."""
    event = event_of(world, partner, entry["id"])
    if is_live(world, partner, entry):
        return _live(world, entry, event)
    recording = _recording(world, partner, entry)
    if recording is not None:
        return _watching(recording)
    return _not_playing(world.clock.now(), event)


def _live(world: World, entry: Data, event: Data | None) -> Stage:
    since = int(entry.get("currentBroadcastStartTime") or (event or {}).get("startDate") or 0)
    # A clock must not count up to a start that is still ahead.
    since = since if since <= world.clock.now() else 0
    note = "This is where the producer's picture stands."
    return Stage("live", "Live", "On air", note, since, (entry["id"], "live"))


def _watching(recording: Data) -> Stage:
    if str(recording.get("status")) != _READY:
        note = "The session is over. The recording appears here as soon as it is ready."
        return Stage("ended", "Ended", "Processing the recording", note)
    played = (recording["id"], "vod")
    return Stage("recording", "Recording", str(recording["name"]), "", 0, played)


def _not_playing(now: int, event: Data | None) -> Stage:
    if event is None:
        return Stage("waiting", "Off air", "Not live", "Nothing is scheduled and nobody is on air.")
    start, end = int(event["startDate"]), int(event["endDate"])
    if now < start:
        note = "The page starts playing by itself; you need not do anything."
        return Stage("upcoming", "Not started", "Starts in", note, start)
    if now < end:
        note = "The host has not gone on air yet. The page starts playing by itself."
        return Stage("waiting", "Starting", "Starting shortly", note)
    return Stage("ended", "Ended", "This session has ended", "There is no recording yet.")


def event_of(world: World, partner: int, entry_id: str) -> Data | None:
    """The entry's scheduled event that is on, else the next one, else the last one."""
    events = [
        event
        for event in world.store.where(partner, "schedule_event", entry_id)
        if str(event.get("status", 2)) == _ACTIVE_EVENT
        and event.get("objectType") != _REDIRECT
        and event.get("startDate")
        and event.get("endDate")
    ]
    events.sort(key=lambda event: int(event["startDate"]))
    to_come = [event for event in events if int(event["endDate"]) > world.clock.now()]
    return next(iter(to_come or events[-1:]), None)


def _recording(world: World, partner: int, entry: Data) -> Data | None:
    """What is played when nobody is on air: the order that players follow."""
    if str(entry.get("type")) != LIVE_TYPE:
        return entry
    for name in ("redirectEntryId", "recordedEntryId"):
        found = world.store.get(partner, "entry", entry.get(name) or "")
        if found is not None and str(found.get("status")) != "3":
            return found
    ready = [
        other
        for other in world.store.all(partner, "entry")
        if other.get("rootEntryId") == entry["id"]
        and other["id"] != entry["id"]
        and str(other.get("status")) == _READY
    ]
    return max(ready, key=lambda other: int(other.get("createdAt") or 0), default=None)
