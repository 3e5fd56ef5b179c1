"""schedule_scheduleEvent: events on the calendar, usually on an entry.

Kaltura's: plugins/schedule/base/services/ScheduleEventService.php
"""

from __future__ import annotations

from typing import Any

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import entries
from kaltura_simulator.rules import recurrence, schedule, users
from kaltura_simulator.rules.schedule import ACTIVE, CANCELLED, DELETED
from kaltura_simulator.state.store import Data


def find(call: Call, key: int) -> Data:
    """An event that was not deleted; it may be cancelled."""
    found = call.get("schedule_event", key)
    if found is None or found["status"] == DELETED:
        raise ApiError("INVALID_OBJECT_ID", ID=key)
    return found


@action("schedule_scheduleevent.add")
def add(call: Call, scheduleEvent: SentObject) -> Data:
    """Add an event."""
    sent = scheduleEvent
    sent.refuse_read_only()
    sent.require("recurrenceType", "summary")
    _check_texts(sent)
    _read_times(call, sent)
    _require_times(call, sent)
    now = call.clock.now()
    row: Data = schedule.defaults(sent.object_type) | {
        "objectType": sent.object_type,
        "partnerId": call.partner,
        "status": ACTIVE,
        "createdAt": now,
        "updatedAt": now,
        "classificationType": 1,
        "sequence": 1,
    }
    row |= {name: value for name, value in sent.values.items() if value is not None}
    row["ownerId"] = call.user
    users.ensure_exists(call, call.user)
    row["duration"] = row["endDate"] - row["startDate"]
    schedule.check_span(row)
    schedule.check_entries(call, sent)
    row |= schedule.margins_of_clips(call, row)
    schedule.refuse_overlap(call, row, (row["startDate"], row["endDate"]))
    row["id"] = call.store.next_id("schedule_event")
    call.put("schedule_event", row["id"], row)
    schedule.mark_entry(call, row)
    if row["recurrenceType"] == recurrence.RECURRING:
        recurrence.update_occurrences(call, row)
    return schedule.with_blackouts(call, row)


def _check_texts(sent: SentObject) -> None:
    """Check lengths; only in these errors Kaltura names the property without its class."""
    summary = sent.get("summary")
    if isinstance(summary, str) and len(summary.encode()) > schedule.MAX_SUMMARY_BYTES:
        most = schedule.MAX_SUMMARY_BYTES
        raise ApiError("PROPERTY_VALIDATION_MAX_LENGTH", PROP_NAME="summary", MAX_LEN=most)
    if sent.get("priority", 0) > schedule.MAX_PRIORITY:
        most = schedule.MAX_PRIORITY
        raise ApiError("PROPERTY_VALIDATION_MAX_VALUE", PROP_NAME="priority", MAX_VAL=most)
    if sent.get("priority", 0) < 0:
        raise ApiError("PROPERTY_VALIDATION_MIN_VALUE", PROP_NAME="priority", MIN_VAL=0)
    if summary == "":
        raise ApiError("PROPERTY_VALIDATION_MIN_LENGTH", PROP_NAME="summary", MIN_LEN=1)


def _read_times(call: Call, sent: SentObject) -> None:
    """Make relative times absolute; a time cannot be unset."""
    if "endDate" in sent:
        sent.require("endDate")
    for name in ("startDate", "endDate"):
        if name in sent and sent.values[name] is None:
            raise ApiError("INTERNAL_SERVERL_ERROR")
        if name in sent:
            sent.values[name] = entries.absolute_time(sent.values[name], call.clock.now())
    if "sourceEntryId" in sent and sent.values["sourceEntryId"] is None:
        raise ApiError("INTERNAL_SERVERL_ERROR")


def _require_times(call: Call, sent: SentObject) -> None:
    """Require a start and an end, or a duration and an event that it follows."""
    linked = sent.get("linkedTo")
    if linked is None and sent.get("startDate") is None:
        raise ApiError("START_TIME_AND_LINKED_TO_NOT_SET")
    if linked is not None and sent.get("startDate") is not None:
        raise ApiError("START_TIME_AND_LINKED_TO_CONFLICT")
    if linked is None:
        sent.require("endDate")
        return
    sent.require("duration")
    leader = find(call, linked.get("eventId") or 0)
    start = leader["endDate"] + (linked.get("offset") or 0)
    sent.values |= {"startDate": start, "endDate": start + sent.get("duration")}


