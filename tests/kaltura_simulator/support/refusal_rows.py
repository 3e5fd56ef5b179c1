"""Refused calls: code, message, action and parameters.

``{name}`` is replaced by what the scene of ``test_refusals`` has under that name.
"""

from __future__ import annotations

from typing import Any

from tests.kaltura_simulator.support.refusal_rows_of_plugins import OTHERS, RESOURCE, SCHEDULE, Row


def category(**fields: Any) -> dict[str, Any]:
    return {"category": {"name": "New", **fields}}


CORE: list[Row] = [
    ("SERVICE_DOES_NOT_EXISTS", 'Service "nosuch" does not exists', "nosuch.get", {}),
    (
        "ACTION_DOES_NOT_EXISTS",
        'Action "nosuch" does not exists for service "category"',
        "category.nosuch",
        {},
    ),
    ("MISSING_MANDATORY_PARAMETER", 'Missing parameter "id"', "category.get", {}),
    (
        "SERVICE_FORBIDDEN",
        "The access to service [category->get] is forbidden",
        "category.get",
        {"id": 1, "ks": ""},
    ),
    (
        "INVALID_ENUM_VALUE",
        'Invalid enumeration value "9" for parameter "privacy",'
        ' expecting enumeration type "KalturaPrivacyType"',
        "category.add",
        category(privacy=9),
    ),
    (
        "OBJECT_TYPE_ABSTRACT",
        'The object type "KalturaScheduleEvent" is abstract, use one of the object implementations',
        "schedule_scheduleevent.add",
        {"scheduleEvent": {}},
    ),
    (
        "PROPERTY_VALIDATION_CANNOT_BE_NULL",
        'The property "KalturaCategory::name" cannot be null',
        "category.add",
        {"category": {"tags": "x"}},
    ),
    (
        "PROPERTY_VALIDATION_MIN_LENGTH",
        'The property "KalturaLiveStreamEntry::referenceId" must have a min length of 2 characters',
        "livestream.update",
        {"entryId": "{entry}", "liveStreamEntry": {"referenceId": ""}},
    ),
    (
        "PROPERTY_VALIDATION_MAX_LENGTH",
        'The property "KalturaCategory::name" cannot have more than 200 characters',
        "category.add",
        category(name="é" * 101),
    ),
    (
        "PROPERTY_VALIDATION_NOT_UPDATABLE",
        'The property "KalturaCategory::fullName" cannot be updated',
        "category.update",
        {"id": "{top}", "category": {"fullName": "Other"}},
    ),
    (
        "INVALID_PARAMETER_CHAR",
        'Invalid char in "name" field',
        "category.add",
        category(name="bell\x07"),
    ),
    (
        "ENTRY_ID_NOT_FOUND",
        'Entry id "0_nosuchid" not found',
        "baseentry.get",
        {"entryId": "0_nosuchid"},
    ),
    (
        "INVALID_ENTRY_ID",
        'Invalid entry id ["0_nosuchid"]',
        "livestream.isLive",
        {"id": "0_nosuchid"},
    ),
    (
        "INVALID_OBJECT_ID",
        "Invalid object id [77]",
        "schedule_scheduleevent.get",
        {"scheduleEventId": 77},
    ),
    (
        "SYSTEM_NAME_ALREADY_EXISTS",
        "System name [one] already exists",
        "schedule_scheduleresource.add",
        {"scheduleResource": RESOURCE},
    ),
    (
        "START_SESSION_ERROR",
        "Error while starting session for partner [101]",
        "session.start",
        {"secret": "wrong", "partnerId": 101, "type": 2},
    ),
    (
        "INVALID_WIDGET_ID",
        "Unknown widget [nosuch]",
        "session.startWidgetSession",
        {"widgetId": "nosuch"},
    ),
    (
        "APP_TOKEN_ID_NOT_FOUND",
        'Application token id "nosuch" not found',
        "apptoken.get",
        {"id": "nosuch"},
    ),
    (
        "APP_TOKEN_EXPIRED",
        'Application token id "{old}" expired',
        "apptoken.startSession",
        {"id": "{old}", "tokenHash": "x"},
    ),
    (
        "INVALID_APP_TOKEN_HASH",
        "Invalid application token hash",
        "apptoken.startSession",
        {"id": "{token}", "tokenHash": "x"},
    ),
    (
        "APP_TOKEN_NOT_ACTIVE",
        'Application token id "{asleep}" not active',
        "apptoken.startSession",
        {"id": "{asleep}", "tokenHash": "x"},
    ),
    (
        "SERVICE_FORBIDDEN",
        "The access to service [category->list] is forbidden",
        "category.list",
        {"partnerId": 99},
    ),
    (
        "ACCESS_CONTROL_ID_NOT_FOUND",
        'Access control id "77" not found',
        "livestream.add",
        {
            "sourceType": "32",
            "liveStreamEntry": {"name": "x", "mediaType": 201, "accessControlId": 77},
        },
    ),
    (
        "SEARCH_TOO_GENERAL",
        "Unable to create report. Query produced too many results",
        "report.getUrlForReportAsCsv",
        {
            "reportTitle": "t",
            "reportText": "t",
            "headers": "h",
            "reportType": "1",
            "reportInputFilter": {},
            "pager": {"pageSize": 60_001},
        },
    ),
    (
        "CONVERSION_PROFILE_ID_NOT_FOUND",
        'Conversion profile id "1003" not found',
        "livestream.add",
        {
            "sourceType": "32",
            "liveStreamEntry": {"name": "x", "mediaType": 201, "conversionProfileId": 1003},
        },
    ),
    (
        "CANNOT_UPDATE_FIELDS_WHILE_ENTRY_BROADCASTING",
        "Cannot update [dvrWindow] while entry is broadcasting",
        "livestream.update",
        {"entryId": "{air}", "liveStreamEntry": {"dvrWindow": 90}},
    ),
    (
        "CANNOT_DELETE_LIVE_ENTRY_WHILE_STREAMING",
        "Live entry [{air}] cannot be deleted while streaming",
        "livestream.delete",
        {"entryId": "{air}"},
    ),
    (
        "QUERY_EXCEEDED_MAX_MATCHES_ALLOWED",
        "Unable to generate list. max matches value was reached",
        "category.list",
        {"pager": {"pageSize": 500, "pageIndex": 21}},
    ),
]
SESSIONS: list[Row] = [
    (
        "INVALID_KS",
        'Invalid KS "", Error "-4,INVALID_TYPE"',
        "baseentry.update",
        {"entryId": "{entry}", "baseEntry": {"name": "x"}, "ks": "{viewer}"},
    ),
    (
        "INVALID_KS",
        'Invalid KS "rubbish", Error "-1,INVALID_STR"',
        "category.list",
        {"ks": "rubbish"},
    ),
    (
        "INVALID_ACTIONS_LIMIT",
        "Invalid actions limit",
        "category.list",
        {"ks": "{limited}"},
    ),
    (
        "INVALID_OBJECT_ID",
        "Invalid object id [N/A]",
        "category.list",
        {"ks": "{roled}"},
    ),
]
CATEGORIES: list[Row] = [
    (
        "DUPLICATE_CATEGORY",
        'The category "Top>low" already exists',
        "category.add",
        category(name="low", parentId="{top}"),
    ),
    ("CATEGORY_NOT_FOUND", 'Category id "77" not found', "category.get", {"id": 77}),
    (
        "PARENT_CATEGORY_NOT_FOUND",
        'Parent category id "77" not found',
        "category.update",
        {"id": "{low}", "category": {"parentId": 77}},
    ),
    (
        "PARENT_CATEGORY_IS_CHILD",
        'The parent category "{low}" is one of the children for category "{top}"',
        "category.update",
        {"id": "{top}", "category": {"parentId": "{low}"}},
    ),
    (
        "CANNOT_MOVE_CATEGORIES_FROM_DIFFERENT_PARENT_CATEGORIES",
        "Cannot move categories from different parent categories",
        "category.move",
        {"categoryIds": "{top},{low}", "targetCategoryParentId": "{private}"},
    ),
    (
        "PRIVACY_CONTEXT_INVALID_STRING",
        'Privacy context is invalid "abc"',
        "category.add",
        category(privacyContext="abc"),
    ),
    *(
        (
            f"CANNOT_SET_{word}_FIELD_WITH_NO_PRIVACY_CONTEXT",
            f"Cannot set {text} field when privacy context is not set on the categroy",
            "category.add",
            category(parentId="{top}", **{name: value}),
        )
        for word, text, name, value in (
            ("APPEAR_IN_LIST", "appear in list", "appearInList", 3),
            ("PRIVACY", "privacy", "privacy", 3),
            ("INHERITANCE_TYPE", "inheritance", "inheritanceType", 1),
            ("OWNER", "owner", "owner", "ann"),
            ("USER_JOIN_POLICY", "user join policy", "userJoinPolicy", 1),
            ("CONTIRUBUTION_POLICY", "contribution policy", "contributionPolicy", 2),
            ("DEFAULT_PERMISSION_LEVEL", "default permission level", "defaultPermissionLevel", 0),
        )
    ),
    (
        "CANNOT_INHERIT_MEMBERS_WHEN_PARENT_CATEGORY_IS_NOT_SET",
        "Cannot inherit members when parent category is not set",
        "category.add",
        category(inheritanceType=1),
    ),
    (
        "CATEGORY_ENTRY_ALREADY_EXISTS",
        "Entry already assigned to this category",
        "categoryentry.add",
        {"categoryEntry": {"categoryId": "{top}", "entryId": "{entry}"}},
    ),
    (
        "ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY",
        "Entry doesn't assigned to category",
        "categoryentry.delete",
        {"entryId": "{entry}", "categoryId": "{low}"},
    ),
    (
        "MUST_FILTER_ON_ENTRY_OR_CATEGORY",
        "Must filter on entry id or category",
        "categoryentry.list",
        {"ks": "{viewer}"},
    ),
    (
        "CATEGORY_USER_ALREADY_EXISTS",
        "CategoryUser already exists",
        "categoryuser.add",
        {"categoryUser": {"categoryId": "{top}", "userId": "ann"}},
    ),
    (
        "INVALID_USER_ID",
        "Invalid user id",
        "categoryuser.get",
        {"categoryId": "{low}", "userId": "nobody"},
    ),
    (
        "INVALID_CATEGORY_USER_ID",
        'Invalid CategoryUser for category ["{low}"] and for user ["ann"]',
        "categoryuser.get",
        {"categoryId": "{low}", "userId": "ann"},
    ),
    (
        "CATEGORY_INHERIT_MEMBERS",
        "Cannot add members to this category since its inherit members from parent category"
        ' ["{heir}"]',
        "categoryuser.add",
        {"categoryUser": {"categoryId": "{heir}", "userId": "ann"}},
    ),
    (
        "CANNOT_OVERRIDE_MANUAL_CHANGES",
        "Cannot override manual changes",
        "categoryuser.update",
        {"categoryId": "{top}", "userId": "ann", "categoryUser": {"permissionLevel": 1}},
    ),
    (
        "MUST_FILTER_USERS_OR_CATEGORY",
        "Must filter users or categories",
        "categoryuser.list",
        {},
    ),
]
ROWS = CORE + SESSIONS + CATEGORIES + SCHEDULE + OTHERS
