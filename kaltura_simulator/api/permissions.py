"""Which session may call which action: permissions of actions and of sessions.

A role named with ``setrole``, or else the roles of the session's user, say what a session
may do. Without either a USER session holds Kaltura's base user role, and an ADMIN session
everything. Kaltura's: deployment/permissions/service.*.ini in
https://github.com/kaltura/server.
"""

from __future__ import annotations

from kaltura_simulator.api import ks, schema
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.state.store import Data, Store

ALWAYS, WIDGET, USER = "ALWAYS_ALLOWED_ACTIONS", "WIDGET_SESSION", "BASE_USER_SESSION_PERMISSION"
LIVE_STREAM_UPDATE = "LIVE_STREAM_UPDATE"
CAPTION_MODIFY, CAPTURE_DEVICE = "CAPTION_MODIFY", "CAPTURE_DEVICE_PERMISSION"
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
        "uiConf.listTemplates",
        "baseEntry.get",
        "baseEntry.flag",
        "caption_captionAsset.get",
        "caption_captionAsset.list",
        "caption_captionAsset.serve",
        "caption_captionAsset.serveByEntryId",
        "caption_captionAsset.serveWebVTT",
        "caption_captionAsset.serveAsJson",
        "attachment_attachmentAsset.serve",
        "thumbAsset.serve",
        "thumbAsset.serveByEntryId",
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
        "caption_captionAsset.getUrl",
        "attachment_attachmentAsset.get",
        "attachment_attachmentAsset.list",
        "attachment_attachmentAsset.getUrl",
        "captionSearch_captionAssetItem.*",
        "thumbAsset.get",
        "thumbAsset.getByEntryId",
        "thumbAsset.getUrl",
        "thumbAsset.list",
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
        "liveStream.updateOfflineThumbnailFromUrl",
        "liveStream.updateOfflineThumbnailJpeg",
        "thumbAsset.add",
        "thumbAsset.addFromImage",
        "thumbAsset.addFromUrl",
        "thumbAsset.delete",
        "thumbAsset.setAsDefault",
        "thumbAsset.update",
        "reach_entryVendorTask.add",
        "reach_entryVendorTask.get",
        "reach_entryVendorTask.list",
        "reach_entryVendorTask.abort",
        "reach_vendorCatalogItem.get",
        "reach_vendorCatalogItem.list",
        # The service checks the account and the session.
        "virtualEvent_virtualEvent.*",
        # The service checks who may edit the entry.
        "attachment_attachmentAsset.add",
        "attachment_attachmentAsset.setContent",
        "attachment_attachmentAsset.update",
        "user.get",
        "cuePoint_cuePoint.*",
        # The service checks that it is about the caller.
        "groupUser.list",
        "groupUser.delete",
    ),
    "LIVE_STREAM_ADD": ("liveStream.add",),
    # The action checks who may edit the entry.
    LIVE_STREAM_UPDATE: ("liveStream.update",),
    CAPTION_MODIFY: ("caption_captionAsset.*",),
    "CONTENT_MANAGE_EXPORT": ("baseEntry.export",),
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

#: Actions that are refused to everybody, seen at a running server (22.19).
_NOBODYS = frozenset(
    {
        "metadata_metadata.serve",
        "metadata_metadata.invalidate",
        "livestream.addlivestreampushpublishconfiguration",
        "livestream.removelivestreampushpublishconfiguration",
    }
)
#: Actions that a permission allows besides those that the table has under it.
_ALSO = {CAPTURE_DEVICE: frozenset({"schedule_scheduleevent.list"})}

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
    "CAPTURE_DEVICE_ROLE": frozenset({ALWAYS, CAPTURE_DEVICE}),
    "REACH_VENDOR_ROLE": frozenset(
        {ALWAYS, WIDGET, USER, "REACH_VENDOR_PERMISSION", CAPTION_MODIFY}
    ),
    "BASE_USER_SESSION_ROLE": frozenset({ALWAYS, WIDGET, USER}),
    "WIDGET_SESSION_ROLE": frozenset({ALWAYS, WIDGET}),
    "PARTNER_ADMIN_ROLE": frozenset({EVERYTHING}),
    # Used by players, portals and consoles.
    "PLAYBACK_BASE_ROLE": frozenset({ALWAYS, WIDGET}),
    "KMS_USER_ROLE": frozenset({ALWAYS, WIDGET, USER}),
    "KMC_ANALYTICS_ROLE": frozenset({ALWAYS, WIDGET, "ANALYTICS_BASE", "STUDIO_BASE"}),
    "REPORT_VIEWER_ROLE": frozenset({ALWAYS, "ANALYTICS_BASE"}),
}


