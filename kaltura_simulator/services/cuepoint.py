"""cuePoint_cuePoint: chapters, slides, notes and the like on a time line, in milliseconds.

Kaltura's: plugins/cue_points/base/services/CuePointService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import entries, entry_access
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data

READY, DELETED, PENDING = 1, 2, 4
_THUMB, _NOTE, _KIND = "KalturaThumbCuePoint", "KalturaAnnotation", "cue_point"
#: ``cuePointType`` by class.
_TYPES = {
    _THUMB: "thumbCuePoint.Thumb",
    _NOTE: "annotation.Annotation",
    "KalturaCodeCuePoint": "codeCuePoint.Code",
    "KalturaAdCuePoint": "adCuePoint.Ad",
    "KalturaEventCuePoint": "eventCuePoint.Event",
    "KalturaSessionCuePoint": "sessionCuePoint.Session",
}
#: A list must have one of these filters.
_REQUIRED_FILTERS = ("idEqual", "idIn", "entryIdEqual", "entryIdIn")


def _find(call: Call, key: str) -> Data:
    found = call.get(_KIND, key)
    if found is None or found["status"] == DELETED or not _visible(call, found):
        raise ApiError("INVALID_CUE_POINT_ID", ID=key)
    return found


def _visible(call: Call, row: Data) -> bool:
    """Whether the caller may see it: private notes are for their author and for editors."""
    if row["objectType"] != _NOTE or row.get("isPublic") or _own(call, row):
        return True
    entry = call.get("entry", row["entryId"])
    return entry is not None and entry_access.can_edit(call, entry)


def _own(call: Call, row: Data) -> bool:
    return call.is_admin or (bool(call.user) and row["userId"] == call.user)


def _require_edit(call: Call, row: Data) -> None:
    if not _own(call, row):
        entry_access.require_edit(call, entries.find(call, row["entryId"]))


def _check_times(call: Call, row: Data) -> None:
    """Refuse times outside a clip; a stream has no end."""
    start, end = int(row.get("startTime") or 0), row.get("endTime")
    if start < 0:
        raise ApiError("START_TIME_CANNOT_BE_LESS_THAN_0")
    if end is not None and end < start:
        raise ApiError("END_TIME_CANNOT_BE_LESS_THAN_START_TIME")
    entry = entries.find(call, row["entryId"])
    length = 0 if entry["type"] == entry_types.LIVE else int(entry.get("msDuration") or 0)
    if length and length < start:
        raise ApiError(
            "START_TIME_IS_BIGGER_THAN_ENTRY_END_TIME", CUE_POINT_ID=start, END_TIME=length
        )
    if length and end is not None and length < end:
        raise ApiError("END_TIME_IS_BIGGER_THAN_ENTRY_END_TIME", CUE_POINT_ID=end, END_TIME=length)


@action("cuepoint_cuepoint.add")
def add(call: Call, cuePoint: SentObject) -> Data:
    """Add a cue point; one for a picture is PENDING without it."""
    cuePoint.refuse_read_only()
    cuePoint.require("entryId")
    if cuePoint.object_type not in _TYPES:
        raise ApiError("INVALID_OBJECT_TYPE", TYPE=cuePoint.object_type)
    now, key = call.clock.now(), call.store.entry_id()
    row: Data = {
        "objectType": cuePoint.object_type,
        "id": key,
        "intId": call.store.next_id(_KIND),
        "cuePointType": _TYPES[cuePoint.object_type],
        "partnerId": call.partner,
        "userId": call.user,
        "createdAt": now,
        "updatedAt": now,
        "startTime": 0,
        "tags": "",
        "isMomentary": True,
    }
    row |= {name: value for name, value in cuePoint.values.items() if value is not None}
    waits = cuePoint.object_type == _THUMB and not row.get("assetId")
    _check_times(call, row)
    return call.put(_KIND, key, _measured(row | {"status": PENDING if waits else READY}))


def _measured(row: Data) -> Data:
    """With its duration, when it has an end."""
    end = row.get("endTime")
    return row if end is None else row | {"duration": end - row["startTime"], "isMomentary": False}


@action("cuepoint_cuepoint.get")
def get(call: Call, id: str) -> Data:
    """One cue point."""
    return _find(call, id)


@action("cuepoint_cuepoint.update")
def update(call: Call, id: str, cuePoint: SentObject) -> Data:
    """Change a cue point; it stays on its entry."""
    row = _find(call, id)
    _require_edit(call, row)
    if cuePoint.get("entryId", row["entryId"]) != row["entryId"]:
        raise ApiError("CANNOT_UPDATE_ENTRY_ID")
    cuePoint.refuse_read_only_changes(row)
    return _changed(call, row, cuePoint.values)


def _changed(call: Call, row: Data, fields: Data) -> Data:
    changed = _measured(row | fields | {"updatedAt": call.clock.now()})
    _check_times(call, changed)
    return call.put(_KIND, row["id"], changed)


@action("cuepoint_cuepoint.updateCuePointsTimes")
def update_times(call: Call, id: str, startTime: int, endTime: int | None) -> Data:
    """Change the times of a cue point."""
    row = _find(call, id)
    _require_edit(call, row)
    end = {} if endTime is None else {"endTime": endTime}
    return _changed(call, row, {"startTime": startTime} | end)


@action("cuepoint_cuepoint.updateStatus")
def update_status(call: Call, id: str, status: int) -> None:
    """Change the status of a cue point."""
    row = _find(call, id)
    _require_edit(call, row)
    call.change(_KIND, id, status=status, updatedAt=call.clock.now())


@action("cuepoint_cuepoint.clone")
def clone(call: Call, id: str, entryId: str) -> Data:
    """Copy a cue point to another entry."""
    row = _find(call, id)
    entry_access.require_edit(call, entries.find(call, entryId))
    now, key = call.clock.now(), call.store.entry_id()
    fresh = {"id": key, "intId": call.store.next_id(_KIND), "entryId": entryId, "copiedFrom": id}
    made = row | fresh | {"createdAt": now, "updatedAt": now}
    _check_times(call, made)
    return call.put(_KIND, key, made)


@action("cuepoint_cuepoint.delete")
def delete(call: Call, id: str) -> None:
    """Delete a cue point."""
    _require_edit(call, _find(call, id))
    call.change(_KIND, id, status=DELETED, updatedAt=call.clock.now())


def _chosen(call: Call, sent_filter: SentObject | None) -> list[Data]:
    sent_filter = sent_filter or SentObject("KalturaCuePointFilter")
    if not any(sent_filter.get(name) for name in _REQUIRED_FILTERS):
        names = "/".join(sent_filter.qualified_name(name) for name in _REQUIRED_FILTERS)
        raise ApiError("PROPERTY_VALIDATION_CANNOT_BE_NULL", PROP_NAME=names)
    rows = [row for row in call.all(_KIND) if _visible(call, row)]
    if not any(name.startswith("status") for name in sent_filter.values):
        rows = [row for row in rows if row["status"] != DELETED]
    return lists.sorted_by(
        lists.filtered(lists.of_filter_class(rows, sent_filter), sent_filter, _FILTER_RULES),
        sent_filter,
    )


_FILTER_RULES: lists.FilterRules = {
    "freeText": lambda row, text: lists.contains_words(
        row, text, "title", "description", "text", "tags"
    ),
}


@action("cuepoint_cuepoint.list")
def list_cue_points(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The cue points of an entry, or some by id."""
    found = _chosen(call, filter)
    page = lists.page_of(found, pager, indexed=True)
    return lists.list_response("KalturaCuePointListResponse", page, len(found))


@action("cuepoint_cuepoint.count")
def count(call: Call, filter: SentObject | None) -> int:
    """The number of cue points that match a filter."""
    return len(_chosen(call, filter))
