"""responseProfile: named choices of the fields that an answer shows."""

from __future__ import annotations

from kaltura_bridge.simulator import lists
from kaltura_bridge.simulator.call import Call, action
from kaltura_bridge.simulator.errors import ApiError
from kaltura_bridge.simulator.given import Given
from kaltura_bridge.simulator.store import Data

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
    name = sent.get("systemName")
    if any(row["systemName"] == name for row in call.all("response_profile")):
        raise ApiError("SYSTEM_NAME_ALREADY_EXISTS", SYS_NAME=name)
    now = call.clock.now()
    row: Data = {
        "objectType": sent.kind,
        "id": call.store.next_id("response_profile"),
        "partnerId": call.partner,
        "createdAt": now,
        "updatedAt": now,
        "version": 1,
        "status": ENABLED,
    }
    row |= {name: value for name, value in sent.values.items() if value is not None}
    return call.put("response_profile", row["id"], row)


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
