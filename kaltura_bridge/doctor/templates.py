"""What sessions are created from: profiles and template rooms that settings name by ID."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from django.conf import settings

from kaltura_bridge.api.client import is_set, new, wire
from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok, warning
from kaltura_bridge.doctor.connection import CREDENTIALS
from kaltura_bridge.models import EventDelivery, SessionDelivery

LIVE_STREAM: Final = "2"
# The setting of each kind of room, and what happens while it is empty.
ROOM_TEMPLATES: Final = {
    "interactive": ("KALTURA_ROOM_TEMPLATE_INTERACTIVE", "rooms get Kaltura's standard look"),
    "webinar": ("KALTURA_ROOM_TEMPLATE_WEBINAR", "webinars may open as ordinary rooms"),
    "studio": ("KALTURA_ROOM_TEMPLATE_STUDIO", "webcast studios get Kaltura's standard look"),
}
# A simulive plays only with delivery profiles that can serve a video as a live stream; the rule
# of this code limits it to those. Only Kaltura makes such an access control profile.
SIMULIVE_RULE: Final = "simuliveProfile"
LIMIT_DELIVERY: Final = "KalturaAccessControlLimitDeliveryProfilesAction"


def check_conversion_profile(run: DoctorRun) -> CheckResult:
    """Whether the conversion profile of the settings exists and is one for live streams."""
    wanted = settings.KALTURA_CONVERSION_PROFILE_ID
    live = new("KalturaConversionProfileFilter", typeEqual=LIVE_STREAM)
    rows = listed(run.kaltura.one(lambda client: client.conversionProfile.list(live, pager())))
    known = {wire(row.id): wire(row.name) for row in rows}
    choice = ", ".join(f"{key} ({name})" for key, name in known.items()) or "none"
    if not known:
        return failed(
            "The account has no conversion profile for live streams.",
            "Ask Kaltura to enable live streaming with its profiles.",
        )
    if unknown := [(key, about) for key, about in _chosen_profiles() if key not in known]:
        key, about = unknown[0]
        return failed(
            f"The account has no conversion profile {key} for live streams, which {about} names.",
            f"Choose one of {choice} under Delivery, or leave it empty.",
        )
    if not wanted:
        return ok(
            f"KALTURA_CONVERSION_PROFILE_ID is empty: the account's default is used ({choice})."
        )
    if str(wanted) not in known:
        return failed(
            f"The account has no conversion profile {wanted} for live streams.",
            f"Set KALTURA_CONVERSION_PROFILE_ID to one of {choice}, or leave it empty.",
        )
    return ok(f"Profile {wanted} ({known[str(wanted)]}).")


def _chosen_profiles() -> Iterator[tuple[str, str]]:
    """The profiles that events and sessions name, and which of them does."""
    for model in (EventDelivery, SessionDelivery):
        for row in model.objects.exclude(conversion_profile_id=None).order_by("pk"):
            yield str(row.conversion_profile_id), f"“{row}”"


def check_room(kind: str, run: DoctorRun) -> CheckResult:
    """Whether a template room exists, and is a room."""
    setting, otherwise = ROOM_TEMPLATES[kind]
    wanted = getattr(settings, setting)
    if not wanted:
        return warning(
            f"{setting} is empty: {otherwise}.",
            f"Set {setting} to the entry ID of a template room.",
        )
    try:
        entry = run.kaltura.one(lambda client: client.baseEntry.get(wanted))
    except RemoteRejected as error:
        if error.code not in {"ENTRY_ID_NOT_FOUND", "INVALID_ENTRY_ID"}:
            raise
        return failed(
            f"The account has no entry {wanted}.",
            f"Set {setting} to the entry ID of a room, or leave it empty. If the ID is that of "
            "Kaltura's own template, copy that room into the account.",
        )
    if type(entry).__name__ != "KalturaRoomEntry":
        return failed(
            f"Entry {wanted} ({wire(entry.name)}) is not a room.",
            f"Set {setting} to the entry ID of a room.",
        )
    return ok(f"Room {wanted} ({wire(entry.name)}).")


def check_simulive(run: DoctorRun) -> CheckResult:
    """Whether the access control profile of simulives has the rule that makes them play."""
    wanted = settings.KALTURA_SIMULIVE_ACCESS_CONTROL_ID
    fix = "Set KALTURA_SIMULIVE_ACCESS_CONTROL_ID to the account's simulive profile."
    if not wanted:
        return warning(
            "KALTURA_SIMULIVE_ACCESS_CONTROL_ID is empty: simulives may not play.",
            f"{fix} Ask Kaltura for its ID.",
        )
    try:
        profile = run.kaltura.one(lambda client: client.accessControlProfile.get(wanted))
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
    Check("conversion profile", check_conversion_profile, needs=(CREDENTIALS,)),
    *(
        Check(f"room template: {kind}", partial(check_room, kind), needs=(CREDENTIALS,))
        for kind in ROOM_TEMPLATES
    ),
    Check("simulive profile", check_simulive, needs=(CREDENTIALS,)),
)
