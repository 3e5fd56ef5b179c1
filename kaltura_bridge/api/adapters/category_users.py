"""Who is a member of which category. Rules: api_v3/services/CategoryUserService.php."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters.base import Lookup, Write, is_deleted
from kaltura_bridge.api.adapters.owned import OwnedObject
from kaltura_bridge.api.client import Request, new, wire
from kaltura_bridge.api.lists import KEYS_A_LIST, joined, list_each
from kaltura_bridge.specs import Kind, Observed, member_key, member_parts

# Kaltura's CategoryUserStatus and CategoryUserPermissionLevel.
_ACTIVE: Final = "1"
_NO_LEVEL: Final = "4"


class CategoryUserAdapter:
    """A person's membership. It has no id of its own: ours is ``category|user``.

    Adding an unknown user makes the user, with nothing but the id. Who is a member by way of
    another category (it inherits) is listed as that one's, so only an event's own is asked.
    """

    kind = Kind.CATEGORY_USER
    can_delete = True

    def find(self, lookup: Lookup, resources: Resources) -> list[Request]:
        users: dict[str, set[str]] = defaultdict(set)
        for key in lookup.keys.get(self.kind, ()):
            user_id, category_key = member_parts(key)
            known = lookup.ids.get((self.kind, key), "").partition("|")[0]
            if home := known or lookup.ids.get((Kind.CATEGORY, category_key)):
                users[home].add(user_id)
        filters = [
            new("KalturaCategoryUserFilter", categoryIdEqual=home, userIdIn=ids)
            for home, members in sorted(users.items())
            for ids in joined(sorted(members), KEYS_A_LIST)
        ]
        return list_each(lambda c: c.categoryUser, filters)

    def get(self, remote_id: str) -> Request | None:
        category_id, user_id = remote_id.split("|")
        return Request(lambda c: c.categoryUser.get(category_id, user_id), as_row=True)

    def read(self, raw: Any, lookup: Lookup, resources: Resources) -> Observed | None:
        if is_deleted(self.kind, raw):
            return None
        # Kaltura compares user ids without regard to case; ours are lower-case.
        category_id, user_id = wire(raw.categoryId), wire(raw.userId).lower()
        remote_id = f"{category_id}|{user_id}"
        key = lookup.key_of(self.kind, remote_id)
        if key is None:
            home = lookup.key_of(Kind.CATEGORY, category_id)
            if home is None:
                return None
            key = member_key(user_id, home.removeprefix("portal:"))
        # A membership that waits or was deactivated hides the entries as no level does.
        is_active = wire(raw.status) == _ACTIVE
        level = wire(raw.permissionLevel) if is_active else _NO_LEVEL
        return Observed(self.kind, key, remote_id, {"permissionLevel": level})

    def add(self, write: Write, resources: Resources) -> Request:
        member = new("KalturaCategoryUser", **write.values)
        return Request(lambda c: c.categoryUser.add(member), write=True)

    def new_id(self, write: Write, raw: Any) -> str:
        return f"{write.values['categoryId']}|{write.values['userId']}"

    def update(self, write: Write, resources: Resources) -> Request:
        category_id, user_id = write.remote_id.split("|")
        level = new("KalturaCategoryUser", **write.changed)
        # Without override Kaltura changes nobody who was added by hand, as ours all count.
        return Request(
            lambda c: c.categoryUser.update(category_id, user_id, level, True), write=True
        )

    def delete(self, owned: OwnedObject) -> Request:
        category_id, user_id = owned.remote_id.split("|")
        return Request(lambda c: c.categoryUser.delete(category_id, user_id), write=True)
