"""Kaltura's API errors: code, message and the names of the message's arguments.

``{NAME}`` in a message is an argument; Kaltura sends the arguments beside the message.
Kaltura's (https://github.com/kaltura/server): api_v3/lib/KalturaErrors.php and
alpha/apps/kaltura/lib/webservices/APIErrors.class.php.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaltura_simulator.api import plugin_errors

TEXTS = {
    "INTERNAL_SERVERL_ERROR": "Internal server error occurred",
    "MISSING_KS": "Missing KS, session not established",
    "INVALID_KS": 'Invalid KS "{KSID}", Error "{ERR_CODE},{ERR_DESC}"',
    "SERVICE_NOT_SPECIFIED": "Service name was not specified, please specify one",
    "ACTION_NOT_SPECIFIED": "Action name was not specified, please specify one",
    "SERVICE_DOES_NOT_EXISTS": 'Service "{SRV_NAME}" does not exists',
    "ACTION_DOES_NOT_EXISTS": (
        'Action "{ACTION_NAME}" does not exists for service "{SERVICE_NAME}"'
    ),
    "ACTION_BLOCKED": 'Action "{ACTION_NAME}" in service "{SERVICE_NAME}" is blocked',
    "SERVICE_FORBIDDEN": "The access to service [{SERVICE}] is forbidden",
    "SERVICE_FORBIDDEN_CONTENT_BLOCKED": (
        "The access to this service is forbidden since the specified partner is blocked"
    ),
    "PARTNER_ACCESS_FORBIDDEN": "Partner [{FROM_PID}] cannot access partner [{TO_PID}]",
    "MISSING_MANDATORY_PARAMETER": 'Missing parameter "{PARAM_NAME}"',
    "INVALID_PARAMETER_CHAR": 'Invalid char in "{XML_FIELD}" field',
    "WRONG_REQUEST_LANGUAGE": (
        ' Language must be set to MULTI when adding MultiLingualString. Given ["{LANGUAGE}"]'
    ),
    "INVALID_MULTI_REQUEST_TOKEN": "Invalid multi request token",
    "INVALID_OBJECT_TYPE": 'Invalid object type "{TYPE}"',
    "INVALID_ENUM_VALUE": (
        'Invalid enumeration value "{ENUM_VAL}" for parameter "{PARAM_NAME}",'
        ' expecting enumeration type "{ENUM_TYPE}"'
    ),
    "OBJECT_TYPE_ABSTRACT": (
        'The object type "{OBJ_TYPE}" is abstract, use one of the object implementations'
    ),
    "PROPERTY_VALIDATION_CANNOT_BE_NULL": 'The property "{PROP_NAME}" cannot be null',
    "PROPERTY_VALIDATION_MIN_LENGTH": (
        'The property "{PROP_NAME}" must have a min length of {MIN_LEN} characters'
    ),
    "PROPERTY_VALIDATION_MAX_LENGTH": (
        'The property "{PROP_NAME}" cannot have more than {MAX_LEN} characters'
    ),
    "PROPERTY_VALIDATION_MIN_VALUE": (
        'The property "{PROP_NAME}" must have a min value of {MIN_VAL}'
    ),
    "PROPERTY_VALIDATION_MAX_VALUE": (
        'The property "{PROP_NAME}" must have a max value of {MAX_VAL}'
    ),
    "PROPERTY_VALIDATION_NUMERIC_VALUE": 'The property "{PROP_NAME}" must be numeric',
    "PROPERTY_VALIDATION_WRONG_FORMAT": 'The property "{PROP_NAME}" must match format {FORMAT}',
    "PROPERTY_VALIDATION_NOT_UPDATABLE": 'The property "{PROP_NAME}" cannot be updated',
    "PROPERTY_VALIDATION_ADMIN_PROPERTY": (
        'The property "{PROP_NAME}" is updatable with admin session only'
    ),
    "ENTRY_ID_NOT_FOUND": 'Entry id "{ENTRY_ID}" not found',
    "INVALID_ENTRY_ID": 'Invalid entry id ["{ID}"]',
    "INVALID_OBJECT_ID": "Invalid object id [{ID}]",
    "INVALID_USER_ID": "Invalid user id",
    "INVALID_FIELD_VALUE": "value in field [{FIELD_NAME}] is not valid",
    "UNSAFE_HTML_TAGS": "Potential Unsafe HTML tags found in [{CLASS}]::[{PROPERTY}]",
    "LOCK_TIMED_OUT": "Timed out while attempting to grab lock",
    "SYSTEM_NAME_ALREADY_EXISTS": "System name [{SYS_NAME}] already exists",
    "ACCESS_CONTROL_ID_NOT_FOUND": 'Access control id "{ID}" not found',
    "UNKNOWN_PARTNER_ID": "Unknown partner_id [{PARTNER_ID}]",
    "NON_GROUP_PARTNER_ATTEMPTING_TO_ASSIGN_CHILD": (
        "Partner id [{PID}] is not a VAR/GROUP, but is attempting to create child partner"
    ),
    "USER_DATA_ERROR": "User data is not valid.",
    "START_SESSION_ERROR": "Error while starting session for partner [{PID}]",
    "INVALID_WIDGET_ID": "Unknown widget [{WIDGET_ID}]",
    "UNKNOWN_ROLE_ID": "Unknown role id",
    "INVALID_ACTIONS_LIMIT": "Invalid actions limit",
    "APP_TOKEN_ID_NOT_FOUND": 'Application token id "{ID}" not found',
    "APP_TOKEN_NOT_ACTIVE": 'Application token id "{ID}" not active',
    "APP_TOKEN_EXPIRED": 'Application token id "{ID}" expired',
    "INVALID_APP_TOKEN_HASH": "Invalid application token hash",
    "DUPLICATE_CATEGORY": 'The category "{CATEGORY}" already exists',
    "CATEGORY_NOT_FOUND": 'Category id "{ID}" not found',
    "PARENT_CATEGORY_IS_CHILD": (
        'The parent category "{PARENT_CATEGORY}" is one of the children'
        ' for category "{OTHER_CATEGORY}"'
    ),
    "REPORT_NOT_FOUND": 'Report id "{ID}" not found',
    "SEARCH_TOO_GENERAL": "Unable to create report. Query produced too many results",
    "CATEGORIES_LOCKED": "Categories are locked",
    "CANNOT_MOVE_CATEGORIES_FROM_DIFFERENT_PARENT_CATEGORIES": (
        "Cannot move categories from different parent categories"
    ),
    "PRIVACY_CONTEXT_INVALID_STRING": 'Privacy context is invalid "{CONTEXT}"',
    "CATEGORY_ENTRY_ALREADY_EXISTS": "Entry already assigned to this category",
    "ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY": "Entry doesn't assigned to category",
    "MUST_FILTER_ON_ENTRY_OR_CATEGORY": "Must filter on entry id or category",
    "MAX_CATEGORIES_FOR_ENTRY_REACHED": (
        'Entry can be linked with a maximum of "{CATEGORIES}" categories'
    ),
    "CATEGORY_USER_ALREADY_EXISTS": "CategoryUser already exists",
    "INVALID_CATEGORY_USER_ID": (
        'Invalid CategoryUser for category ["{CAT}"] and for user ["{USER}"]'
    ),
    "CATEGORY_USER_JOIN_NOT_ALLOWED": 'cannot register to this category ["{CAT}"]',
    "CANNOT_UPDATE_CATEGORY_USER": "cannot update category user",
    "CANNOT_UPDATE_CATEGORY_USER_OWNER": "Cannot change CategoryUser object for category Owner",
    "CANNOT_OVERRIDE_MANUAL_CHANGES": "Cannot override manual changes",
    "MUST_FILTER_USERS_OR_CATEGORY": "Must filter users or categories",
    "CATEGORY_INHERIT_MEMBERS": (
        "Cannot add members to this category since its inherit members from parent category"
        ' ["{CAT}"]'
    ),
    "CANNOT_INHERIT_MEMBERS_WHEN_PARENT_CATEGORY_IS_NOT_SET": (
        "Cannot inherit members when parent category is not set"
    ),
    "DYNAMIC_SEGMENT_DURATION_DISABLED": (
        "Cannot edit segment duration. Dynamic segment duration feature is disabled"
    ),
    "ENTRY_CATEGORY_FIELD_IS_DEPRECATED": (
        "entry->categories and entry->categoriesIds fields are deprecated"
        " - user categoryEntry service"
    ),
    "ENTRY_DISPLAY_IN_SEARCH_VALUE_NOT_ALLOWED": (
        'Cannot set the value of DISPLAY_IN_SEARCH to ["{DISPLAY_IN_SEARCH_NEW_VALUE}"]'
    ),
    "INVALID_ENTRY_SCHEDULE_DATES": "Invalid entry schedule dates",
    "PARENT_CATEGORY_NOT_FOUND": 'Parent category id "{ID}" not found',
    "RESOURCE_PARENT_ID_NOT_FOUND": "Resource parent id [{PARENT_ID}] not found",
    "CANNOT_REJECT_CATEGORY_ENTRY_SINCE_IT_IS_NOT_PENDING": (
        "Cannot reject a non pending categoryEntry"
    ),
    "FEATURE_FORBIDDEN": "The usage of feature [{FEATURE}] is forbidden",
    "CONVERSION_PROFILE_ID_NOT_FOUND": 'Conversion profile id "{ID}" not found',
    "INVALID_UI_CONF_ID": "Unknown uiConf [{UI_CONF_ID}]",
    "CANNOT_UPDATE_FIELDS_WHILE_ENTRY_BROADCASTING": (
        "Cannot update [{FIELD}] while entry is broadcasting"
    ),
    "CANNOT_UPDATE_FIELDS_RECORDED_ENTRY_STILL_NOT_READY": (
        "Cannot update [{FIELD}] while all vod entry flavors are not ready"
    ),
    "CANNOT_DELETE_LIVE_ENTRY_WHILE_STREAMING": (
        "Live entry [{LIVE_ENTRY_ID}] cannot be deleted while streaming"
    ),
    "FILE_CONTENT_NOT_SECURE": "File content contains potential security risks",
    "ENTRY_ID_NOT_REPLACED": 'Entry id "{ENTRY_ID}" not replaced',
    "ENTRY_REPLACEMENT_ALREADY_EXISTS": "Entry already in replacement",
    "ORIGINAL_FLAVOR_ASSET_IS_MISSING": "The original flavor asset is missing",
    "NO_MEDIA_SERVER_FOUND": "No media server found for entry [{ENTRY_ID}]",
    "STORAGE_PROFILE_ID_NOT_FOUND": "Storage profile id {ID} not found",
    "THUMB_ASSET_ID_NOT_FOUND": 'The Thumbnail asset id "{ID}" not found',
    "THUMB_ASSET_IS_DEFAULT": 'Thumbnail asset "{ASSET}" is default and could not be deleted',
    "THUMB_ASSET_DOWNLOAD_FAILED": ('Failed to download thumbnail from URL "{URL_PATH}"'),
    "RECORDED_NOT_READY": (
        "Live entry [{ENTRY_ID}] cannot be deleted, recorded entry not in ready status yet"
    ),
    "RECORDING_FLOW_NOT_COMPLETE": (
        "Live entry [{ENTRY_ID}] cannot be deleted, recording engine still proccesing live event"
    ),
    "RECORDING_CONTENT_NOT_YET_SET": (
        "Entry [{ENTRY_ID}] cannot be deleted, waiting for recording engine to finish handling"
    ),
    "SCHEDULE_TIME_IN_USE": "Another event is already scheduled during this time",
    "INVALID_SCHEDULE_END_BEFORE_START": "End time [{END}] must be after start time [{START}]",
    "MAX_SCHEDULE_DURATION_REACHED": "Maximum schedule duration [{MAX}] reached",
    "MAX_SCHEDULE_DURATION_MUST_MATCH_END_TIME": (
        "Duration must match end time, keep one of them null to calculate automatically"
    ),
    "START_TIME_AND_LINKED_TO_NOT_SET": "Event must have either fields StartTime or LinkedTo set",
    "START_TIME_AND_LINKED_TO_CONFLICT": "Event cannot have both fields startDate and linkedTo set",
    "SCHEDULE_EVENT_TYPE_CANT_BE_UPDATED": (
        " Can't update from type [{SOURCE_TYPE}] to type [{TARGET_TYPE}]"
    ),
    "RECURRENCE_CANT_BE_DELETE": (
        "Recurence [{ID}] cannot be deleted, use cancel or delete the parent recurring event"
        " [{PARENT_ID}]"
    ),
    "RESOURCE_IS_RESERVED": "Resource with id {RESOURCE_ID} is already reserved",
    "SCHEDULE_EVENT_RESOURCE_ALREADY_EXISTS": (
        "Schedule event resource already exists with eventId[{EVENT_ID}]"
        " and resourceId ({RESOURCE_ID})"
    ),
    "SCHEDULE_EVENT_ID_NOT_FOUND": "Schedule Event id [{ID}] not found",
    "SCHEDULE_RESOURCE_ID_NOT_FOUND": "Schedule Resource id [{ID}] not found",
    "METADATA_ALREADY_EXISTS": "Metadata already exists id [{ID}]",
    "METADATA_NOT_FOUND": "metadata not found, id [{ID}]",
    "METADATA_PROFILE_NOT_FOUND": "metadata profile not found, id [{ID}]",
    "METADATA_OBJECT_ID_NOT_FOUND": "Object Id [{ID}], not found",
    "INVALID_METADATA_DATA": "invalid metadata data: {ERR_MSG}",
    "INVALID_METADATA_VERSION": "invalid metadata version [{VERSION}]",
    "INVALID_METADATA_PROFILE_SCHEMA": "invalid metadata profile schema: {ERR_MSG}",
    "INCOMPATIBLE_METADATA_PROFILE_OBJECT_TYPE": (
        "Metadata Profile object type is {OBJ_TYPE}, metadata object type is {META_OBJ_TYPE}"
    ),
    "METADATA_TRANSFORMING": "Metadata profile is currently transforming",
    "MUST_FILTER_ON_OBJECT_ID": "Must filter on object id",
    "QUERY_EXCEEDED_MAX_MATCHES_ALLOWED": (
        "Unable to generate list. max matches value was reached"
    ),
    "UPLOAD_TOKEN_NOT_FOUND": "Upload token not found",
    "UPLOAD_TOKEN_INVALID_STATUS_FOR_UPLOAD": (
        "Upload token is in an invalid status for uploading a file,"
        " maybe the file was already uploaded"
    ),
    "UPLOADED_FILE_NOT_FOUND_BY_TOKEN": (
        "The uploaded file was not found by the given token id, or was already used"
    ),
    "UPLOAD_TOKEN_INVALID_STATUS_FOR_ADD_ENTRY": (
        "Upload token is in an invalid status for adding entry,"
        " maybe the a file was not uploaded or the token was used"
    ),
    "FLAVOR_ASSET_ID_NOT_FOUND": 'Flavor asset id "{ID}" not found',
    "RESOURCE_TYPE_NOT_SUPPORTED": 'Resource type "{RES_TYPE}" not supported',
    "ENTRY_ALREADY_WITH_CONTENT": "Entry already associated with content",
    "RESPONSE_PROFILE_MAX_NESTING_LEVEL": "Response profile cross maximum nesting level",
    "RESPONSE_PROFILE_ID_NOT_FOUND": "Response profile id [{ID}] not found",
    "RESPONSE_PROFILE_DUPLICATE_SYSTEM_NAME": (
        "Response profile system-name [{SYSTEM_NAME}] already exists"
    ),
    "CANNOT_RETRIEVE_ANOTHER_USER_USING_NON_ADMIN_SESSION": (
        'cannot retrieve another user "{USER_ID}" using non-admin session'
    ),
    "USER_NOT_FOUND": "User was not found",
    "USER_WRONG_PASSWORD": "Wrong password supplied",
    "LOGIN_DATA_NOT_FOUND": "The data you entered is invalid",
    "LOGIN_ID_ALREADY_USED": "Same login id is already in use",
    "CANNOT_DISABLE_LOGIN_FOR_ADMIN_USER": "Login cannot be disabled for admin users",
    "GROUP_NOT_FOUND": "Group was not found",
    "GROUP_USER_NOT_FOUND": "Group user was not found",
    "GROUP_USER_ALREADY_EXISTS": "GroupUser already exists",
    "GROUP_USER_DOES_NOT_EXISTS": (
        'Invalid GroupUser for group ["{GROUP}"] and for user ["{USER}"]'
    ),
    "USER_EXCEEDED_MAX_GROUPS": "User exceeded max number of groups",
    "INVALID_GROUP_ID": "Invalid group id - {ID}",
    "DUPLICATE_GROUP_BY_ID": "Group with id [{ID}] already exists in system",
    "DUPLICATE_USER_BY_ID": "User with id [{UID}] already exists in system",
    "RECORDING_DISABLED": (
        "Record status attribute cannot be set, account has recording feature disabled"
    ),
} | plugin_errors.TEXTS


class ApiError(Exception):
    """An API error, which the caller gets as a reply with HTTP status 200."""

    def __init__(self, code: str, message: str | None = None, /, **args: Any):
        self.code = code
        self.args_by_name = {name: str(value) for name, value in args.items()}
        self.message = _filled(TEXTS[code], args) if message is None else message
        super().__init__(f"{code}: {self.message}")


def message_of(code: str, args: Mapping[str, Any]) -> str:
    """Kaltura's message for a code; an unknown code is its own message."""
    return _filled(TEXTS.get(code, code), args)


def _filled(text: str, args: Mapping[str, Any]) -> str:
    for name, value in args.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def invalid_ks(word: str, number: int = -1, description: str = "INVALID_STR") -> ApiError:
    """INVALID_KS; ``word`` takes the place of the session's text."""
    return ApiError("INVALID_KS", KSID=word, ERR_CODE=number, ERR_DESC=description)


def forbidden(service_and_action: str) -> ApiError:
    """SERVICE_FORBIDDEN for ``service->action``."""
    return ApiError("SERVICE_FORBIDDEN", SERVICE=service_and_action)
