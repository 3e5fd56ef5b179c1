"""Addresses that open Kaltura's two programs for producers: the Webcasting Studio, the questions.

Pure. Both hold a KS, so they are made at the click, put into one redirect, and kept nowhere.
Source: KAppLauncher.js of kaltura-vpaas/webcasting-integration, whose script is only needed for
the form encoding that ``urlencode`` does as well.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

SCHEME: Final = "KalturaWebcast"
# What the program calls the site that opened it; letters and digits only.
INSTANCE: Final = "eventportal"
MODERATOR_PAGE: Final = "/apps/webcast/vlatest/index.html"


@dataclass(frozen=True)
class Broadcast:
    """One session's entry, as both programs are told of it. Times are aware."""

    entry_id: str
    ks: str
    ks_expires_at: datetime
    starts_at: datetime
    ends_at: datetime
    server_address: str


@dataclass(frozen=True)
class StudioOptions:
    """What the Studio is told beyond the broadcast. What is empty is left out."""

    user_id: str
    ui_conf_id: str
    site_url: str
    app_name: str
    questions: bool = True
    self_serve: bool = False
    logo_url: str = ""
    player_id: str = ""
    events_profile_id: str = ""
    webcast_profile_id: str = ""
    presentation_profile_id: str = ""


def iso(moment: datetime) -> str:
    """``YYYY-MM-DDThh:mm:ss+00:00``, as both programs read it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def studio_params(broadcast: Broadcast, options: StudioOptions) -> dict[str, str]:
    """Every parameter of the launch, by the names that the program's code reads."""
    params = {
        "ks": broadcast.ks,
        "ks_expiry": iso(broadcast.ks_expires_at),
        "MediaEntryId": broadcast.entry_id,
        "uiConfID": options.ui_conf_id,
        "serverAddress": broadcast.server_address,
        "eventsMetadataProfileId": options.events_profile_id,
        "kwebcastMetadataProfileId": options.webcast_profile_id,
        "appName": options.app_name,
        "logoUrl": options.logo_url,
        "fromDate": iso(broadcast.starts_at),
        "toDate": iso(broadcast.ends_at),
        "userId": options.user_id,
        "QnAEnabled": _flag(options.questions),
        "pollsEnabled": "true",
        "userRole": "adminRole",
        "playerUIConf": options.player_id,
        "presentationConversionProfileId": options.presentation_profile_id,
        "referer": options.site_url,
        "debuggingMode": "false",
        "verifySSL": "true",
        "checkForUpdates": "true",
        "selfServeEnabled": _flag(options.self_serve),
        "participantsPanel": "true",
        "appHostUrl": options.site_url,
        "instanceProfile": INSTANCE,
    }
    return {name: value for name, value in params.items() if value}


def studio_address(params: Mapping[str, str]) -> str:
    """The address that the operating system hands to the program: its form in Base64."""
    return f"{SCHEME}:{base64.b64encode(urlencode(params).encode()).decode()}"


def moderator_address(broadcast: Broadcast) -> str:
    """The page at Kaltura where questions are answered and announcements are made."""
    params = {
        "MediaEntryId": broadcast.entry_id,
        "ks": broadcast.ks,
        "ks_expiry": iso(broadcast.ks_expires_at),
        "qnaModeratorMode": "true",
        "serverAddress": broadcast.server_address,
        "fromDate": iso(broadcast.starts_at),
        "toDate": iso(broadcast.ends_at),
    }
    return f"{broadcast.server_address}{MODERATOR_PAGE}?{urlencode(params)}"


def _flag(value: bool) -> str:
    return "true" if value else "false"
