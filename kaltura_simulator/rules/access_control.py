"""Access control profiles, for the service and for accounts that start with some."""

from __future__ import annotations

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.state.store import Data

KIND = "access_control"
#: What type of action a class is; Kaltura fills it in.
_ACTION_TYPES = {
    "KalturaAccessControlBlockAction": 1,
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
