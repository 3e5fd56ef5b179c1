"""What an account holds, put into a tree: categories, their entries, the entries' events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kaltura_simulator.kaf.admission import is_room
from kaltura_simulator.kaf.stage import LIVE_TYPE, is_live
from kaltura_simulator.media import live, recordings
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World

#: How long the recording is that a click leaves in a room.
MEETING_S = 600
_DELETED = "3"
_TYPES = {
    "1": "Media",
    "2": "Data",
    "5": "Playlist",
    "6": "Data",
    LIVE_TYPE: "Live",
    "10": "Document",
}
_STATUSES = {
    "-2": "Import failed",
    "-1": "Conversion failed",
    "0": "Importing",
    "1": "Converting",
    "2": "Ready",
    "3": "Deleted",
    "4": "Pending",
    "5": "In moderation",
    "6": "Blocked",
    "7": "No content",
}


@dataclass(frozen=True)
class Button:
    """A wish that can be posted to the control."""

    words: str
    path: str
    body: dict[str, Any]


@dataclass
class Entry:
    """An entry and what hangs on it."""

    row: Data
    events: list[Data]
    records: list[Data] = field(default_factory=list)
    on_air: bool = False
    facts: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    @property
    def css(self) -> str:
        """``live``, ``room`` or ``other``."""
        if is_room(self.row):
            return "room"
        return "live" if str(self.row.get("type")) == LIVE_TYPE else "other"

    @property
    def type_words(self) -> str:
        """What kind of entry it is."""
        kind = str(self.row.get("type"))
        return "Room" if is_room(self.row) else _TYPES.get(kind, f"Type {kind}")

    @property
    def status_words(self) -> str:
        """Its status; a room without content is as it should be."""
        status = str(self.row.get("status"))
        if is_room(self.row) and status == "7":
            return "Open"
        return _STATUSES.get(status, f"Status {status}")


@dataclass
class Category:
    """A category with what is inside."""

    row: Data
    children: list[Category] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


@dataclass
class Tree:
    """The categories that hang under no other, the entries in none, the events on no entry."""

    roots: list[Category]
    loose: list[Entry]
    events: list[Data]


def tree(world: World) -> Tree:
    """All that the account holds."""
    partner, store = world.options.partner_id, world.store
    events = _by(_alive(world, "schedule_event"), "templateEntryId")
    entries = _entries(world, events)
    categories = {str(row["id"]): Category(row) for row in _alive(world, "category")}
    loose = dict(entries)
    for link in store.all(partner, "category_entry"):
        category, entry = categories.get(str(link["categoryId"])), entries.get(link["entryId"])
        if category and entry:
            category.entries.append(entry)
            loose.pop(link["entryId"], None)
    homeless = [event for key, there in events.items() if key not in entries for event in there]
    return Tree(_hung(categories), _sorted(loose.values()), _by_time(homeless))


def _alive(world: World, kind: str) -> list[Data]:
    rows = world.store.all(world.options.partner_id, kind)
    return [row for row in rows if str(row.get("status")) != _DELETED]


def _by(rows: Iterable[Data], name: str) -> dict[str, list[Data]]:
    """Objects by one of their properties; those without it under the empty text."""
    found: dict[str, list[Data]] = {}
    for row in rows:
        found.setdefault(str(row.get(name) or ""), []).append(row)
    return found


def _by_time(events: Iterable[Data]) -> list[Data]:
    return sorted(events, key=lambda event: int(event.get("startDate") or 0))


def _hung(categories: dict[str, Category]) -> list[Category]:
    """Hang each category under its parent; the ones without stay."""
    roots: list[Category] = []
    for category in sorted(categories.values(), key=lambda c: str(c.row["name"]).casefold()):
        category.entries = _sorted(category.entries)
        parent = categories.get(str(category.row.get("parentId") or ""))
        (parent.children if parent else roots).append(category)
    return roots


def _sorted(entries: Any) -> list[Entry]:
    """By time on the calendar, then by name; entries without a time last."""
    return sorted(entries, key=_calendar_key)


def _calendar_key(entry: Entry) -> tuple[int, str]:
    starts = [int(event["startDate"]) for event in entry.events if event.get("startDate")]
    return min(starts, default=2**40), str(entry.row.get("name") or "").casefold()


def _entries(world: World, events: dict[str, list[Data]]) -> dict[str, Entry]:
    records = _by(world.store.all(world.options.partner_id, "metadata"), "objectId")
    return {
        row["id"]: _entry(world, row, events.get(row["id"], []), records.get(row["id"], []))
        for row in _alive(world, "entry")
    }


def _entry(world: World, row: Data, events: list[Data], records: list[Data]) -> Entry:
    found = Entry(row, _by_time(events), records)
    if recordings.is_one(row):
        found.facts.append(f"Recording of {row['rootEntryId']}, {row.get('duration') or 0} s")
    if found.css == "room":
        wish = {"id": row["id"], "seconds": MEETING_S}
        found.buttons = [Button("Leave a recording", "/_control/recordings", wish)]
    if found.css == "live":
        # Only an encoder or a scheduled recording puts it on air; asking costs a search.
        may_be = live.is_streaming(row) or any(event.get("sourceEntryId") for event in events)
        found.on_air = may_be and is_live(world, world.options.partner_id, row)
        found.buttons = _switches(row)
        if live.is_streaming(row) and not found.on_air:
            found.facts.append("In preview: only the producer sees it")
    return found


def _switches(row: Data) -> list[Button]:
    """What can be done with a live entry's encoder now."""
    states = {"on_air": "Put on air", "preview": "Preview", "off": "Take off air"}
    if not live.is_streaming(row):
        states.pop("off")
    if not row.get("explicitLive"):
        states.pop("preview")
    if live.is_open(row):
        states.pop("on_air")
    return [
        Button(words, "/_control/entry", {"id": row["id"], "state": state})
        for state, words in states.items()
    ]
