"""The connection: the settings, the service's address, its clock, and our credentials."""

from __future__ import annotations

import time
from typing import Any, Final

from django.conf import settings

from kaltura_bridge.api import ks
from kaltura_bridge.api.client import openly, wire
from kaltura_bridge.api.errors import (
    CredentialsMissing,
    RemoteRejected,
    RemoteUnavailable,
)
from kaltura_bridge.checks import RULES, settings_problems
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok, skipped, warning
from kaltura_bridge.doctor.messages import refusal
from kaltura_bridge.models import ErrorClass

SETTINGS, SERVICE, CLOCK = "settings", "service address", "clock"
ACCOUNT, CREDENTIALS = "account", "credentials"
# A reply may be delayed this long, in seconds, without the clocks being wrong.
NOTICEABLE_S: Final = 30
_HOW_TO_SIGN: Final = (
    "Copy the account's number into KALTURA_PARTNER_ID and its administrator secret (not the "
    "user secret) into KALTURA_ADMIN_SECRET. Both are in KMC under Settings, Integration Settings."
)
_TOKEN_FIXES: Final = {
    "APP_TOKEN_ID_NOT_FOUND": "Copy the application token's ID into KALTURA_APP_TOKEN_ID again.",
    "APP_TOKEN_NOT_ACTIVE": "The application token is disabled: create a new one.",
    "APP_TOKEN_EXPIRED": "The application token has expired: create a new one.",
    "INVALID_APP_TOKEN_HASH": "Copy the application token itself into KALTURA_APP_TOKEN again.",
    "INVALID_WIDGET_ID": "Kaltura does not know the account: check KALTURA_PARTNER_ID.",
}


def check_settings(run: DoctorRun) -> CheckResult:
    """Whether the settings fit together and are enough for everything the portal does."""
    found = settings_problems(*RULES)
    if found:
        seen, fix = " ".join(m.seen for m in found), " ".join(m.fix for m in found)
        return (failed if any(m.fatal for m in found) else warning)(seen, fix)
    if not ks.can_mint():
        return warning(
            "There is an application token but no administrator secret: enough to sync, but "
            "nobody can join a room or webcast.",
            "Set KALTURA_ADMIN_SECRET.",
        )
    return ok(f"Account {settings.KALTURA_PARTNER_ID} at {settings.KALTURA_SERVICE_URL}.")


def check_service(run: DoctorRun) -> CheckResult:
    """Whether Kaltura's API answers at the address; needs no credentials."""
    started = time.monotonic()
    try:
        openly(lambda client: client.system.ping())
    except RemoteUnavailable as error:
        return failed(
            f"{settings.KALTURA_SERVICE_URL}: {error}.",
            "Check KALTURA_SERVICE_URL (https://www.kaltura.com, or the address of your region) "
            "and that firewall and proxy let this machine connect to it.",
        )
    return ok(f"{settings.KALTURA_SERVICE_URL} answers in {time.monotonic() - started:.1f} s.")


def check_account(run: DoctorRun) -> CheckResult:
    """Whether Kaltura knows the account at all; one that it has blocked looks the same."""
    try:
        openly(lambda client: client.system.ping(), as_account=True)
    except RemoteRejected as error:
        return failed(
            f"Kaltura refuses every call for account {settings.KALTURA_PARTNER_ID}: "
            f"{refusal(error)}.",
            f"{error.rule.advice} The number is in KMC under Settings, Integration Settings.",
        )
    return ok(f"Kaltura knows account {settings.KALTURA_PARTNER_ID}.")


def check_clock(run: DoctorRun) -> CheckResult:
    """How far Kaltura's clock and ours differ: it is theirs that decides when a KS expires."""
    sent = time.time()
    theirs = int(wire(openly(lambda client: client.system.getTime())))
    ours = (sent + time.time()) / 2
    # They return whole seconds, rounded down: on average half a second is missing.
    ahead_s = round(theirs + 0.5 - ours)
    seen = f"Kaltura's clock is {abs(ahead_s)} s {'behind' if ahead_s < 0 else 'ahead of'} ours."
    if ahead_s == 0:
        return ok("Kaltura's clock and ours agree to the second.")
    fix = "Synchronise this machine's clock with a time server (chrony or systemd-timesyncd)."
    if abs(ahead_s) > ks.CLOCK_SKEW_S:
        return failed(seen, fix)
    return warning(seen, fix) if abs(ahead_s) > NOTICEABLE_S else ok(seen)


def check_credentials(run: DoctorRun) -> CheckResult:
    """Whether Kaltura accepts our KS as that of an administrator of this account."""
    try:
        info = run.kaltura.one(lambda client: client.session.get())
    except CredentialsMissing as error:
        return failed(str(error), "Set them.")
    except RemoteRejected as error:
        return _refused(run, error)
    return _judge_session(info)


def _refused(run: DoctorRun, error: RemoteRejected) -> CheckResult:
    if error.error_class is ErrorClass.NEW_KS and run.has_failed(CLOCK):
        return skipped("Our signatures have expired when they arrive, because “clock” failed.")
    if error.code == "SERVICE_FORBIDDEN" and not ks.can_mint():
        return failed(
            "Sessions of the application token may not administer the account.",
            "Create a token with session type ADMIN (2) and without a role.",
        )
    fix = _HOW_TO_SIGN if ks.can_mint() else _TOKEN_FIXES.get(error.code, error.rule.advice)
    return failed(f"Kaltura refuses account {settings.KALTURA_PARTNER_ID}: {refusal(error)}.", fix)


def _judge_session(info: Any) -> CheckResult:
    """Judge the session that Kaltura made: an application token may limit what we asked for."""
    user = wire(info.userId)
    privileges = {p.partition(":")[0].strip() for p in wire(info.privileges).split(",")}
    if wire(info.sessionType) != str(int(ks.KsType.ADMIN)):
        return failed(
            "Our session is not an administrator's.",
            "Create an application token with session type ADMIN (2).",
        )
    if ks.Name.DISABLE_ENTITLEMENT not in privileges:
        return warning(
            "The application token lacks the privilege disableentitlement: content that is "
            "restricted to members would appear to be missing.",
            "Create a token whose session privileges are disableentitlement; Kaltura drops the "
            "privilege when the portal asks for it.",
        )
    if user != settings.KALTURA_USER_ID:
        return warning(
            f"The application token acts as “{user}”, so that user will own what is created, not "
            f"“{settings.KALTURA_USER_ID}”.",
            f"Set KALTURA_USER_ID to “{user}”, or create a token for the other user.",
        )
    means = "the administrator secret" if ks.can_mint() else "the application token"
    return ok(f"Kaltura accepts {means} of account {wire(info.partnerId)}, as user “{user}”.")


CHECKS = (
    Check(SETTINGS, check_settings),
    Check(SERVICE, check_service),
    Check(CLOCK, check_clock, needs=(SERVICE,)),
    Check(ACCOUNT, check_account, needs=(SERVICE,)),
    Check(CREDENTIALS, check_credentials, needs=(SERVICE, ACCOUNT)),
)
