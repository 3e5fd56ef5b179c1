"""The people an account knows: those who were added, and those who made something."""

from __future__ import annotations

import re

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.state.store import Data

ACTIVE, DELETED = 1, 2
PERSON, GROUP = 0, 1
_ID = re.compile(r"[A-Za-z0-9,!#$%&'*+?^_`{|}~.@-]{1,320}")
#: The database fills these in; the reply to add lacks them.
AFTER_READING: Data = {"storageSize": 0, "type": 0}


def known(call: Call, user_id: str) -> Data | None:
    """The person, unless unknown or deleted."""
    found = call.get("user", user_id)
    return found if found is not None and found["status"] != DELETED else None


def is_there(row: Data) -> bool:
    """Whether a person or a group was not deleted."""
    return bool(row["status"] != DELETED)


def is_person(row: Data | None) -> bool:
    """Whether this is somebody, and no group."""
    return row is not None and row["type"] == PERSON


def check_id(user_id: str, name: str = "id") -> None:
    """Refuse an id with letters that Kaltura does not let into one."""
    if not _ID.fullmatch(user_id or ""):
        raise ApiError("INVALID_FIELD_VALUE", FIELD_NAME=name)


def remember(call: Call, user_id: str) -> None:
    """Whoever owns something is known from then on."""
    if user_id and known(call, user_id) is None:
        call.put("user", user_id, new_row(call, user_id) | {"screenName": user_id, "fullName": ""})


def new_row(call: Call, user_id: str) -> Data:
    """A person of whom nothing but the id is known."""
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


def _starting(*names: str) -> lists.Rule:
    """One of these properties begins with the text."""
    return lambda row, text: any(
        str(row.get(name) or "").lower().startswith(str(text).lower()) for name in names
    )


#: What lists of people and of groups can be filtered by, beyond single properties.
FILTERS = {
    "firstNameOrLastNameStartsWith": _starting("firstName", "lastName"),
    "idOrScreenNameStartsWith": _starting("id", "screenName"),
    "roleIdEqual": lambda row, role: str(role) in lists.pieces(row.get("roleIds") or ""),
}
