"""Access control profiles, for the service and for accounts that start with some."""

from __future__ import annotations

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.state.store import Data

KIND = "access_control"
#: What type of action a class is; Kaltura fills it in.
BLOCK = 1
_ACTION_TYPES = {
    "KalturaAccessControlBlockAction": BLOCK,
    "KalturaAccessControlPreviewAction": 2,
    "KalturaAccessControlLimitFlavorsAction": 3,
    "KalturaAccessControlLimitDeliveryProfilesAction": 5,
}


def find(call: Call, key: int) -> Data:
    """A profile that is there."""
    found = call.get(KIND, key)
    if found is None:
        raise ApiError("ACCESS_CONTROL_ID_NOT_FOUND", ID=key)
    return found


def new(call: Call, sent: Data, key: int | None = None) -> Data:
    """Make a profile; ``key`` only where an account is provisioned with fixed ids."""
    now = call.clock.now()
    row: Data = {
        "objectType": "KalturaAccessControlProfile",
        "id": key if key is not None else call.store.next_id(KIND),
        "partnerId": call.partner,
        "createdAt": now,
        "updatedAt": now,
        "isDefault": False,
        "rules": [],
    }
    row |= {name: value for name, value in sent.items() if value is not None}
    row["rules"] = with_action_types(row["rules"])
    return call.put(KIND, row["id"], row)


_BLOCK = "KalturaAccessControlBlockAction"
_AUTHENTICATED = "KalturaAuthenticatedCondition"
_ADMIN_TOO = "forceAdminValidation"


def blocks(call: Call, entry: Data) -> str:
    """The message with which the entry's profile keeps this caller from playing; "": it does not.

    Of conditions only the usual one is known: a session that may view the entry (``sview``).
    Administrators pass, unless the rule is for them too.
    """
    profile = call.get(KIND, entry.get("accessControlId") or 0)
    for rule in profile["rules"] if profile else []:
        if _refuses(call, entry, rule):
            return str(rule.get("message") or "This video is restricted.")
    return ""


def _refuses(call: Call, entry: Data, rule: Data) -> bool:
    conditions = rule.get("conditions") or []
    is_block = any(act["objectType"] == _BLOCK for act in rule.get("actions") or [])
    if not is_block or not conditions or (call.is_admin and not rule.get(_ADMIN_TOO)):
        return False
    return all(_holds(call, entry, condition) for condition in conditions)


def _holds(call: Call, entry: Data, condition: Data) -> bool:
    """Whether a condition is fulfilled; ``not`` turns it round."""
    if condition.get("objectType") != _AUTHENTICATED:
        return False
    named = [str(each.get("value")) for each in condition.get("privileges") or []]
    is_so = call.is_admin or any(call.holds(name, entry["id"]) for name in named)
    return is_so != bool(condition.get("not"))


def with_action_types(rules: list[Data]) -> list[Data]:
    """Rules whose actions say of what type they are."""
    return [
        rule
        | {
            "forceAdminValidation": bool(rule.get("forceAdminValidation")),
            "actions": [
                act | {"type": _ACTION_TYPES.get(act["objectType"])}
                for act in rule.get("actions") or []
            ],
        }
        for rule in rules
    ]
