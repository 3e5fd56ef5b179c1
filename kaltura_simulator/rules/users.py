"""Users of an account: those who were added, and those who own something."""

from __future__ import annotations

import re
from typing import Any

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.state.store import Data

KIND = "user"
ACTIVE, DELETED = 1, 2
USER, GROUP = 0, 1
_ID = re.compile(r"[A-Za-z0-9,!#$%&'*+?^_`{|}~.@-]{1,320}")
#: Set by the database: ``add`` returns the object without them.
AFTER_READING: Data = {"storageSize": 0, "type": 0}


def _key(call: Call, user_id: str) -> str:
    """Under which key a user is stored: ids ignore case."""
    lower = user_id.lower()
    # Files of earlier versions keep users under their ids as they were written.
    is_older = call.get(KIND, lower) is None and call.get(KIND, user_id) is not None
    return user_id if is_older else lower


def find(call: Call, user_id: str) -> Data | None:
    """The user or group of an id, ignoring case; also one that was deleted."""
    return call.get(KIND, _key(call, user_id))


def put(call: Call, row: Data) -> Data:
    """Write a user or group whole."""
    return call.put(KIND, _key(call, str(row["id"])), row)


def change(call: Call, user_id: str, **fields: Any) -> Data:
    """Write some properties of a user or group."""
    return call.change(KIND, _key(call, user_id), **fields)


def find_active(call: Call, user_id: str) -> Data | None:
    """The user or group of an id, unless unknown or deleted."""
    found = find(call, user_id)
    return found if found is not None and found["status"] != DELETED else None


def is_not_deleted(row: Data) -> bool:
    """Whether a user or group was not deleted."""
    return bool(row["status"] != DELETED)


def is_user(row: Data | None) -> bool:
    """Whether this is a user, not a group."""
    return row is not None and row["type"] == USER


def check_id(user_id: str, name: str = "id") -> None:
    """Refuse an id with characters that Kaltura does not allow."""
    if not _ID.fullmatch(user_id or ""):
        raise ApiError("INVALID_FIELD_VALUE", FIELD_NAME=name)


def ensure_exists(call: Call, user_id: str) -> None:
    """Create the user of an id that owns something, unless it exists."""
    if user_id and find_active(call, user_id) is None:
        put(call, new_row(call, user_id) | {"screenName": user_id} | names({"fullName": user_id}))


def names(row: Data) -> Data:
    """First, last and full name, all of them texts: what is missing follows from the others."""
    first, last = row.get("firstName"), row.get("lastName")
    if not first and not last:
        first, _, last = str(row.get("fullName") or "").partition(" ")
    found: Data = {"firstName": first or "", "lastName": last or ""}
    return found | {"fullName": " ".join(filter(None, found.values()))}


def new_row(call: Call, user_id: str) -> Data:
    """A new user of whom only the id is known."""
    now = call.clock.now()
    row: Data = {
        "objectType": "KalturaUser",
        "id": user_id,
        "partnerId": call.partner,
        "status": ACTIVE,
        "statusUpdatedAt": now,
        "createdAt": now,
        "updatedAt": now,
        "country": "",
        "description": "",
        "roleIds": "",
        "roleNames": "",
        "capabilities": [],
        "userMode": 0,
    }
    flags = ("isAccountOwner", "isAdmin", "isGuest", "isSsoExcluded", "loginEnabled")
    return row | dict.fromkeys(flags, False) | AFTER_READING


def _starts_with(*names: str) -> lists.FilterRule:
    """A rule: one of these properties starts with the text."""
    return lambda row, text: any(
        str(row.get(name) or "").lower().startswith(str(text).lower()) for name in names
    )


#: Filter rules for lists of users and of groups.
FILTERS = {
    "firstNameOrLastNameStartsWith": _starts_with("firstName", "lastName"),
    "idOrScreenNameStartsWith": _starts_with("id", "screenName"),
    "roleIdEqual": lambda row, role: str(role) in lists.split_commas(row.get("roleIds") or ""),
}
