"""Entries as a list shows them: what each is, how it stands, when it is, where it opens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kaltura_simulator.api import ks
from kaltura_simulator.kaf.admission import in_channels, is_room
from kaltura_simulator.kaf.paths import VIEW_ENTRY
from kaltura_simulator.kaf.people import Person
from kaltura_simulator.kaf.stage import LIVE_TYPE, event_of, stage_now
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import LAST, shown
from kaltura_simulator.state.visits import Visits
from kaltura_simulator.state.world import World

READY, DELETED = "2", "3"
_MEDIA_TYPE = "1"
#: What is played is called by its ``mediaType``.
_MEDIA_WORDS = {"1": "Video", "2": "Image", "5": "Audio"}
_RECORDED = "36"
#: A visitor stays with KAF by a cookie after their session is over; here the session in a
#: link of a list stands for it.
_STAY_S = 3600
#: What a session of a list hands on to the pages it links to.
_HANDED_ON = ("role", "userContextualRole", "firstName", "lastName", "email", "locale")
_DAY, _CLOCK = "%a %-d %b %Y", "%H:%M"


@dataclass(frozen=True)
class Item:
    """One entry in a list; ``start`` is a Unix time, 0 without a schedule."""

    entry: Data
    kind: str
    kind_words: str
    state: str
    state_words: str
    start: int
    when: str
    #: Empty where the pages would not open it.
    link: str = ""
    #: Whether it still waits to be let into the gallery.
    waits: bool = False

    @property
    def id(self) -> str:
        """The entry's id."""
        return str(self.entry["id"])

    @property
    def name(self) -> str:
        """The entry's name."""
        return str(self.entry.get("name") or self.id)


def items_for(
    world: World, person: Person, entries: Iterable[Data], waiting: frozenset[str] = frozenset()
) -> list[Item]:
    """Entries as ``person`` sees them: by time, then what has none by its name."""
    found = [_item(world, person, entry, entry["id"] in waiting) for entry in entries]
    return sorted(found, key=lambda item: (item.start or LAST, item.name.casefold(), item.id))


def lives(entry: Data) -> bool:
    """Whether an entry was not deleted."""
    return str(entry.get("status")) != DELETED


def is_offered(entry: Data) -> bool:
    """Whether a list for an audience holds an entry: rooms, streams, and clips that are ready."""
    if is_room(entry) or str(entry.get("type")) == LIVE_TYPE:
        return lives(entry)
    return str(entry.get("status")) == READY


def _item(world: World, person: Person, entry: Data, waits: bool) -> Item:
    event = event_of(world, person.partner, entry["id"])
    kind, kind_words = _kind(entry)
    state, state_words = _state(world, person.partner, entry, event)
    opens = not waits and in_channels(world, person.partner, entry["id"])
    return Item(
        entry=entry,
        kind=kind,
        kind_words=kind_words,
        state=state,
        state_words=state_words,
        start=int(event["startDate"]) if event else 0,
        when=_when(entry, event),
        link=view_link(world, person, entry["id"]) if opens else "",
        waits=waits,
    )


def _kind(entry: Data) -> tuple[str, str]:
    if is_room(entry):
        return "room", "Room"
    if str(entry.get("type")) == LIVE_TYPE:
        return "live", "Webcast"
    if str(entry.get("sourceType")) == _RECORDED:
        return "vod", "Recording"
    if str(entry.get("type")) == _MEDIA_TYPE:
        return "vod", _MEDIA_WORDS.get(str(entry.get("mediaType")), "Media")
    return "vod", "Document"


def _state(world: World, partner: int, entry: Data, event: Data | None) -> tuple[str, str]:
    if is_room(entry):
        return _room_state(world, partner, entry, event)
    if str(entry.get("type")) == LIVE_TYPE:
        stage = stage_now(world, partner, entry)
        return stage.stage, stage.words
    if str(entry.get("status")) != READY:
        return "processing", "Not ready yet"
    return "ready", length_of(entry) or "Ready"


def _room_state(world: World, partner: int, entry: Data, event: Data | None) -> tuple[str, str]:
    here = len(Visits(world.store, world.clock, partner).present(entry["id"]))
    if here:
        return "live", f"{here} {'person' if here == 1 else 'people'} here"
    now = world.clock.now()
    if event and now < int(event["startDate"]):
        return "upcoming", "Not started"
    if event and now >= int(event["endDate"]):
        return "ended", "Ended"
    return "waiting", "Open, nobody here"


def length_of(entry: Data) -> str:
    """``45:00`` or ``1:05:30``; empty when the length is not known."""
    minutes, seconds = divmod(int(entry.get("duration") or 0), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}" if minutes or seconds else ""


def _when(entry: Data, event: Data | None) -> str:
    """The hours of the scheduled event, or the day on which a clip was made."""
    if event is None:
        made = int(entry.get("createdAt") or 0)
        return f"Added {shown(made, _DAY)}" if _kind(entry)[0] == "vod" and made else ""
    start, end = int(event["startDate"]), int(event["endDate"])
    day, last_day = shown(start, _DAY), shown(end, _DAY)
    until = shown(end, _CLOCK) if day == last_day else f"{last_day}, {shown(end, _CLOCK)}"
    return f"{day}, {shown(start, _CLOCK)}\N{EN DASH}{until} UTC"


def view_link(world: World, person: Person, entry_id: str) -> str:
    """Where an entry opens for ``person``, with a session that says so."""
    handed_on = {n: v for n, v in person.privileges.items() if n in _HANDED_ON}
    session = ks.mint(
        world.secrets(person.partner)[0],
        person.partner,
        user=person.user_id,
        expiry=world.clock.now() + _STAY_S,
        privileges=handed_on
        | {"actionslimit": "-1", "userId": person.user_id, "entryId": entry_id},
    )
    return VIEW_ENTRY + session
