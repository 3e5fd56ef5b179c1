"""The rows of ``refusal_rows`` that are about schedules, custom data, rooms and captions."""

from __future__ import annotations

from typing import Any

START = 2_000_000_000
EVENT = {
    "objectType": "KalturaLiveStreamScheduleEvent",
    "summary": "s",
    "startDate": START,
    "endDate": START + 60,
    "recurrenceType": 0,
}
RESOURCE = {"objectType": "KalturaLocationScheduleResource", "name": "Room", "systemName": "one"}
XML = "<metadata><IsKwebcastEntry>1</IsKwebcastEntry><IsSelfServe>0</IsSelfServe></metadata>"
Row = tuple[str, str, str, dict[str, Any]]


def event(**fields: Any) -> dict[str, Any]:
    return {"scheduleEvent": EVENT | fields}


SCHEDULE: list[Row] = [
    (
        "SCHEDULE_TIME_IN_USE",
        "Another event is already scheduled during this time",
        "schedule_scheduleevent.add",
        event(templateEntryId="{entry}"),
    ),
    (
        "INVALID_SCHEDULE_END_BEFORE_START",
        f"End time [{START - 1}] must be after start time [{START}]",
        "schedule_scheduleevent.add",
        event(endDate=START - 1),
    ),
    (
        "MAX_SCHEDULE_DURATION_REACHED",
        "Maximum schedule duration [86400] reached",
        "schedule_scheduleevent.add",
        event(endDate=START + 86_401),
    ),
    (
        "MAX_SCHEDULE_DURATION_MUST_MATCH_END_TIME",
        "Duration must match end time, keep one of them null to calculate automatically",
        "schedule_scheduleevent.update",
        {"scheduleEventId": "{event}"} | event(duration=7),
    ),
    (
        "START_TIME_AND_LINKED_TO_NOT_SET",
        "Event must have either fields StartTime or LinkedTo set",
        "schedule_scheduleevent.add",
        {"scheduleEvent": {k: v for k, v in EVENT.items() if k != "startDate"}},
    ),
    (
        "START_TIME_AND_LINKED_TO_CONFLICT",
        "Event cannot have both fields startDate and linkedTo set",
        "schedule_scheduleevent.add",
        event(linkedTo={"eventId": "{event}", "offset": 0}),
    ),
    (
        "SCHEDULE_EVENT_TYPE_CANT_BE_UPDATED",
        " Can't update from type [0] to type [2]",
        "schedule_scheduleevent.update",
        {"scheduleEventId": "{event}"} | event(recurrenceType=2),
    ),
    (
        "PROPERTY_VALIDATION_MIN_LENGTH",
        'The property "summary" must have a min length of 1 characters',
        "schedule_scheduleevent.add",
        event(summary=""),
    ),
    (
        "PROPERTY_VALIDATION_MAX_LENGTH",
        'The property "summary" cannot have more than 256 characters',
        "schedule_scheduleevent.add",
        event(summary="x" * 257),
    ),
    (
        "PROPERTY_VALIDATION_MAX_VALUE",
        'The property "priority" must have a max value of 9',
        "schedule_scheduleevent.add",
        event(priority=10),
    ),
    (
        "INVALID_FIELD_VALUE",
        "value in field [preStartEntryId] is not valid",
        "schedule_scheduleevent.add",
        event(preStartEntryId="{room}"),
    ),
    (
        "RECURRENCE_CANT_BE_DELETE",
        "Recurence [{single}] cannot be deleted, use cancel or delete the parent recurring event"
        " [{series}]",
        "schedule_scheduleevent.delete",
        {"scheduleEventId": "{single}"},
    ),
    (
        "SCHEDULE_EVENT_RESOURCE_ALREADY_EXISTS",
        "Schedule event resource already exists with eventId[{event}] and resourceId ({resource})",
        "schedule_scheduleeventresource.add",
        {"scheduleEventResource": {"eventId": "{event}", "resourceId": "{resource}"}},
    ),
    (
        "SCHEDULE_EVENT_ID_NOT_FOUND",
        "Schedule Event id [77] not found",
        "schedule_scheduleeventresource.add",
        {"scheduleEventResource": {"eventId": 77, "resourceId": "{resource}"}},
    ),
    (
        "SCHEDULE_RESOURCE_ID_NOT_FOUND",
        "Schedule Resource id [77] not found",
        "schedule_scheduleeventresource.add",
        {"scheduleEventResource": {"eventId": "{event}", "resourceId": 77}},
    ),
]
RECORD = {"metadataProfileId": 1301, "objectType": 1, "objectId": "{entry}", "xmlData": XML}
OTHERS: list[Row] = [
    (
        "METADATA_ALREADY_EXISTS",
        "Metadata already exists id [{record}]",
        "metadata_metadata.add",
        RECORD,
    ),
    ("METADATA_NOT_FOUND", "metadata not found, id [77]", "metadata_metadata.get", {"id": 77}),
    (
        "METADATA_PROFILE_NOT_FOUND",
        "metadata profile not found, id [77]",
        "metadata_metadata.add",
        RECORD | {"metadataProfileId": 77},
    ),
    (
        "METADATA_OBJECT_ID_NOT_FOUND",
        "Object Id [0_nosuchid], not found",
        "metadata_metadata.add",
        RECORD | {"objectId": "0_nosuchid"},
    ),
    (
        "INCOMPATIBLE_METADATA_PROFILE_OBJECT_TYPE",
        "Metadata Profile object type is 1, metadata object type is 2",
        "metadata_metadata.add",
        RECORD | {"objectType": 2, "objectId": "{top}"},
    ),
    (
        "INVALID_METADATA_VERSION",
        "invalid metadata version [1]",
        "metadata_metadata.update",
        {"id": "{record}", "xmlData": XML, "version": 7},
    ),
    (
        "INVALID_METADATA_PROFILE_SCHEMA",
        "invalid metadata profile schema: Start tag expected, &#039;&lt;&#039; not found,"
        " line 1, column 1 (&lt;string&gt;, line 1)",
        "metadata_metadataprofile.add",
        {"metadataProfile": {"metadataObjectType": 1, "name": "p"}, "xsdData": "x"},
    ),
    (
        "RESOURCE_TYPE_NOT_SUPPORTED",
        'Resource type "kEntryResource" not supported',
        "caption_captionasset.setContent",
        {"id": "{caption}", "contentResource": {"objectType": "KalturaEntryResource"}},
    ),
    (
        "UPLOADED_FILE_NOT_FOUND_BY_TOKEN",
        "The uploaded file was not found by the given token id, or was already used",
        "media.addFromUploadedFile",
        {"mediaEntry": {"name": "x", "mediaType": 1}, "uploadTokenId": "nosuch"},
    ),
    ("MUST_FILTER_ON_OBJECT_ID", "Must filter on object id", "metadata_metadata.list", {}),
    (
        "INVALID_FIELD_VALUE",
        "value in field [recordedEntryId - 0_nosuchid] is not valid",
        "room_room.add",
        {"entry": {"name": "r", "roomType": 1, "recordedEntryId": "0_nosuchid"}},
    ),
]
