"""Defaults of a simulator: the account, its secrets and the ids of its objects.

Other programs may repeat these values in their settings; they do not change.
"""

from __future__ import annotations

HOST = "127.0.0.1"
PORT = 8090
DATA_FILE = "var/kaltura.sqlite3"
INDEX_DELAY_S = 1.0
BACKGROUND_S = 1.0
#: Which accounts there are at first; see ``provision.accounts``.
PROVISION_PLANS = ("events", "empty", "reach")
PROVISION = "events"

PARTNER_ID = 101
ADMIN_SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105 - a published sample value
USER_SECRET = "fedcba9876543210fedcba9876543210"  # noqa: S105 - a published sample value
NEWROW_TOKEN = "demo-newrow-token"  # noqa: S105 - a published sample value

PARENT_CATEGORY = "KAF>site>channels"

ROOM_TEMPLATE_INTERACTIVE = "0_tmplroom"
ROOM_TEMPLATE_WEBINAR = "0_tmplwebi"
ROOM_TEMPLATE_STUDIO = "0_tmplstud"

#: Clips that are ready to play: (id, name, seconds).
READY_VIDEOS = (
    ("0_videoone", "Welcome to the conference", 90),
    ("0_videotwo", "Keynote of last year", 2700),
)

CONVERSION_PROFILE_DEFAULT_LIVE = 1001
CONVERSION_PROFILE_PASSTHROUGH_LIVE = 1002
CONVERSION_PROFILE_DEFAULT_VOD = 1003
CONVERSION_PROFILE_SLIDES = 1004
ACCESS_CONTROL_DEFAULT = 1101
ACCESS_CONTROL_SIMULIVE = 1102
PLAYER_UICONF_ID = 1201
WEBCASTING_UICONF_ID = 1202
WEBCAST_PLAYER_UICONF_ID = 1203
OLDER_PLAYER_UICONF_ID = 1204

METADATA_PROFILE_KWEBCAST = 1301
METADATA_PROFILE_EVENTS = 1302
METADATA_PROFILE_ADDITIONAL_INFO = 1303

REACH_PROFILE = 1401
REACH_MACHINE_CAPTIONS = 1411
REACH_HUMAN_CAPTIONS = 1412
REACH_TRANSLATION = 1413
REACH_LIVE_CAPTIONS = 1414
