"""What sessions are made from: profiles, players and template rooms that settings name by id."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from django.conf import settings

from kaltura_bridge.api.client import is_set, new, wire
from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.doctor.base import Check, Exam, Finding, failed, ok, warning
from kaltura_bridge.doctor.door import CREDENTIALS

LIVE_STREAM: Final = "2"
ROOM_TEMPLATES: Final = {
    "interactive": ("KALTURA_ROOM_TEMPLATE_INTERACTIVE", "rooms have Kaltura's plain look"),
    "webinar": ("KALTURA_ROOM_TEMPLATE_WEBINAR", "webinars may open as ordinary rooms"),
    "studio": ("KALTURA_ROOM_TEMPLATE_STUDIO", "webcast studios have Kaltura's plain look"),
}
SIMULIVE_RULE: Final = "simuliveProfile"
LIMIT_DELIVERY: Final = "KalturaAccessControlLimitDeliveryProfilesAction"


def look_at_conversion_profile(exam: Exam) -> Finding:
    """Whether live entries are transcoded by a profile that exists and is made for them."""
    wanted = settings.KALTURA_CONVERSION_PROFILE_ID
    live = new("KalturaConversionProfileFilter", typeEqual=LIVE_STREAM)
    rows = listed(exam.kaltura.one(lambda client: client.conversionProfile.list(live, pager())))
    known = {wire(row.id): wire(row.name) for row in rows}
    choice = ", ".join(f"{key} ({name})" for key, name in known.items()) or "none"
    if not known:
        return failed(
            "The account has no conversion profile for live streams.",
            "Ask Kaltura to switch on live streaming with its profiles.",
        )
    if not wanted:
        return ok(f"KALTURA_CONVERSION_PROFILE_ID is empty: the account's own is used ({choice}).")
    if str(wanted) not in known:
        return failed(
            f"Profile {wanted} is none for live streams of this account.",
            f"Set KALTURA_CONVERSION_PROFILE_ID to one of them: {choice}. Or leave it empty.",
        )
    return ok(f"Profile {wanted} ({known[str(wanted)]}).")


def look_at_player(exam: Exam) -> Finding:
    """Whether the player of the settings exists."""
    wanted = settings.KALTURA_PLAYER_UICONF_ID
    if not wanted:
        return warning(
            "KALTURA_PLAYER_UICONF_ID is empty: recordings are shown through KAF only.",
            "Set it to a player's id (KMC, Studio).",
        )
    try:
        player = exam.kaltura.one(lambda client: client.uiConf.get(wanted))
    except RemoteRejected as error:
        if error.code != "INVALID_UI_CONF_ID":
            raise
        return failed(
            f"Kaltura has no player {wanted}.",
            "Set KALTURA_PLAYER_UICONF_ID to a player's id (KMC, Studio).",
        )
    return ok(f"Player {wanted} ({wire(player.name)}).")


def look_at_room(kind: str, exam: Exam) -> Finding:
    """Whether a template room is there, and is a room."""
    setting, otherwise = ROOM_TEMPLATES[kind]
    wanted = getattr(settings, setting)
    if not wanted:
        return warning(
            f"{setting} is empty: {otherwise}.", f"Set {setting} to the entry id of a template."
        )
    try:
        entry = exam.kaltura.one(lambda client: client.baseEntry.get(wanted))
    except RemoteRejected as error:
        if error.code not in {"ENTRY_ID_NOT_FOUND", "INVALID_ENTRY_ID"}:
            raise
        return failed(
            f"This account has no entry {wanted}.",
            f"Set {setting} to the entry id of a room, or leave it empty. If the id is Kaltura's "
            "own template's, copy that room into the account.",
        )
    if type(entry).__name__ != "KalturaRoomEntry":
        return failed(
            f"Entry {wanted} ({wire(entry.name)}) is no room.",
            f"Set {setting} to the entry id of a room.",
        )
    return ok(f"Room {wanted} ({wire(entry.name)}).")


def look_at_simulive(exam: Exam) -> Finding:
    """Whether simulives get an access control profile with the rule that makes them play."""
    wanted = settings.KALTURA_SIMULIVE_ACCESS_CONTROL_ID
    fix = "Set KALTURA_SIMULIVE_ACCESS_CONTROL_ID to the account's simulive profile."
    if not wanted:
        return warning(
            "KALTURA_SIMULIVE_ACCESS_CONTROL_ID is empty: simulives may not play.",
            f"{fix} Ask Kaltura for its id.",
        )
    try:
        profile = exam.kaltura.one(lambda client: client.accessControlProfile.get(wanted))
    except RemoteRejected as error:
        if error.code != "ACCESS_CONTROL_ID_NOT_FOUND":
            raise
        return failed(f"Kaltura has no access control profile {wanted}.", fix)
    if not any(_is_simulive(rule) for rule in (profile.rules if is_set(profile.rules) else [])):
        return failed(
            f"Access control profile {wanted} ({wire(profile.name)}) has no rule "
            f"{SIMULIVE_RULE} that names delivery profiles.",
            fix,
        )
    return ok(f"Access control profile {wanted} ({wire(profile.name)}).")


def _is_simulive(rule: Any) -> bool:
    actions = rule.actions if is_set(rule.actions) else []
    limits = any(type(action).__name__ == LIMIT_DELIVERY for action in actions)
    return wire(rule.code) == SIMULIVE_RULE and limits


CHECKS = (
    Check("conversion profile", look_at_conversion_profile, needs=(CREDENTIALS,)),
    Check("player", look_at_player, needs=(CREDENTIALS,)),
    *(
        Check(f"room template: {kind}", partial(look_at_room, kind), needs=(CREDENTIALS,))
        for kind in ROOM_TEMPLATES
    ),
    Check("simulive profile", look_at_simulive, needs=(CREDENTIALS,)),
)
