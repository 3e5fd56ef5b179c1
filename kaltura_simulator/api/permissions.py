"""Which session may call which action: permissions of actions and of sessions.

A plain USER session holds what Kaltura's base user role holds; a role named with
``setrole`` replaces the set; an ADMIN session without one holds everything. Kaltura's:
deployment/permissions/service.*.ini in https://github.com/kaltura/server.
"""

from __future__ import annotations

from kaltura_simulator.api import ks, schema
from kaltura_simulator.api.errors import ApiError, forbidden

ALWAYS, WIDGET, USER = "ALWAYS_ALLOWED_ACTIONS", "WIDGET_SESSION", "BASE_USER_SESSION_PERMISSION"
LIVE_STREAM_UPDATE = "LIVE_STREAM_UPDATE"
EVERYTHING = "*"

_TABLE: dict[str, tuple[str, ...]] = {
    ALWAYS: (
        "session.start",
        "session.startWidgetSession",
        "session.end",
        "user.login",
        "user.loginByLoginId",
        "system.ping",
        "system.getTime",
        "system.getVersion",
        "liveStream.isLive",
        "liveStream.getDetails",
        "uiConf.get",
        "baseEntry.get",
        "baseEntry.flag",
        "caption_captionAsset.serve",
        "caption_captionAsset.serveByEntryId",
        "caption_captionAsset.serveWebVTT",
        "caption_captionAsset.serveAsJson",
        "attachment_attachmentAsset.serve",
        "partner.getSecrets",
        "partner.register",
        "permission.getCurrentPermissions",
        # The action checks the session in the address.
        "report.serve",
    ),
    WIDGET: (
        "appToken.startSession",
        "category.get",
        "category.list",
        "baseEntry.list",
        "baseEntry.getPlaybackContext",
        "baseEntry.getContextData",
        "media.get",
        "media.list",
        "liveStream.get",
        "liveStream.list",
        "uiConf.list",
        "flavorAsset.*",
        "cuePoint_cuePoint.get",
        "cuePoint_cuePoint.list",
        "cuePoint_cuePoint.count",
        "elasticsearch_eSearch.searchEntry",
        "metadata_metadata.list",
        "caption_captionAsset.get",
        "caption_captionAsset.list",
        "caption_captionAsset.getUrl",
        "attachment_attachmentAsset.get",
        "attachment_attachmentAsset.list",
        "attachment_attachmentAsset.getUrl",
    ),
    USER: (
        "baseEntry.*",
        "media.*",
        "uploadToken.*",
        "room_room.*",
        "metadata_metadata.*",
        "metadata_metadataProfile.list",
        "metadata_metadataProfile.get",
        "categoryEntry.*",
        "categoryUser.*",
        # The action checks who may edit the entry.
        "liveStream.update",
        "liveStream.updateOfflineThumbnailFromUrl",
        "liveStream.updateOfflineThumbnailJpeg",
        "uiConf.listTemplates",
        "reach_entryVendorTask.add",
        "reach_entryVendorTask.get",
        "reach_entryVendorTask.list",
        "reach_entryVendorTask.abort",
        "reach_vendorCatalogItem.get",
        "reach_vendorCatalogItem.list",
        # The service checks the account and the session.
        "virtualEvent_virtualEvent.*",
        # The services check who may edit the entry.
        "caption_captionAsset.*",
        "attachment_attachmentAsset.*",
        "user.get",
        "cuePoint_cuePoint.*",
    ),
    "LIVE_STREAM_ADD": ("liveStream.add",),
    LIVE_STREAM_UPDATE: ("liveStream.regenerateStreamToken",),
    "CONTENT_MANAGE_DELETE": ("liveStream.delete",),
    "CONTENT_MODERATE_APPROVE_REJECT": (
        "baseEntry.approve",
        "baseEntry.reject",
        "media.approve",
        "media.reject",
    ),
    "CONTENT_MANAGE_EDIT_CATEGORIES": ("category.*",),
    # For vendors who caption a live stream, with the access key of the job.
    "REACH_VENDOR_PERMISSION": ("schedule_scheduleEvent.updateLiveFeature",),
    "SCHEDULE_EVENT_MANAGE": ("schedule_scheduleEvent.*",),
    "SCHEDULE_RESOURCE_MANAGE": (
        "schedule_scheduleResource.*",
        "schedule_scheduleEventResource.*",
    ),
    "APP_TOKEN_MANAGE": ("appToken.*",),
    "SESSION_BASE": ("session.get", "session.impersonate", "session.impersonateByKs"),
    "CONTENT_INGEST_BASE": ("conversionProfile.*",),
    "CUSTOM_DATA_PROFILE_MANAGE": ("metadata_metadataProfile.*",),
    "ACCESS_CONTROL_MANAGE": ("accessControlProfile.*",),
    "WEBCAST_PRODUCER_PERMISSION": ("user.list",),
    "ADMIN_USER_MANAGE": ("user.*",),
    "PARTNER_BASE": ("partner.*",),
    "ADMIN_BASE": ("permission.list",),
    "RESPONSE_PROFILE_MANAGE": ("responseProfile.*",),
    "REACH_ADMIN_PERMISSION": (
        "reach_entryVendorTask.*",
        "reach_reachProfile.*",
        "reach_vendorCatalogItem.*",
    ),
    "EVENT_NOTIFICATION_MODIFY": ("eventNotification_eventNotificationTemplate.*",),
    "STUDIO_BASE": ("uiConf.*",),
    "ANALYTICS_BASE": ("report.*", "liveReports.*"),
}
REQUIRED = {
    action.lower(): permission for permission, actions in _TABLE.items() for action in actions
}

