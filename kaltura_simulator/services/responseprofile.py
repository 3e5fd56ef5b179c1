"""responseProfile: stored selections of the properties that a reply contains.

Kaltura's: api_v3/services/ResponseProfileService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists, schema
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.state.store import Data

ENABLED = 2


def _find(call: Call, key: int) -> Data:
    found = call.get("response_profile", key)
    if found is None:
        raise ApiError("RESPONSE_PROFILE_ID_NOT_FOUND", ID=key)
    return found


@action("responseprofile.add")
def add(call: Call, addResponseProfile: SentObject) -> Data:
    """Add a profile; its system name must be unique."""
    sent = addResponseProfile
    sent.refuse_read_only()
    sent.require("name", "systemName")
    return _new(call, sent.object_type, sent.values)


def _new(call: Call, kind: str, fields: Data) -> Data:
    _refuse_duplicate(call, fields["systemName"])
    now = call.clock.now()
    row: Data = {
        "objectType": kind,
        "id": call.store.next_id("response_profile"),
        "partnerId": call.partner,
        "createdAt": now,
        "updatedAt": now,
        "version": 1,
        "status": ENABLED,
    }
    row |= {name: value for name, value in fields.items() if value is not None}
    return call.put("response_profile", row["id"], row)


def _refuse_duplicate(call: Call, name: str, own_id: int | None = None) -> None:
    for row in call.all("response_profile"):
        if row["systemName"] == name and row["id"] != own_id:
            raise ApiError("RESPONSE_PROFILE_DUPLICATE_SYSTEM_NAME", SYSTEM_NAME=name)


@action("responseprofile.update")
def update(call: Call, id: int, updateResponseProfile: SentObject) -> Data:
    """Change a profile and raise its version."""
    stored = _find(call, id)
    sent = updateResponseProfile
    sent.refuse_read_only_changes(stored)
    _refuse_duplicate(call, sent.get("systemName", stored["systemName"]), id)
    changes = {"updatedAt": call.clock.now(), "version": stored["version"] + 1}
    return call.change("response_profile", id, **(sent.values | changes))


@action("responseprofile.clone")
def clone(call: Call, id: int, profile: SentObject) -> Data:
    """Copy a profile, with changes."""
    stored = _find(call, id)
    profile.refuse_read_only()
    own = schema.properties("KalturaDetachedResponseProfile").keys() | {"systemName"}
    fields = {name: value for name, value in stored.items() if name in own}
    return _new(call, stored["objectType"], fields | profile.values)


@action("responseprofile.get")
def get(call: Call, id: int) -> Data:
    """One profile."""
    return _find(call, id)


@action("responseprofile.delete")
def delete(call: Call, id: int) -> None:
    """Delete a profile."""
    _find(call, id)
    call.store.delete(call.partner, "response_profile", id)


@action("responseprofile.list")
def list_profiles(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The account's profiles."""
    found = lists.sorted_by(lists.filtered(call.all("response_profile"), filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaResponseProfileListResponse", page, len(found))