@action("schedule_scheduleevent.get")
def get(call: Call, scheduleEventId: int) -> Data:
    """One event."""
    return schedule.with_blackouts(call, find(call, scheduleEventId))


@action("schedule_scheduleevent.update")
def update(call: Call, scheduleEventId: int, scheduleEvent: SentObject) -> Data:
    """Change an event; its class stays."""
    stored = find(call, scheduleEventId)
    sent = scheduleEvent
    sent.refuse_read_only_changes(stored)
    _check_texts(sent)
    _read_times(call, sent)
    _refuse_becoming_an_occurrence(stored, sent)
    changes = {k: v for k, v in sent.values.items() if k != "recurrenceType" or v is not None}
    row = stored | changes | {"objectType": stored["objectType"]}
    row |= _duration(sent, row)
    schedule.check_span(row)
    schedule.check_entries(call, sent)
    row |= schedule.margins_of_clips(call, row)
    # A time that was not sent is compared with its margin, as it is stored.
    before, after = schedule.window(row)
    start = row["startDate"] if "startDate" in sent else before
    end = row["endDate"] if "endDate" in sent else after
    schedule.refuse_overlap(call, row, (start, end))
    row |= {"sequence": stored["sequence"] + 1, "updatedAt": call.clock.now()}
    row |= _update_series(call, stored, row)
    users.ensure_exists(call, str(row.get("ownerId") or ""))
    call.put("schedule_event", stored["id"], row)
    schedule.mark_entry(call, row)
    return schedule.with_blackouts(call, row)


def _update_series(call: Call, stored: Data, row: Data) -> Data:
    """Update the occurrences of a series; an event that is no longer one loses them."""
    if row["recurrenceType"] == recurrence.RECURRING:
        recurrence.update_occurrences(call, row, stored)
    elif stored["recurrenceType"] == recurrence.RECURRING:
        recurrence.delete_occurrences(call, stored)
        return {"sequence": 1, "recurrence": None}
    return {}


def _refuse_becoming_an_occurrence(stored: Data, sent: SentObject) -> None:
    """Refuse to turn an event into an occurrence; only Kaltura creates those."""
    wanted = sent.get("recurrenceType")
    if wanted == recurrence.OCCURRENCE and stored["recurrenceType"] != recurrence.OCCURRENCE:
        code = "SCHEDULE_EVENT_TYPE_CANT_BE_UPDATED"
        raise ApiError(code, SOURCE_TYPE=stored["recurrenceType"], TARGET_TYPE=wanted)


def _duration(sent: SentObject, row: Data) -> Data:
    """An end changes the duration and a duration the end; both must agree."""
    asked = sent.get("duration")
    if asked is None:
        return {"duration": row["endDate"] - row["startDate"]}
    if "endDate" in sent and row["startDate"] + asked != row["endDate"]:
        raise ApiError("MAX_SCHEDULE_DURATION_MUST_MATCH_END_TIME")
    return {"duration": asked, "endDate": row["startDate"] + asked}


@action("schedule_scheduleevent.cancel")
def cancel(call: Call, scheduleEventId: int) -> Data:
    """Cancel an event; it is still listed and still occupies its time."""
    recurrence.delete_occurrences(call, find(call, scheduleEventId))
    now = call.clock.now()
    return call.change("schedule_event", scheduleEventId, status=CANCELLED, updatedAt=now)


@action("schedule_scheduleevent.delete")
def delete(call: Call, scheduleEventId: int) -> Data:
    """Delete an event, its bookings of resources and, for a series, the occurrences."""
    row = find(call, scheduleEventId)
    if row["recurrenceType"] == recurrence.OCCURRENCE:
        raise ApiError("RECURRENCE_CANT_BE_DELETE", ID=row["id"], PARENT_ID=row["parentId"])
    recurrence.delete_occurrences(call, row)
    for booking in call.all("schedule_event_resource"):
        if booking["eventId"] == scheduleEventId:
            key = schedule.booking_key(scheduleEventId, booking["resourceId"])
            call.store.delete(call.partner, "schedule_event_resource", key)
    now = call.clock.now()
    return call.change("schedule_event", scheduleEventId, status=DELETED, updatedAt=now)


