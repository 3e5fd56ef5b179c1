"""metadata_metadataProfile: the XML schemas that custom data must fit."""

from __future__ import annotations

from kaltura_bridge.simulator import lists, xsd
from kaltura_bridge.simulator.call import Call, action
from kaltura_bridge.simulator.errors import ApiError
from kaltura_bridge.simulator.given import Given
from kaltura_bridge.simulator.store import Data

ACTIVE = 1
KMC = 1


def find(call: Call, key: int) -> Data:
    """A profile that is there."""
    found = call.get("metadata_profile", key)
    if found is None:
        raise ApiError("METADATA_PROFILE_NOT_FOUND", ID=key)
    return found


def new(call: Call, schema_text: str, sent: Data, key: int | None = None) -> Data:
    """Make a profile; ``key`` only where an account is provisioned with fixed ids."""
    now = call.clock.now()
    key = key if key is not None else call.store.next_id("metadata_profile")
    profile = {
        "objectType": "KalturaMetadataProfile",
        "id": key,
        "partnerId": call.partner,
        "metadataObjectType": 1,
        "version": 1,
        "createdAt": now,
        "updatedAt": now,
        "status": ACTIVE,
        "createMode": KMC,
        "disableReIndexing": False,
        "xsd": schema_text,
    }
    return call.put("metadata_profile", key, profile | sent)


@action("metadata_metadataprofile.add")
def add(call: Call, metadataProfile: Given, xsdData: str, viewsData: str | None) -> Data:
    """A new profile; its system name is its own."""
    metadataProfile.refuse_read_only()
    metadataProfile.need("metadataObjectType")
    problem = xsd.schema_problem(xsdData)
    if problem:
        raise ApiError("INVALID_METADATA_PROFILE_SCHEMA", ERR_MSG=problem)
    name = metadataProfile.get("systemName")
    if name and any(row.get("systemName") == name for row in call.all("metadata_profile")):
        raise ApiError("SYSTEM_NAME_ALREADY_EXISTS", SYS_NAME=name)
    sent = {k: v for k, v in metadataProfile.values.items() if v is not None}
    return new(call, xsdData, sent)


@action("metadata_metadataprofile.get")
def get(call: Call, id: int) -> Data:
    """One profile with its schema."""
    return find(call, id)


@action("metadata_metadataprofile.list")
def list_profiles(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Profiles by name, system name or the kind of object they describe."""
    rows = call.all("metadata_profile")
    found = lists.ordered(lists.chosen(rows, filter), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaMetadataProfileListResponse", page, len(found))
