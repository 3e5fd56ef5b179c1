"""What the player of an entry's page shows now: countdown, live, ended or recording."""

from __future__ import annotations

from dataclasses import dataclass

from kaltura_simulator.api.call import internal
from kaltura_simulator.media import live
from kaltura_simulator.rules import schedule
from kaltura_simulator.rules.entry_types import is_deleted, is_live_stream, is_ready
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.visits import Playing
from kaltura_simulator.state.world import World

_REDIRECT = "KalturaLiveRedirectScheduleEvent"


@dataclass(frozen=True)
class PlayerState:
    """One state of the player; ``stage`` is its name.

    ``clock_from`` is the Unix time the clock counts to or from, 0 for no clock;
    ``playing`` is what reports count as viewed.
    """

    stage: str
    label: str
    headline: str
    note: str
    clock_from: int = 0
    playing: Playing | None = None


def is_live(world: World, partner: int, entry: Data) -> bool:
    """Whether viewers without special rights can watch ``entry`` live now."""
    if not is_live_stream(entry):
        return False
    return live.is_live(internal(world, partner), entry)


def player_state(world: World, partner: int, entry: Data) -> PlayerState:
    """The state of ``entry``'s player as viewers without special rights see it."""
    event = event_of(world, partner, entry["id"])
    if is_live(world, partner, entry):
        return _live(world, entry, event)
    recording = _recording(world, partner, entry)
    if recording is not None:
        return _recorded(recording)
    return _not_playing(world.clock.now(), event)


def _live(world: World, entry: Data, event: Data | None) -> PlayerState:
    since = int(entry.get("currentBroadcastStartTime") or (event or {}).get("startDate") or 0)
    # A clock must not count up to a start that is still ahead.
    since = since if since <= world.clock.now() else 0
    note = "The live video would play here."
    return PlayerState("live", "Live", "On air", note, since, (entry["id"], "live"))


def _recorded(recording: Data) -> PlayerState:
    if not is_ready(recording):
        note = "The session is over. The recording appears here when it is ready."
        return PlayerState("ended", "Ended", "Processing the recording", note)
    played = (recording["id"], "vod")
    return PlayerState("recording", "Recording", str(recording["name"]), "", 0, played)


def _not_playing(now: int, event: Data | None) -> PlayerState:
    if event is None:
        return PlayerState(
            "waiting", "Off air", "Not live", "Nothing is scheduled, and the stream is off air."
        )
    start, end = int(event["startDate"]), int(event["endDate"])
    if now < start:
        note = "Playback starts automatically."
        return PlayerState("upcoming", "Not started", "Starts in", note, start)
    if now < end:
        note = "The host is not on air yet. Playback starts automatically."
        return PlayerState("waiting", "Starting", "Starting shortly", note)
    return PlayerState("ended", "Ended", "This session has ended", "There is no recording yet.")


def event_of(world: World, partner: int, entry_id: str) -> Data | None:
    """The entry's scheduled event that is on, else the next one, else the last one."""
    events = [
        event
        for event in world.store.where(partner, "schedule_event", entry_id)
        if event["status"] == schedule.ACTIVE
        and event.get("objectType") != _REDIRECT
        and event.get("startDate")
        and event.get("endDate")
    ]
    events.sort(key=lambda event: int(event["startDate"]))
    to_come = [event for event in events if int(event["endDate"]) > world.clock.now()]
    return next(iter(to_come or events[-1:]), None)


def _recording(world: World, partner: int, entry: Data) -> Data | None:
    """What is played while the stream is off air, in the order that Kaltura's players look."""
    if not is_live_stream(entry):
        return entry
    for name in ("redirectEntryId", "recordedEntryId"):
        found = world.store.get(partner, "entry", entry.get(name) or "")
        if found is not None and not is_deleted(found):
            return found
    ready = [
        other
        for other in world.store.all(partner, "entry")
        if other.get("rootEntryId") == entry["id"]
        and other["id"] != entry["id"]
        and is_ready(other)
    ]
    return max(ready, key=lambda other: int(other.get("createdAt") or 0), default=None)
