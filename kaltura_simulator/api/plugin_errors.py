"""The API errors of Kaltura's plugins; ``errors`` holds those of its core.

Each plugin has its own, as in plugins/schedule/base/lib/api/errors/KalturaScheduleErrors.php
of https://github.com/kaltura/server.
"""

from __future__ import annotations

REACH = {
    "REACH_PROFILE_NOT_FOUND": "Reach profile with id provided not found [{ID}]",
    "CATALOG_ITEM_NOT_FOUND": "Catalog item with id provided not found [{ID}]",
    "CATALOG_ITEM_NOT_ENABLED_FOR_ACCOUNT": (
        "Catalog item with id provided not enabled for account [{ID}]"
    ),
    "ENTRY_VENDOR_TASK_NOT_FOUND": "Entry vendor task item with id provided not found [{ID}]",
    "ENTRY_VENDOR_TASK_ITEM_COULD_NOT_BE_UPDATED": "{REASON}",
    "ENTRY_VENDOR_TASK_ACTION_NOT_ALLOWED": (
        "User id [{USER_ID}] is not allowed to do actions on entryVendorTask [{ID}]"
    ),
    "ENTRY_VENDOR_TASK_DUPLICATION": (
        "Entry vendor task already exists for entry [{ENTRY_ID}]"
        " and catalog item [{CATALOG_ITEM_ID}] and version [{VERSION}]"
    ),
    "EXCEEDED_MAX_CREDIT_ALLOWED": (
        "Exceeded max credit allowed, task could not be added for entry [{ENTRY_ID}]"
        " and catalog item [{CATALOG_ITEM_ID}]"
    ),
    "CREDIT_EXPIRED": (
        "Credit cycle has expired, task could not be added for entry [{ENTRY_ID}]"
        " and catalog item [{CATALOG_ITEM_ID}]"
    ),
    "CANNOT_APPROVE_NOT_MODERATED_TASK": "Cannot approve task which is not pending moderation",
    "CANNOT_REJECT_NOT_MODERATED_TASK": "Cannot reject task which is not pending moderation",
    "CANNOT_ABORT_NOT_MODERATED_TASK": "Cannot abort task which is not pending moderation",
    "CANNOT_UPDATE_STATUS_OF_TASK_WHICH_IS_IN_FINAL_STATE": (
        "Cannot update status from [{OLD_STATUS}] to [{NEW_STATUS}] for task with id [{ID}],"
        " since task is in final status"
    ),
    "CANNOT_EXTEND_ACCESS_KEY": "Extending accessKey for non processing task is not allowed",
    "PARTNER_DATA_NOT_VALID_JSON_STRING": "Partner data must be a valid json string",
    "ENTRY_NOT_READY": ("Ordering task is not allowed for entries which are not ins status ready"),
    "ENTRY_TYPE_NOT_SUPPORTED": "Requesting tasks for entry type [{TYPE}] is not supported",
    "ENTRY_TOO_SHORT": (
        "The entry [{ENTRY_ID}] is under the minimum duration limit,"
        " entry vendor task object wont be created for it"
    ),
    "FEATURE_TYPE_NOT_SUPPORTED_FOR_ENTRY": (
        "Requesting tasks of feature [{FEATURE}] for entry id [{ID}] is not supported"
    ),
    "REQUIRE_CAPTION": "Caption Asset must be provided for catalog item [{CATALOG_ITEM_ID}]",
    "CATALOG_ITEM_AND_JOB_DATA_MISMATCH": (
        "The catalogItem type [{CATALOG_ITEM_TYPE}] is not allowed"
        " for task data of type [{TASK_DATA_TYPE}]"
    ),
    "TASK_EVENT_ENTRY_ID_MISMATCH": (
        "Task entry id [{ENTRY_ID}] does not match scheduled event [{EVENT_ID}]"
    ),
    "TOO_LATE_ORDER": (
        "Task created too late for event [{EVENT_ID}], minimal order time"
        " for catalog item [{CATALOG_ITEM_ID}] is [{MINIMAL_ORDER_TIME} min]"
    ),
    "TOO_LONG_SCHEDULED_TASK": (
        "The task duration [{TASK_DURATION}] is exceeding the limit [{DURATION_LIMIT}]"
        " defined in catalogItem [{CATALOG_ITEM_ID}]"
    ),
    "FEATURE_NAME_NOT_FOUND": "Feature name [{NAME}] not found",
    "INVALID_SCHEDULE_EVENT_TYPE": "Schedule event [{ID}] is not of type [{TYPE}]",
}
ASSETS = {
    "CAPTION_ASSET_ID_NOT_FOUND": 'Caption asset id "{ASSET_ID}" not found',
    "CAPTION_ASSET_PARAMS_ID_NOT_FOUND": 'Caption params id "{PARAM_ID}" not found',
    "CAPTION_ASSET_IS_NOT_READY": 'Caption asset "{ASSET_ID}" is not ready',
    "CAPTION_ASSET_DOWNLOAD_FAILED": 'Caption asset download from URL "{URL}" failed',
    "CAPTION_ASSET_INVALID_FORMAT": 'Unsupported caption asset format for id "{ASSET_ID}"',
    "CAPTION_ASSET_PARSING_FAILED": 'Failed to parse caption asset "{ASSET_ID}"',
    "ATTACHMENT_ASSET_ID_NOT_FOUND": 'Attachment asset id "{ASSET_ID}" not found',
    "ATTACHMENT_ASSET_IS_NOT_READY": 'Attachment asset "{ASSET_ID}" is not ready',
    "ATTACHMENT_ASSET_DOWNLOAD_FAILED": 'Attachment asset download from URL "{URL}" failed',
}
NOTIFICATIONS = {
    "EVENT_NOTIFICATION_TEMPLATE_NOT_FOUND": "Event notification template id [{ID}] not found",
    "EVENT_NOTIFICATION_WRONG_TYPE": ("Event notification template id [{ID}] is of type [{TYPE}]"),
    "EVENT_NOTIFICATION_DISPATCH_DISABLED": (
        "Dispatching event notification template id [{ID}] is not allowed"
    ),
    "EVENT_NOTIFICATION_DISPATCH_FAILED": (
        "Dispatching event notification template id [{ID}] failed"
    ),
    "EVENT_NOTIFICATION_TEMPLATE_DUPLICATE_SYSTEM_NAME": (
        "Event notification template with system name [{NAME}] already exists."
    ),
}
VIRTUAL_EVENTS = {
    "VIRTUAL_EVENT_NOT_FOUND": "Virtual event with ID [{ID}] not found",
}
CUE_POINTS = {
    "INVALID_CUE_POINT_ID": "Invalid cue point id [{ID}]",
    "START_TIME_CANNOT_BE_LESS_THAN_0": "Start time cannot be less than 0",
    "START_TIME_IS_BIGGER_THAN_ENTRY_END_TIME": (
        "Start time of the cue point [{CUE_POINT_ID}] cannot be bigger than"
        " entry end time [{END_TIME}]"
    ),
    "END_TIME_CANNOT_BE_LESS_THAN_START_TIME": "End time cannot be less than start time",
    "END_TIME_IS_BIGGER_THAN_ENTRY_END_TIME": (
        "End time of the cue point [{CUE_POINT_ID}] cannot be bigger than"
        " entry end time [{END_TIME}]"
    ),
    "CANNOT_UPDATE_ENTRY_ID": "Cannot update cue point's entry id",
}
TEXTS = REACH | ASSETS | NOTIFICATIONS | VIRTUAL_EVENTS | CUE_POINTS
