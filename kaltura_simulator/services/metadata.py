"""metadata_metadata: custom data of an object, validated by its profile's XML schema.

Kaltura's: plugins/metadata/services/MetadataService.php
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import entry_access
from kaltura_simulator.rules import entry_types, metadata_profiles, users, xsd
from kaltura_simulator.state import background
from kaltura_simulator.state.store import Data
from kaltura_simulator.web import fetch

VALID = 1
ENTRY, CATEGORY, USER = 1, 2, 3
FIRST_VERSION, VERSION_STEP = 1, 10
_KINDS: defaultdict[int | str, str] = defaultdict(lambda: "entry", {CATEGORY: "category"})


def _find(call: Call, key: int) -> Data:
    found = call.get("metadata", key)
    if found is None:
        raise ApiError("METADATA_NOT_FOUND", ID=key)
    return found


def _owner(call: Call, object_type: int | str, key: str) -> Data:
    """The object of a record, if this caller may edit it."""
    row = users.find(call, key) if object_type == USER else call.get(_KINDS[object_type], key)
    if row is None or row["status"] == entry_types.DELETED:
        raise ApiError("METADATA_OBJECT_ID_NOT_FOUND", ID=key)
    if object_type == ENTRY and not entry_access.can_edit(call, row):
        raise ApiError("METADATA_OBJECT_ID_NOT_FOUND", ID=key)
    return row


def _validate(profile: Data, xml: str) -> None:
    problem = xsd.problems(profile["xsd"], xml)
    if problem:
        raise ApiError("INVALID_METADATA_DATA", ERR_MSG=problem)


@action("metadata_metadata.add")
def add(
    call: Call, metadataProfileId: int, objectType: int | str, objectId: str, xmlData: str
) -> Data:
    """Add a record; an object has one of each profile."""
    kind = objectType
    _owner(call, kind, objectId)
    profile = metadata_profiles.find(call, metadataProfileId)
    if profile["metadataObjectType"] != kind:
        raise ApiError(
            "INCOMPATIBLE_METADATA_PROFILE_OBJECT_TYPE",
            OBJ_TYPE=profile["metadataObjectType"],
            META_OBJ_TYPE=objectType,
        )
    for row in call.where("metadata", objectId):
        if (row["metadataProfileId"], row["metadataObjectType"]) == (metadataProfileId, kind):
            raise ApiError("METADATA_ALREADY_EXISTS", ID=row["id"])
    if not xmlData:
        raise ApiError("INTERNAL_SERVERL_ERROR")
    _validate(profile, xmlData)
    return _new(call, profile, kind, objectId, xmlData)


@action("metadata_metadata.addFromUrl")
@slow
def add_from_url(
    call: Call, metadataProfileId: int, objectType: int | str, objectId: str, url: str
) -> Data:
    """Add a record with the document at an address that ``--fetch-hosts`` names."""
    try:
        document = fetch.fetched(url, call.world.options.fetch_hosts).decode("utf-8", "replace")
    except OSError as problem:
        raise ApiError("INTERNAL_SERVERL_ERROR") from problem
    with call.store.transaction():
        made: Data = add(call, metadataProfileId, objectType, objectId, document)
        return made


def _new(call: Call, profile: Data, kind: int | str, object_id: str, xml: str) -> Data:
    now = call.clock.now()
    key = call.store.next_id("metadata")
    record = {
        "objectType": "KalturaMetadata",
        "id": key,
        "partnerId": call.partner,
        "metadataProfileId": profile["id"],
        "metadataProfileVersion": profile["version"],
        "metadataObjectType": kind,
        "objectId": object_id,
        "version": FIRST_VERSION,
        "createdAt": now,
        "updatedAt": now,
        "status": VALID,
        "xml": xml,
    }
    return call.put("metadata", key, record)


@action("metadata_metadata.get")
def get(call: Call, id: int) -> Data:
    """One record."""
    return _find(call, id)


@action("metadata_metadata.update")
def update(call: Call, id: int, xmlData: str | None, version: int | None) -> Data:
    """Replace the XML; an outdated ``version`` is refused, and equal XML raises no version."""
    record = _find(call, id)
    _owner(call, record["metadataObjectType"], record["objectId"])
    if version is not None and version != record["version"]:
        raise ApiError("INVALID_METADATA_VERSION", VERSION=record["version"])
    if not xmlData:
        return record
    profile = metadata_profiles.find(call, record["metadataProfileId"])
    _validate(profile, xmlData)
    changes: Data = {"xml": xmlData, "updatedAt": call.clock.now(), "status": VALID}
    if xmlData != record["xml"]:
        changes["version"] = record["version"] + VERSION_STEP
    changes["metadataProfileVersion"] = profile["version"]
    if background.is_busy(call.store, call.partner, "metadata", str(id)):
        background.schedule(call.store, call.partner, "metadata", str(id), [])
    return call.change("metadata", id, **changes)


@action("metadata_metadata.delete")
def delete(call: Call, id: int) -> None:
    """Delete a record; without permission it is not found."""
    record = _find(call, id)
    try:
        _owner(call, record["metadataObjectType"], record["objectId"])
    except ApiError as refusal:
        raise ApiError("METADATA_NOT_FOUND", ID=id) from refusal
    call.store.delete(call.partner, "metadata", id)


def _object_type(row: Data, wanted: Any) -> bool:
    return str(row["metadataObjectType"]) == str(wanted)


@action("metadata_metadata.list")
def list_records(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The records of some objects; of entries unless the filter says otherwise."""
    if filter is None or not (filter.get("objectIdEqual") or filter.get("objectIdIn")):
        raise ApiError("MUST_FILTER_ON_OBJECT_ID")
    filter.values.setdefault("metadataObjectTypeEqual", ENTRY)
    special = {"metadataObjectTypeEqual": _object_type}
    found = lists.sorted_by(lists.filtered(call.listed("metadata"), filter, special), filter)
    page = call.as_now("metadata", lists.page_of(found, pager, indexed=True))
    return lists.list_response("KalturaMetadataListResponse", page, len(found))