#: Permissions that this table does not distinguish: the first includes the others.
_FINER = {
    "CONTENT_MANAGE_DELETE": ("CONTENT_MANAGE_BASE",),
    "SCHEDULE_EVENT_MANAGE": ("SCHEDULE_EVENT_BASE", "SCHEDULE_EVENT_DELETE"),
    "ACCESS_CONTROL_MANAGE": ("CONTENT_MANAGE_ACCESS_CONTROL",),
}

#: Roles of a fresh account, by system name.
ROLES = {
    "WEBCAST_PRODUCER_DEVICE_ROLE": frozenset(
        {ALWAYS, WIDGET, USER, "WEBCAST_PRODUCER_PERMISSION", LIVE_STREAM_UPDATE, "ANALYTICS_BASE"}
    ),
    "CAPTURE_DEVICE_ROLE": frozenset({ALWAYS, WIDGET, "CAPTURE_DEVICE_PERMISSION"}),
    "REACH_VENDOR_ROLE": frozenset({ALWAYS, WIDGET, USER, "REACH_VENDOR_PERMISSION"}),
    "BASE_USER_SESSION_ROLE": frozenset({ALWAYS, WIDGET, USER}),
    "WIDGET_SESSION_ROLE": frozenset({ALWAYS, WIDGET}),
    "PARTNER_ADMIN_ROLE": frozenset({EVERYTHING}),
    # Used by players, portals and consoles.
    "PLAYBACK_BASE_ROLE": frozenset({ALWAYS, WIDGET}),
    "KMS_USER_ROLE": frozenset({ALWAYS, WIDGET, USER}),
    "KMC_ANALYTICS_ROLE": frozenset({ALWAYS, WIDGET, "ANALYTICS_BASE", "STUDIO_BASE"}),
    "REPORT_VIEWER_ROLE": frozenset({ALWAYS, "ANALYTICS_BASE"}),
}


def permissions_of(session: ks.Ks | None) -> frozenset[str]:
    """The permissions of a session; without one, those of everybody."""
    if session is None:
        return frozenset({ALWAYS})
    named = session.privileges.get("setrole")
    if named:
        if named not in ROLES:
            raise ApiError("INVALID_OBJECT_ID", ID="N/A")
        return ROLES[named]
    if session.is_admin:
        return ROLES["PARTNER_ADMIN_ROLE"]
    if session.type == ks.WIDGET or "widget" in session.privileges:
        return ROLES["WIDGET_SESSION_ROLE"]
    return ROLES["BASE_USER_SESSION_ROLE"]


def permission_names(session: ks.Ks | None) -> frozenset[str]:
    """The permissions of a session, each by its name in Kaltura."""
    found = permissions_of(session)
    if EVERYTHING in found:
        found = frozenset(_TABLE)
    return found.union(*(names for name, names in _FINER.items() if name in found))


def required(action: schema.ActionSchema) -> str:
    """The permission that an action requires; those in no table are for administrators."""
    wire = f"{action.service}.{action.name}".lower()
    return REQUIRED.get(wire) or REQUIRED.get(f"{action.service}.*") or EVERYTHING


def check(action: schema.ActionSchema, session: ks.Ks | None) -> None:
    """Refuse an action that this session may not call (SERVICE_FORBIDDEN)."""
    permissions = permissions_of(session)
    if EVERYTHING in permissions or required(action) in permissions:
        return
    raise forbidden(action.label)
