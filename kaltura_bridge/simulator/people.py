"""The people an account knows: those who were added, and those who made something."""

from __future__ import annotations

from kaltura_bridge.simulator.call import Call
from kaltura_bridge.simulator.store import Data

ACTIVE, DELETED = 1, 2
#: The database fills these in; the reply to add lacks them.
AFTER_READING: Data = {"storageSize": 0, "type": 0}


def known(call: Call, user_id: str) -> Data | None:
    """The person, unless unknown or deleted."""
    found = call.get("user", user_id)
    return found if found is not None and found["status"] != DELETED else None


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
