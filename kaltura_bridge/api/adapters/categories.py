"""Categories. Rules: api_v3/lib/types/KalturaCategory.php and alpha/lib/model/category.php."""

from __future__ import annotations

from typing import Any

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters.base import Lookup, Write, is_deleted, read_fields
from kaltura_bridge.api.adapters.owned import OwnedObject
from kaltura_bridge.api.client import Request, new, wire
from kaltura_bridge.api.lists import key_lists, list_each
from kaltura_bridge.specs import Kind, Observed


class CategoryAdapter:
    """Categories. There is no ``referenceIdIn``: a known one is found by id, others one by one.

    So is one that may stand there twice: by its id only one of the two would be found.
    """

    kind = Kind.CATEGORY
    can_delete = True

    def find(self, lookup: Lookup, resources: Resources) -> list[Request]:
        keys = lookup.keys.get(self.kind, set())
        known = [lookup.ids[self.kind, k] for k in keys if (self.kind, k) in lookup.ids]
        unsure = {key for kind, key in lookup.doubted if kind is self.kind}
        unknown = sorted(k for k in keys if (self.kind, k) not in lookup.ids or k in unsure)
        filters = [new("KalturaCategoryFilter", idIn=ids) for ids in key_lists(known)]
        filters += [new("KalturaCategoryFilter", referenceIdEqual=key) for key in unknown]
        return list_each(lambda c: c.category, filters)

    def get(self, remote_id: str) -> Request | None:
        return Request(lambda c: c.category.get(remote_id), as_row=True)

    def read(self, raw: Any, lookup: Lookup, resources: Resources) -> Observed | None:
        if is_deleted(self.kind, raw):
            return None
        remote_id = wire(raw.id)
        key = lookup.key_of(self.kind, remote_id) or wire(raw.referenceId)
        fields, created = read_fields(self.kind, raw), int(wire(raw.createdAt) or 0)
        # Entries never name a category that has a privacy context, inherited or its own.
        names = "" if wire(raw.privacyContexts) else wire(raw.fullName)
        return Observed(self.kind, key, remote_id, fields, created, category_names=names)

    def add(self, write: Write, resources: Resources) -> Request:
        category = new("KalturaCategory", **write.values)
        return Request(lambda c: c.category.add(category), write=True)

    def new_id(self, write: Write, raw: Any) -> str:
        return wire(raw.id)

    def update(self, write: Write, resources: Resources) -> Request:
        category = new("KalturaCategory", **write.changed)
        return Request(lambda c: c.category.update(write.remote_id, category), write=True)

    def delete(self, owned: OwnedObject) -> Request:
        # 0: by default Kaltura moves the entries up into the parent, which would pour a
        # track's sessions into the event's category.
        return Request(lambda c: c.category.delete(owned.remote_id, 0), write=True)
