"""accessControlProfile: who may watch from where, and how."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.state.store import Data

#: What kind of action a class is; Kaltura fills it in.
_ACTION_TYPES = {
    "KalturaAccessControlBlockAction": 1,
    "KalturaAccessControlPreviewAction": 2,
    "KalturaAccessControlLimitFlavorsAction": 3,
    "KalturaAccessControlLimitDeliveryProfilesAction": 5,
}


def find(call: Call, key: int) -> Data:
    """A profile that is there."""
    found = call.get("access_control", key)
    if found is None:
        raise ApiError("ACCESS_CONTROL_ID_NOT_FOUND", ID=key)
    return found


def new(call: Call, sent: Data, key: int | None = None) -> Data:
    """Make a profile; ``key`` only where an account is provisioned with fixed ids."""
    now = call.clock.now()
    row: Data = {
        "objectType": "KalturaAccessControlProfile",
        "id": key if key is not None else call.store.next_id("access_control"),
        "partnerId": call.partner,
        "createdAt": now,
        "updatedAt": now,
        "isDefault": False,
        "rules": [],
    }
    row |= {name: value for name, value in sent.items() if value is not None}
    row["rules"] = _typed(row["rules"])
    return call.put("access_control", row["id"], row)


def _typed(rules: list[Data]) -> list[Data]:
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


def _refuse_twin(call: Call, sent: Given, own_id: int | None = None) -> None:
    name = sent.get("systemName")
    twins = [r for r in call.all("access_control") if name and r.get("systemName") == name]
    if any(row["id"] != own_id for row in twins):
        raise ApiError("SYSTEM_NAME_ALREADY_EXISTS", SYS_NAME=name)


@action("accesscontrolprofile.add")
def add(call: Call, accessControlProfile: Given) -> Data:
    """A new profile; its system name is its own."""
    accessControlProfile.refuse_read_only()
    accessControlProfile.need("name")
    _refuse_twin(call, accessControlProfile)
    return new(call, accessControlProfile.values)


@action("accesscontrolprofile.get")
def get(call: Call, id: int) -> Data:
    """One profile."""
    return find(call, id)


@action("accesscontrolprofile.update")
def update(call: Call, id: int, accessControlProfile: Given) -> Data:
    """Change a profile; its rules come whole or not at all."""
    stored = find(call, id)
    accessControlProfile.refuse_changed(stored)
    _refuse_twin(call, accessControlProfile, id)
    changes = accessControlProfile.values | {"updatedAt": call.clock.now()}
    if changes.get("rules"):
        changes["rules"] = _typed(changes["rules"])
    return call.change("access_control", id, **changes)


@action("accesscontrolprofile.delete")
def delete(call: Call, id: int) -> None:
    """Delete a profile; its entries fall back to the account's own."""
    find(call, id)
    default = next((r["id"] for r in call.all("access_control") if r["isDefault"]), None)
    for entry in call.all("entry"):
        if entry.get("accessControlId") == id:
            call.change("entry", entry["id"], accessControlId=default)
    call.store.delete(call.partner, "access_control", id)


@action("accesscontrolprofile.list")
def list_profiles(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The account's profiles."""
    found = lists.ordered(lists.chosen(call.all("access_control"), filter), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaAccessControlProfileListResponse", page, len(found))
