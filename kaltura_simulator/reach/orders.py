"""The checks of an order before it becomes a task.

Kaltura's: plugins/reach/services/EntryVendorTaskService.php in https://github.com/kaltura/server.
"""

from __future__ import annotations

import json
from typing import Any

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import entries, recordings
from kaltura_simulator.reach import catalogue, tasks
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data

MIN_MS = 10_000
#: Properties that only the vendor sets.
VENDOR_FIELDS = ("status", "errDescription", "accuracy", "outputObjectId", "externalTaskId")
_SCHEDULED = "KalturaScheduledVendorTaskData"
_WITH_CAPTION = frozenset({catalogue.TRANSLATION, catalogue.DUBBING})


def check_partner_data(sent: SentObject) -> None:
    """``partnerData`` must be a JSON object, or empty."""
    text = sent.get("partnerData")
    if text and not _is_json_object(text):
        raise ApiError("PARTNER_DATA_NOT_VALID_JSON_STRING")


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def entry_for(call: Call, key: str) -> Data:
    """The entry of an order: ready, or an empty room, or a recording in progress."""
    row = entries.find(call, key)
    kind = row["type"]
    if kind not in {entry_types.MEDIA, entry_types.LIVE, entry_types.ROOM}:
        raise ApiError("ENTRY_TYPE_NOT_SUPPORTED", TYPE=kind)
    empty_room = kind == entry_types.ROOM and row["status"] == entry_types.NO_CONTENT
    if row["status"] != entry_types.READY and not (empty_room or recordings.is_in_progress(row)):
        raise ApiError("ENTRY_NOT_READY")
    return row


def check_fit(call: Call, sent: SentObject, entry: Data, item: Data) -> None:
    """Refuse an entry or job data that do not fit the catalogue item."""
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
    if int(entry.get("msDuration") or 0) < MIN_MS and not recordings.is_in_progress(entry):
        raise ApiError("ENTRY_TOO_SHORT", ENTRY_ID=entry["id"])
    if feature in _WITH_CAPTION and not _caption(call, data, entry):
        raise ApiError("REQUIRE_CAPTION", CATALOG_ITEM_ID=item["id"])


def _caption(call: Call, data: dict[str, Any], entry: Data) -> Data | None:
    """The caption asset that is to be translated."""
    found = call.get("caption_asset", str(data.get("captionAssetId") or ""))
    return found if found is not None and found["entryId"] == entry["id"] else None


def refuse_duplicate(call: Call, entry_id: str, item: Data) -> None:
    """Refuse an order that is open already, or done and may not be ordered again.

    Only one of the same content; and scheduled live work and what waits for its recording are
    no hindrance, so one stream has captions at several events.
    """
    entry = entries.find(call, entry_id)
    same = (entry_id, item["id"], int(entry.get("version") or 0))
    for task in tasks.visible(call.store, call.partner):
        if (task["entryId"], task["catalogItemId"], task["version"]) != same:
            continue
        done_once = task["status"] == tasks.READY and not item["allowResubmission"]
        if task["status"] in tasks.OPEN or done_once:
            raise ApiError(
                "ENTRY_VENDOR_TASK_DUPLICATION",
                ENTRY_ID=entry_id,
                CATALOG_ITEM_ID=item["id"],
                VERSION=task["version"],
            )
