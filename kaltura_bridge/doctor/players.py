"""What watching without KAF needs: players of the right version, their server, and the role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from django.conf import settings

from kaltura_bridge.api import ks
from kaltura_bridge.api.client import wire
from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.api.player_ks import player_ks, player_role
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok, skipped, warning
from kaltura_bridge.doctor.connection import CLOCK, CREDENTIALS
from kaltura_bridge.doctor.fetch import NoAnswer, fetch
from kaltura_bridge.doctor.kaf import NO_ENTRY
from kaltura_bridge.models import EventDelivery, PlayerChoice, SessionDelivery
from kaltura_bridge.watch import addresses

PLAYER: Final = "player"
#: What the variables of a V7 player name: the player itself.
_V7_BUNDLE: Final = "kaltura-ovp-player"
_VIEWER: Final = "portal-support"
# What the role must not hold: with it any viewer could change entries.
_TOO_MUCH: Final = "BASE_USER_SESSION_PERMISSION"
_CHOOSE: Final = "(KMC, Studio)"
_SETTINGS: Final = {
    PlayerChoice.V7: "KALTURA_PLAYER_UICONF_ID",
    PlayerChoice.V2: "KALTURA_SLIDES_PLAYER_UICONF_ID",
}


def check_player(run: DoctorRun) -> CheckResult:
    """Whether the V7 players that settings, events and sessions name exist and are V7."""
    return _check_players(run, PlayerChoice.V7, "recordings can be shown through KAF only")


def check_older_player(run: DoctorRun) -> CheckResult:
    """The same of the older ones; whoever shows no slides needs none."""
    return _check_players(run, PlayerChoice.V2, "")


def _check_players(run: DoctorRun, choice: PlayerChoice, otherwise: str) -> CheckResult:
    setting = _SETTINGS[choice]
    named = dict(_named(choice))
    if not named:
        if not otherwise:
            return ok(f"{setting} is empty, and nothing is watched in an older player.")
        return warning(f"{setting} is empty: {otherwise}.", f"Set it to a player's ID {_CHOOSE}.")
    fix = f"Set {setting} to a player's ID {_CHOOSE}."
    names = []
    for uiconf_id, where in named.items():
        found = _player(run, uiconf_id)
        here = "" if where == setting else f", which {where} names"
        if found is None:
            return failed(f"Kaltura has no player {uiconf_id}{here}.", fix)
        if _is_v7(found) != (choice == PlayerChoice.V7):
            is_now = "of the newer version (V7)" if _is_v7(found) else "no V7 player"
            return failed(f"Player {uiconf_id} ({wire(found.name)}){here} is {is_now}.", fix)
        names.append(f"{uiconf_id} ({wire(found.name)})")
    return ok(f"Player {', '.join(names)}.")


def _named(choice: PlayerChoice) -> Iterator[tuple[int, str]]:
    """The players of this version that anything names, and what does."""
    kinds = (choice, PlayerChoice.IFRAME) if choice == PlayerChoice.V7 else (choice,)
    if wanted := getattr(settings, _SETTINGS[choice]):
        yield wanted, _SETTINGS[choice]
    for row in EventDelivery.objects.exclude(player_uiconf_id=None).order_by("pk"):
        if row.player in kinds:
            yield int(row.player_uiconf_id or 0), f"“{row}”"
    of_session = SessionDelivery.objects.exclude(player_uiconf_id=None).order_by("pk")
    for own in of_session.select_related("session__event__delivery"):
        of_event = getattr(own.session.event, "delivery", None)
        if (own.player or (of_event.player if of_event else "")) in kinds:
            yield int(own.player_uiconf_id or 0), f"“{own}”"


def _player(run: DoctorRun, uiconf_id: int) -> Any:
    try:
        return run.kaltura.one(lambda client: client.uiConf.get(uiconf_id))
    except RemoteRejected as error:
        if error.code != "INVALID_UI_CONF_ID":
            raise
        return None


def _is_v7(player: Any) -> bool:
    try:
        variables = json.loads(wire(player.confVars) or "{}")
    except ValueError:
        return False
    return isinstance(variables, dict) and _V7_BUNDLE in variables.get("versions", variables)


def check_delivery_network(run: DoctorRun) -> CheckResult:
    """Whether the player can be loaded where pages of the portal load it."""
    uiconf_id = settings.KALTURA_PLAYER_UICONF_ID
    if not uiconf_id:
        return ok(f"No player is loaded from {addresses.cdn_url()}.")
    fix = "Check KALTURA_CDN_URL, which is Kaltura's delivery network."
    try:
        status = fetch(addresses.v7_script(uiconf_id)).status
    except NoAnswer as error:
        return failed(f"{addresses.cdn_url()}: {error}.", fix)
    if status != 200:
        return failed(
            f"{addresses.cdn_url()} does not serve player {uiconf_id} (HTTP {status}).", fix
        )
    return ok(f"{addresses.cdn_url()} serves the player.")


def check_player_role(run: DoctorRun) -> CheckResult:
    """Whether Kaltura knows the role that keeps viewers' sessions to playing."""
    if not ks.can_mint():
        return skipped("Only KALTURA_ADMIN_SECRET can sign viewers in, and it is empty.")
    role = player_role()
    if not role:
        return warning(
            "KALTURA_PLAYER_ROLE is none: a viewer's session may do what any user at Kaltura may.",
            "Set it to a role that only plays, unless viewers are to ask questions in the player.",
        )
    signed = player_ks(_VIEWER, NO_ENTRY, "", timedelta())
    fix = "Set KALTURA_PLAYER_ROLE to a role of the account that may play, or to none."
    try:
        names = call(LightCall("permission", "getCurrentPermissions", ks=signed))
    except RemoteRejected as error:
        if error.code in {"SERVICE_DOES_NOT_EXISTS", "ACTION_DOES_NOT_EXISTS"}:
            return ok(f"Kaltura does not tell what the role {role} may do.")
        if error.code != "INVALID_OBJECT_ID":
            raise
        return failed(f"Kaltura knows no role {role}: nothing plays without KAF.", fix)
    held = {name.strip() for name in str(names).split(",")}
    if _TOO_MUCH in held:
        return warning(f"The role {role} may change entries, not only play them.", fix)
    return ok(f"The role {role} may play, and change nothing.")


CHECKS = (
    Check(PLAYER, check_player, needs=(CREDENTIALS,)),
    Check("older player", check_older_player, needs=(CREDENTIALS,)),
    Check("delivery network", check_delivery_network, needs=(PLAYER,)),
    Check("player role", check_player_role, needs=(CLOCK, CREDENTIALS)),
)