def _start_at_least(row: Data, wanted: Any) -> bool:
    return bool(schedule.window(row)[0] >= wanted)


def _start_at_most(row: Data, wanted: Any) -> bool:
    return bool(schedule.window(row)[0] <= wanted)


def _end_at_least(row: Data, wanted: Any) -> bool:
    return bool(schedule.window(row)[1] >= wanted)


def _end_at_most(row: Data, wanted: Any) -> bool:
    return bool(schedule.window(row)[1] <= wanted)


_FILTER_RULES = {
    "startDateGreaterThanOrEqual": _start_at_least,
    "startDateLessThanOrEqual": _start_at_most,
    "endDateGreaterThanOrEqual": _end_at_least,
    "endDateLessThanOrEqual": _end_at_most,
}


@action("schedule_scheduleevent.list")
def list_events(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Events that were not deleted. Times are compared with their margins."""
    listed = lists.of_filter_class(call.listed("schedule_event"), filter)
    rows = [row for row in listed if row["status"] != DELETED]
    special = _FILTER_RULES | {
        "resourceIdEqual": lambda row, wanted: _books(call, row, wanted),
        "resourceIdsLike": lambda row, wanted: _books(call, row, wanted),
        "resourceSystemNamesLike": lambda row, name: _books_named(call, row, name),
    }
    _check_owners(call, filter)
    found = lists.sorted_by(lists.filtered(rows, filter, special), filter)
    page = call.as_now("schedule_event", lists.page_of(found, pager, indexed=True))
    return lists.list_response("KalturaScheduleEventListResponse", page, len(found))


def _check_owners(call: Call, asked: SentObject | None) -> None:
    """Refuse a filter for owners that there are none of."""
    names = ("ownerIdEqual", "ownerIdIn") if asked else ()
    owners = (lists.split_commas(asked.get(name, "")) for name in names if asked)
    if any(users.find_active(call, owner) is None for some in owners for owner in some):
        raise ApiError("INVALID_USER_ID")


def _books_named(call: Call, row: Data, name: Any) -> bool:
    """Whether an event books a resource whose system name holds a text."""
    wanted = str(name).lower()
    rows = (r for r in call.all("schedule_resource") if r["status"] != DELETED)
    named = (r for r in rows if wanted in str(r.get("systemName") or "").lower())
    return any(_books(call, row, resource["id"]) for resource in named)


@action("schedule_scheduleevent.getConflicts")
def get_conflicts(
    call: Call,
    resourceIds: str,
    scheduleEvent: SentObject,
    scheduleEventIdToIgnore: str | None,
    scheduleEventConflictType: int,
) -> Data:
    """The events that book one of these resources during this event or its series."""
    if not resourceIds:
        raise ApiError("PROPERTY_VALIDATION_CANNOT_BE_NULL", PROP_NAME="resourceIds")
    _read_times(call, scheduleEvent)
    spans = _spans(scheduleEvent)
    found = [
        row
        for row in call.listed("schedule_event")
        if row["status"] != DELETED
        and str(row["id"]) != str(scheduleEventIdToIgnore)
        and any(row["startDate"] < end and start < row["endDate"] for start, end in spans)
        and any(_books(call, row, key) for key in lists.split_commas(resourceIds))
    ]
    return lists.list_response("KalturaScheduleEventListResponse", found, len(found))


def _spans(sent: SentObject) -> list[schedule.Span]:
    """The times of an event, or of all occurrences of a series."""
    start, end = sent.get("startDate", 0), sent.get("endDate", 0)
    if sent.get("recurrenceType") != recurrence.RECURRING or not sent.get("recurrence"):
        return [(start, end)]
    return [(at, at + end - start) for at in recurrence.starts(start, sent.get("recurrence"))]


def _books(call: Call, row: Data, resource: Any) -> bool:
    return (
        call.get("schedule_event_resource", schedule.booking_key(row["id"], resource)) is not None
    )