#: The number of a role, which ``setrole`` and users may name instead.
FIRST_ROLE_ID = 1401
ROLE_IDS = {name: FIRST_ROLE_ID + place for place, name in enumerate(ROLES)}
_NO_ROLES: frozenset[str] = frozenset()


def role_named(named: str) -> str | None:
    """The system name of a role that is given by its name or its number."""
    if named in ROLES:
        return named
    return next((name for name, number in ROLE_IDS.items() if str(number) == named), None)


def roles_of_user(store: Store, session: ks.Ks | None) -> frozenset[str]:
    """The roles of a session's user; an account's owner is an administrator of it."""
    if session is None or not session.user:
        return _NO_ROLES
    account: Data = store.get(session.partner, "partner", session.partner) or {}
    if session.user.lower() == str(account.get("adminUserId") or "").lower():
        return frozenset({"PARTNER_ADMIN_ROLE"})
    user: Data = store.get(session.partner, "user", session.user.lower()) or {}
    named = str(user.get("roleIds") or "").split(",")
    return frozenset(filter(None, (role_named(piece.strip()) for piece in named)))


def permissions_of(session: ks.Ks | None, user_roles: frozenset[str] = _NO_ROLES) -> frozenset[str]:
    """The permissions of a session, whose user has these roles; without one, everybody's."""
    if session is None:
        return frozenset({ALWAYS})
    named = session.privileges.get("setrole")
    if named:
        role = role_named(named)
        if role is None:
            raise ApiError("INVALID_OBJECT_ID", ID="N/A")
        return ROLES[role]
    if user_roles:
        return frozenset().union(*(ROLES[role] for role in user_roles))
    if session.is_admin:
        return ROLES["PARTNER_ADMIN_ROLE"]
    if session.type == ks.WIDGET or "widget" in session.privileges:
        return ROLES["WIDGET_SESSION_ROLE"]
    return ROLES["BASE_USER_SESSION_ROLE"]


def permission_names(
    session: ks.Ks | None, user_roles: frozenset[str] = _NO_ROLES
) -> frozenset[str]:
    """The permissions of a session, each by its name in Kaltura."""
    found = permissions_of(session, user_roles)
    if EVERYTHING in found:
        found = frozenset(_TABLE)
    return found.union(*(names for name, names in _FINER.items() if name in found))


def required(action: schema.ActionSchema) -> str:
    """The permission that an action requires; those in no table are for administrators."""
    wire = f"{action.service}.{action.name}".lower()
    return REQUIRED.get(wire) or REQUIRED.get(f"{action.service}.*") or EVERYTHING


def is_refused_to_all(action: schema.ActionSchema) -> bool:
    """Whether not even administrators may call an action."""
    return f"{action.service}.{action.name}".lower() in _NOBODYS


def allows(action: schema.ActionSchema, session: ks.Ks | None, user_roles: frozenset[str]) -> bool:
    """Whether this session may call an action; whose object it is, is another question."""
    wire = f"{action.service}.{action.name}".lower()
    held = permissions_of(session, user_roles)
    if is_refused_to_all(action):
        return False
    also = (actions for permission, actions in _ALSO.items() if permission in held)
    return EVERYTHING in held or required(action) in held or any(wire in some for some in also)
