"""accessControlProfile: who may watch from where, and how.

Kaltura's: api_v3/services/AccessControlProfileService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.rules import access_control
from kaltura_simulator.rules.access_control import KIND
from kaltura_simulator.state.store import Data


def _refuse_duplicate(call: Call, sent: SentObject, own_id: int | None = None) -> None:
    name = sent.get("systemName")
    others = [r for r in call.all(KIND) if name and r.get("systemName") == name]
    if any(row["id"] != own_id for row in others):
        raise ApiError("SYSTEM_NAME_ALREADY_EXISTS", SYS_NAME=name)


@action("accesscontrolprofile.add")
def add(call: Call, accessControlProfile: SentObject) -> Data:
    """Add a profile; its system name must be unique."""
    accessControlProfile.refuse_read_only()
    accessControlProfile.require("name")
    _refuse_duplicate(call, accessControlProfile)
    return access_control.new(call, accessControlProfile.values)


@action("accesscontrolprofile.get")
def get(call: Call, id: int) -> Data:
    """One profile."""
    return access_control.find(call, id)


@action("accesscontrolprofile.update")
def update(call: Call, id: int, accessControlProfile: SentObject) -> Data:
    """Change a profile; its rules are replaced as a whole."""
    stored = access_control.find(call, id)
    accessControlProfile.refuse_read_only_changes(stored)
    _refuse_duplicate(call, accessControlProfile, id)
    changes = accessControlProfile.values | {"updatedAt": call.clock.now()}
    if changes.get("rules"):
        changes["rules"] = access_control.with_action_types(changes["rules"])
    return call.change(KIND, id, **changes)


@action("accesscontrolprofile.delete")
def delete(call: Call, id: int) -> None:
    """Delete a profile; its entries get the account's default one."""
    access_control.find(call, id)
    default = next((r["id"] for r in call.all(KIND) if r["isDefault"]), None)
    for entry in call.all("entry"):
        if entry.get("accessControlId") == id:
            call.change("entry", entry["id"], accessControlId=default)
    call.store.delete(call.partner, KIND, id)


@action("accesscontrolprofile.list")
def list_profiles(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The account's profiles."""
    found = lists.sorted_by(lists.filtered(call.all(KIND), filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaAccessControlProfileListResponse", page, len(found))
