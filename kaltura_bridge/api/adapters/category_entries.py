"""Which entries stand in which category."""

from __future__ import annotations

from typing import Any

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters.base import Lookup, Write, is_deleted
from kaltura_bridge.api.adapters.owned import OwnedObject
from kaltura_bridge.api.client import Request, new, wire
from kaltura_bridge.api.lists import joined, list_each
from kaltura_bridge.specs import Kind, Observed

# An entry may stand in several categories, so fewer entries a list than a page has rows.
ENTRIES_A_LIST = 100


class CategoryEntryAdapter:
    """An entry's place in a category. It has no id of its own: ours is ``category|entry``.

    Its lists are immediate, so there is nothing to read past the index.
    """

    kind = Kind.CATEGORY_ENTRY
    can_delete = True

    def find(self, lookup: Lookup, resources: Resources) -> list[Request]:
        if not lookup.keys.get(self.kind):
            return []
        filters = [
            new("KalturaCategoryEntryFilter", entryIdIn=ids)
            for ids in joined(sorted(lookup.entry_keys), ENTRIES_A_LIST)
        ]
        return list_each(lambda c: c.categoryEntry, filters)

    def get(self, remote_id: str) -> Request | None:
        return None

    def read(self, raw: Any, lookup: Lookup, resources: Resources) -> Observed | None:
        if is_deleted(self.kind, raw):
            return None
        category_id, entry_id = wire(raw.categoryId), wire(raw.entryId)
        home = lookup.key_of(Kind.CATEGORY, category_id)
        entry = lookup.entry_keys.get(entry_id)
        if home is None or entry is None:
            return None
        key = f"{entry}@{home.removeprefix('portal:')}"
        return Observed(self.kind, key, f"{category_id}|{entry_id}", {})

    def add(self, write: Write, resources: Resources) -> Request:
        place = new("KalturaCategoryEntry", **write.values)
        return Request(lambda c: c.categoryEntry.add(place), write=True)

    def new_id(self, write: Write, raw: Any) -> str:
        return f"{write.values['categoryId']}|{write.values['entryId']}"

    def update(self, write: Write, resources: Resources) -> Request:
        raise LookupError("A place in a category has nothing to update.")

    def delete(self, owned: OwnedObject) -> Request:
        category_id, entry_id = owned.remote_id.split("|")
        # The entry comes first here, unlike everywhere else.
        return Request(lambda c: c.categoryEntry.delete(entry_id, category_id), write=True)
