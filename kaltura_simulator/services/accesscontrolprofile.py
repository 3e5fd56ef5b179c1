"""accessControlProfile: who may watch from where, and how."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.rules import access_control
from kaltura_simulator.rules.access_control import KIND
from kaltura_simulator.state.store import Data


def _refuse_twin(call: Call, sent: Given, own_id: int | None = None) -> None:
    name = sent.get("systemName")
    twins = [r for r in call.all(KIND) if name and r.get("systemName") == name]
    if any(row["id"] != own_id for row in twins):
        raise ApiError("SYSTEM_NAME_ALREADY_EXISTS", SYS_NAME=name)


@action("accesscontrolprofile.add")
def add(call: Call, accessControlProfile: Given) -> Data:
    """A new profile; its system name is its own."""
    accessControlProfile.refuse_read_only()
    accessControlProfile.need("name")
    _refuse_twin(call, accessControlProfile)
    return access_control.new(call, accessControlProfile.values)


@action("accesscontrolprofile.get")
def get(call: Call, id: int) -> Data:
    """One profile."""
    return access_control.find(call, id)


@action("accesscontrolprofile.update")
def update(call: Call, id: int, accessControlProfile: Given) -> Data:
    """Change a profile; its rules come whole or not at all."""
    stored = access_control.find(call, id)
    accessControlProfile.refuse_changed(stored)
    _refuse_twin(call, accessControlProfile, id)
    changes = accessControlProfile.values | {"updatedAt": call.clock.now()}
    if changes.get("rules"):
        changes["rules"] = access_control.with_action_types(changes["rules"])
    return call.change(KIND, id, **changes)


@action("accesscontrolprofile.delete")
def delete(call: Call, id: int) -> None:
    """Delete a profile; its entries fall back to the account's own."""
    access_control.find(call, id)
    default = next((r["id"] for r in call.all(KIND) if r["isDefault"]), None)
    for entry in call.all("entry"):
        if entry.get("accessControlId") == id:
            call.change("entry", entry["id"], accessControlId=default)
    call.store.delete(call.partner, KIND, id)


@action("accesscontrolprofile.list")
def list_profiles(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The account's profiles."""
    found = lists.ordered(lists.chosen(call.all(KIND), filter), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaAccessControlProfileListResponse", page, len(found))
