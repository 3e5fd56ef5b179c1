"""responseProfile: named choices of the fields that an answer shows."""

from __future__ import annotations

from kaltura_simulator.api import lists, schema
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.state.store import Data

ENABLED = 2


def _find(call: Call, key: int) -> Data:
    found = call.get("response_profile", key)
    if found is None:
        raise ApiError("RESPONSE_PROFILE_ID_NOT_FOUND", ID=key)
    return found


@action("responseprofile.add")
def add(call: Call, addResponseProfile: Given) -> Data:
    """Keep a profile under a system name of its own."""
    sent = addResponseProfile
    sent.refuse_read_only()
    sent.need("name", "systemName")
    return _new(call, sent.kind, sent.values)


def _new(call: Call, kind: str, fields: Data) -> Data:
    _refuse_second(call, fields["systemName"])
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


def _refuse_second(call: Call, name: str, own_id: int | None = None) -> None:
    for row in call.all("response_profile"):
        if row["systemName"] == name and row["id"] != own_id:
            raise ApiError("RESPONSE_PROFILE_DUPLICATE_SYSTEM_NAME", SYSTEM_NAME=name)


@action("responseprofile.update")
def update(call: Call, id: int, updateResponseProfile: Given) -> Data:
    """Change a profile; its version rises."""
    stored = _find(call, id)
    sent = updateResponseProfile
    sent.refuse_changed(stored)
    _refuse_second(call, sent.get("systemName", stored["systemName"]), id)
    changes = {"updatedAt": call.clock.now(), "version": stored["version"] + 1}
    return call.change("response_profile", id, **(sent.values | changes))


@action("responseprofile.clone")
def clone(call: Call, id: int, profile: Given) -> Data:
    """A profile like another one, with what is named here instead."""
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
    """Forget a profile."""
    _find(call, id)
    call.store.delete(call.partner, "response_profile", id)


@action("responseprofile.list")
def list_profiles(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The account's profiles."""
    found = lists.ordered(lists.chosen(call.all("response_profile"), filter), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaResponseProfileListResponse", page, len(found))
