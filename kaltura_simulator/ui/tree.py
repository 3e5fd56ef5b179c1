"""An account's objects as a tree: categories, their entries, the entries' events and metadata."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kaltura_simulator.kaf.player import is_live
from kaltura_simulator.media import live, recordings
from kaltura_simulator.rules import entry_types
from kaltura_simulator.rules.entry_types import is_live_stream, is_room
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World

#: The length of a recording that the button of a room adds.
MEETING_S = 600
_DELETED = 3
_TYPES: dict[int | str, str] = {
    entry_types.MEDIA: "Media",
    2: "Data",
    entry_types.PLAYLIST: "Playlist",
    6: "Data",
    entry_types.LIVE: "Live",
    10: "Document",
    entry_types.ROOM: "Room",
}
_STATUSES = {
    -2: "Import failed",
    -1: "Conversion failed",
    0: "Importing",
    1: "Converting",
    2: "Ready",
    3: "Deleted",
    4: "Pending",
    5: "In moderation",
    6: "Blocked",
    7: "No content",
}


@dataclass(frozen=True)
class Button:
    """A button that posts ``body`` to a path of ``/_control/``."""

    label: str
    path: str
    body: dict[str, Any]


@dataclass
class EntryNode:
    """An entry with its events and its metadata."""

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
        return "live" if is_live_stream(self.row) else "other"

    @property
    def type_label(self) -> str:
        """The type of the entry."""
        type_ = self.row["type"]
        return _TYPES.get(type_, f"Type {type_}")

    @property
    def status_label(self) -> str:
        """The status of the entry; a room never has content."""
        status = self.row["status"]
        if is_room(self.row) and status == entry_types.NO_CONTENT:
            return "Open"
        return _STATUSES.get(status, f"Status {status}")


@dataclass
class CategoryNode:
    """A category with what is inside."""

    row: Data
    children: list[CategoryNode] = field(default_factory=list)
    entries: list[EntryNode] = field(default_factory=list)


@dataclass
class Tree:
    """The top categories, the entries in no category, and the events without entry."""

    roots: list[CategoryNode]
    loose: list[EntryNode]
    events: list[Data]


def tree(world: World) -> Tree:
    """Everything that the account holds."""
    partner, store = world.options.partner_id, world.store
    events = _by(_not_deleted(world, "schedule_event"), "templateEntryId")
    entries = _entries(world, events)
    categories = {str(row["id"]): CategoryNode(row) for row in _not_deleted(world, "category")}
    loose = dict(entries)
    for link in store.all(partner, "category_entry"):
        category, entry = categories.get(str(link["categoryId"])), entries.get(link["entryId"])
        if category and entry:
            category.entries.append(entry)
            loose.pop(link["entryId"], None)
    orphans = [event for key, group in events.items() if key not in entries for event in group]
    return Tree(_roots(categories), _sorted(loose.values()), _by_time(orphans))


def _not_deleted(world: World, kind: str) -> list[Data]:
    rows = world.store.all(world.options.partner_id, kind)
    return [row for row in rows if row.get("status") != _DELETED]


def _by(rows: Iterable[Data], name: str) -> dict[str, list[Data]]:
    """Objects by one of their properties; those without it under the empty text."""
    found: dict[str, list[Data]] = {}
    for row in rows:
        found.setdefault(str(row.get(name) or ""), []).append(row)
    return found


def _by_time(events: Iterable[Data]) -> list[Data]:
    return sorted(events, key=lambda event: int(event.get("startDate") or 0))


def _roots(categories: dict[str, CategoryNode]) -> list[CategoryNode]:
    """Put each category under its parent; returns those without one."""
    roots: list[CategoryNode] = []
    for category in sorted(categories.values(), key=lambda c: str(c.row["name"]).casefold()):
        category.entries = _sorted(category.entries)
        parent = categories.get(str(category.row.get("parentId") or ""))
        (parent.children if parent else roots).append(category)
    return roots


def _sorted(entries: Iterable[EntryNode]) -> list[EntryNode]:
    """By time on the calendar, then by name; entries without a time last."""
    return sorted(entries, key=_calendar_key)


def _calendar_key(entry: EntryNode) -> tuple[int, str]:
    starts = [int(event["startDate"]) for event in entry.events if event.get("startDate")]
    return min(starts, default=2**40), str(entry.row.get("name") or "").casefold()


def _entries(world: World, events: dict[str, list[Data]]) -> dict[str, EntryNode]:
    records = _by(world.store.all(world.options.partner_id, "metadata"), "objectId")
    return {
        row["id"]: _entry(world, row, events.get(row["id"], []), records.get(row["id"], []))
        for row in _not_deleted(world, "entry")
    }


def _entry(world: World, row: Data, events: list[Data], records: list[Data]) -> EntryNode:
    found = EntryNode(row, _by_time(events), records)
    if recordings.is_recording(row):
        found.facts.append(f"Recording of {row['rootEntryId']}, {row.get('duration') or 0} s")
    if found.css == "room":
        body = {"id": row["id"], "seconds": MEETING_S}
        found.buttons = [Button("Add a recording", "/_control/recordings", body)]
    if found.css == "live":
        # Only an encoder or a scheduled video puts it on air; asking costs a search.
        may_be = live.is_streaming(row) or any(event.get("sourceEntryId") for event in events)
        found.on_air = may_be and is_live(world, world.options.partner_id, row)
        found.buttons = _encoder_buttons(row)
        if live.is_streaming(row) and not found.on_air:
            found.facts.append("In preview: only producers see it")
    return found


def _encoder_buttons(row: Data) -> list[Button]:
    """What can be done with a live entry's encoder now."""
    states = {"on_air": "Put on air", "preview": "Preview", "off": "Take off air"}
    if not live.is_streaming(row):
        states.pop("off")
    if not row.get("explicitLive"):
        states.pop("preview")
    if live.is_open(row):
        states.pop("on_air")
    return [
        Button(label, "/_control/entry", {"id": row["id"], "state": state})
        for state, label in states.items()
    ]
