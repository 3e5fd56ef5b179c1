"""What an order must be before it becomes a task."""

from __future__ import annotations

import json
from typing import Any

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import entries, recordings
from kaltura_simulator.reach import catalogue, tasks
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data

LEAST_MS = 10_000
#: What the vendor says of its own work; an order cannot.
VENDORS_OWN = ("status", "errDescription", "accuracy", "outputObjectId", "externalTaskId")
_SCHEDULED = "KalturaScheduledVendorTaskData"
_WITH_CAPTION = frozenset({catalogue.TRANSLATION, catalogue.DUBBING})


def check_partner_data(sent: Given) -> None:
    """What the orderer keeps with a task is a JSON object, or nothing."""
    text = sent.get("partnerData")
    if text and not _is_json_object(text):
        raise ApiError("PARTNER_DATA_NOT_VALID_JSON_STRING")


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def entry_for(call: Call, key: str) -> Data:
    """The entry an order is for. A room need not have content, a recording may be on its way."""
    row = entries.find(call, key)
    kind = row["type"]
    if kind not in {entry_types.MEDIA, entry_types.LIVE, entry_types.ROOM}:
        raise ApiError("ENTRY_TYPE_NOT_SUPPORTED", TYPE=kind)
    empty_room = kind == entry_types.ROOM and row["status"] == entry_types.NO_CONTENT
    if row["status"] != entry_types.READY and not (empty_room or recordings.is_coming(row)):
        raise ApiError("ENTRY_NOT_READY")
    return row


def check_fit(call: Call, sent: Given, entry: Data, item: Data) -> None:
    """Entry, item and job data must belong together."""
    data = sent.get("taskJobData") or {}
    feature = item["serviceFeature"]
    if data.get("objectType") == _SCHEDULED and feature not in catalogue.LIVE:
        kind = item["objectType"].removeprefix("Kaltura")
        code = "CATALOG_ITEM_AND_JOB_DATA_MISMATCH"
        raise ApiError(code, CATALOG_ITEM_TYPE=kind, TASK_DATA_TYPE=_SCHEDULED)
    if feature in catalogue.LIVE:
        if entry["type"] != entry_types.LIVE:
            code = "FEATURE_TYPE_NOT_SUPPORTED_FOR_ENTRY"
            raise ApiError(code, FEATURE=feature, ID=entry["id"])
        return
    if int(entry.get("msDuration") or 0) < LEAST_MS and not recordings.is_coming(entry):
        raise ApiError("ENTRY_TOO_SHORT", ENTRY_ID=entry["id"])
    if feature in _WITH_CAPTION and not _caption(call, data, entry):
        raise ApiError("REQUIRE_CAPTION", CATALOG_ITEM_ID=item["id"])


def _caption(call: Call, data: dict[str, Any], entry: Data) -> Data | None:
    """The caption that a translation starts from."""
    found = call.get("caption_asset", str(data.get("captionAssetId") or ""))
    return found if found is not None and found["entryId"] == entry["id"] else None


def refuse_twin(call: Call, entry_id: str, item: Data) -> None:
    """An entry is worked on once for each item, unless the item may be ordered again."""
    for task in tasks.visible(call.store, call.partner):
        if (task["entryId"], task["catalogItemId"]) != (entry_id, item["id"]):
            continue
        done_once = task["status"] == tasks.READY and not item["allowResubmission"]
        if task["status"] in tasks.OPEN or done_once:
            raise ApiError(
                "ENTRY_VENDOR_TASK_DUPLICATION",
                ENTRY_ID=entry_id,
                CATALOG_ITEM_ID=item["id"],
                VERSION=task["version"],
            )
