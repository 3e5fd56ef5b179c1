"""Live captions: orders with a time, announced on the scheduled event."""

from __future__ import annotations

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.reach import catalogue
from kaltura_simulator.rules import schedule
from kaltura_simulator.state.store import Data

EVENT = "schedule_event"
LIVE_EVENT = "KalturaLiveStreamScheduleEvent"
DELETED = 3
FEATURES = {
    catalogue.LIVE_CAPTION: ("KalturaLiveCaptionFeature", "LiveCaptionFeature"),
    catalogue.LIVE_TRANSLATION: ("KalturaLiveTranslationFeature", "LiveTranslationFeature"),
}
MINUTE_S = 60


def job_data(call: Call, data: Data, entry: Data, item: Data) -> Data:
    """The job data with its times: those of the order, or else of the event."""
    event = _event(call, data, entry)
    start = data.get("startDate") or (event or {}).get("startDate")
    end = data.get("endDate") or (event or {}).get("endDate")
    if start is None or end is None:
        name = "startDate" if start is None else "endDate"
        full = f"KalturaScheduledVendorTaskData::{name}"
        raise ApiError("PROPERTY_VALIDATION_CANNOT_BE_NULL", PROP_NAME=full)
    found = data | {"startDate": start, "endDate": end, "entryDuration": (end - start) * 1000}
    event_id = event["id"] if event else _new_event(call, entry, start, end)
    _check_time(call, item, start, end, event_id)
    return found | {"objectType": "KalturaScheduledVendorTaskData", "scheduledEventId": event_id}


def _event(call: Call, data: Data, entry: Data) -> Data | None:
    key = data.get("scheduledEventId")
    if not key:
        return None
    found = call.get(EVENT, key)
    if found is None or found["status"] == DELETED:
        raise ApiError("SCHEDULE_EVENT_ID_NOT_FOUND", ID=key)
    if found.get("templateEntryId") != entry["id"]:
        raise ApiError("TASK_EVENT_ENTRY_ID_MISMATCH", ENTRY_ID=entry["id"], EVENT_ID=key)
    return found


def _check_time(call: Call, item: Data, start: int, end: int, event_id: int) -> None:
    """Refuse orders that come too late or are too long for the catalogue item."""
    least, most = item.get("minimalOrderTime") or 0, item.get("durationLimit")
    if start - call.clock.now() < least * MINUTE_S:
        raise ApiError(
            "TOO_LATE_ORDER",
            EVENT_ID=event_id,
            CATALOG_ITEM_ID=item["id"],
            MINIMAL_ORDER_TIME=least,
        )
    if most and end - start > most * MINUTE_S:
        raise ApiError(
            "TOO_LONG_SCHEDULED_TASK",
            TASK_DURATION=end - start,
            DURATION_LIMIT=most * MINUTE_S,
            CATALOG_ITEM_ID=item["id"],
        )


def _new_event(call: Call, entry: Data, start: int, end: int) -> int:
    """Create the event of an order that names none."""
    now = call.clock.now()
    key = call.store.next_id(EVENT)
    row: Data = {
        "objectType": LIVE_EVENT,
        "id": key,
        "partnerId": call.partner,
        "summary": f"Live captions of {entry['name']}",
        "status": schedule.ACTIVE,
        "startDate": start,
        "endDate": end,
        "duration": end - start,
        "classificationType": 1,
        "ownerId": call.user,
        "sequence": 1,
        "recurrenceType": 0,
        "createdAt": now,
        "updatedAt": now,
        "templateEntryId": entry["id"],
        "entryIds": entry["id"],
    }
    call.put(EVENT, key, schedule.defaults(LIVE_EVENT) | row)
    return key


def announce(call: Call, task: Data, item: Data) -> None:
    """Add the live feature to the event; the vendor fills it in with updateLiveFeature."""
    known = FEATURES.get(item["serviceFeature"])
    event = call.get(EVENT, (task.get("taskJobData") or {}).get("scheduledEventId") or 0)
    if known is None or event is None:
        return
    kind, prefix = known
    feature = {
        "objectType": kind,
        "systemName": f"{prefix}-reach-{task['id']}",
        "preStartTime": item.get("startTimeBuffer") or 0,
        "postEndTime": item.get("endTimeBuffer") or 0,
        "language": item.get("sourceLanguage"),
    }
    call.change(EVENT, event["id"], liveFeatures=[*(event.get("liveFeatures") or []), feature])
