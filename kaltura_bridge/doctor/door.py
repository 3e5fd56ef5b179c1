"""Getting in: the settings, the service's address, its clock, and our credentials."""

from __future__ import annotations

import time
from typing import Any, Final

from django.conf import settings

from kaltura_bridge.api import ks
from kaltura_bridge.api.client import openly, wire
from kaltura_bridge.api.errors import (
    CredentialsMissing,
    ErrorClass,
    RemoteRejected,
    RemoteUnavailable,
)
from kaltura_bridge.coherence import RULES, misfits
from kaltura_bridge.doctor.base import Check, Exam, Finding, failed, ok, skipped, warning
from kaltura_bridge.doctor.troubles import refusal

SETTINGS, SERVICE, CLOCK, CREDENTIALS = "settings", "service address", "clock", "credentials"
# What an answer may wait on the way without saying anything about clocks, in seconds.
NOTICEABLE_S: Final = 30
_HOW_TO_SIGN: Final = (
    "Copy the account's number into KALTURA_PARTNER_ID and its administrator secret (not the "
    "user secret) into KALTURA_ADMIN_SECRET. Both stand in KMC, Settings, Integration Settings."
)
_TOKEN_FIXES: Final = {
    "APP_TOKEN_ID_NOT_FOUND": "Copy the application token's id into KALTURA_APP_TOKEN_ID anew.",
    "APP_TOKEN_NOT_ACTIVE": "The application token is switched off: make another one.",
    "APP_TOKEN_EXPIRED": "The application token's time is over: make another one.",
    "INVALID_APP_TOKEN_HASH": "Copy the application token itself into KALTURA_APP_TOKEN anew.",
    "INVALID_WIDGET_ID": "Kaltura does not know the account: check KALTURA_PARTNER_ID.",
}


def look_at_settings(exam: Exam) -> Finding:
    """Whether the settings fit together, and are enough for all that the portal does."""
    found = misfits(*RULES)
    if found:
        seen, fix = " ".join(m.seen for m in found), " ".join(m.fix for m in found)
        return (failed if any(m.fatal for m in found) else warning)(seen, fix)
    if not ks.can_mint():
        return warning(
            "There is an application token and no administrator secret: that is enough to sync, "
            "but nobody can be let into Kaltura's pages.",
            "Set KALTURA_ADMIN_SECRET.",
        )
    return ok(f"Account {settings.KALTURA_PARTNER_ID} at {settings.KALTURA_SERVICE_URL}.")


def look_at_service(exam: Exam) -> Finding:
    """Whether Kaltura's API answers at the address; needs no credentials."""
    started = time.monotonic()
    try:
        openly(lambda client: client.system.ping())
    except RemoteUnavailable as error:
        return failed(
            f"{settings.KALTURA_SERVICE_URL}: {error}.",
            "Check KALTURA_SERVICE_URL, and that this machine may reach it through firewall and "
            "proxy. It is https://www.kaltura.com, or the address of your region.",
        )
    return ok(f"{settings.KALTURA_SERVICE_URL} answers in {time.monotonic() - started:.1f} s.")


def look_at_clock(exam: Exam) -> Finding:
    """How far Kaltura's clock and ours are apart. Signatures hold by their clock, not by ours."""
    sent = time.time()
    theirs = int(wire(openly(lambda client: client.system.getTime())))
    ours = (sent + time.time()) / 2
    # They give whole seconds, cut off: in the mean half a second is missing.
    ahead_s = round(theirs + 0.5 - ours)
    seen = f"Kaltura's clock is {abs(ahead_s)} s {'behind' if ahead_s < 0 else 'ahead of'} ours."
    if ahead_s == 0:
        return ok("Kaltura's clock and ours agree to the second.")
    fix = "Set this machine's clock by a time server (chrony or systemd-timesyncd)."
    if abs(ahead_s) > ks.CLOCK_SKEW_S:
        return failed(seen, fix)
    return warning(seen, fix) if abs(ahead_s) > NOTICEABLE_S else ok(seen)


def look_at_credentials(exam: Exam) -> Finding:
    """Whether Kaltura takes our KS, and takes it for an administrator of this account."""
    try:
        info = exam.kaltura.one(lambda client: client.session.get())
    except CredentialsMissing as error:
        return failed(str(error), "Set them.")
    except RemoteRejected as error:
        return _refused(exam, error)
    return _ours(info)


def _refused(exam: Exam, error: RemoteRejected) -> Finding:
    if error.error_class is ErrorClass.NEW_KS and exam.has_failed(CLOCK):
        return skipped("What we sign is out of date when it arrives, because “clock” failed.")
    if error.code == "SERVICE_FORBIDDEN" and not ks.can_mint():
        return failed(
            "The application token makes sessions that may not administer the account.",
            "Make one whose session type is ADMIN (2) and which sets no role.",
        )
    fix = _HOW_TO_SIGN if ks.can_mint() else _TOKEN_FIXES.get(error.code, error.rule.advice)
    return failed(f"Kaltura refuses account {settings.KALTURA_PARTNER_ID}: {refusal(error)}.", fix)


def _ours(info: Any) -> Finding:
    """Judge the session that Kaltura made of our credentials; an app token has its own mind."""
    user = wire(info.userId)
    privileges = {p.partition(":")[0].strip() for p in wire(info.privileges).split(",")}
    if wire(info.sessionType) != str(int(ks.KsType.ADMIN)):
        return failed(
            "Our session is no administrator's.",
            "Make an application token whose session type is ADMIN (2).",
        )
    if ks.Name.DISABLE_ENTITLEMENT not in privileges:
        return warning(
            "The application token leaves out disableentitlement: what is restricted to members "
            "would look as if it were not there.",
            "Make one whose session privileges are disableentitlement; Kaltura drops it when we "
            "ask for it ourselves.",
        )
    if user != settings.KALTURA_USER_ID:
        return warning(
            f"The application token acts as “{user}”, so that user will own what is made, not "
            f"“{settings.KALTURA_USER_ID}”.",
            f"Set KALTURA_USER_ID to “{user}”, or make a token for the other.",
        )
    means = "the administrator secret" if ks.can_mint() else "the application token"
    return ok(f"Kaltura takes {means} of account {wire(info.partnerId)}, as user “{user}”.")


CHECKS = (
    Check(SETTINGS, look_at_settings),
    Check(SERVICE, look_at_service),
    Check(CLOCK, look_at_clock, needs=(SERVICE,)),
    Check(CREDENTIALS, look_at_credentials, needs=(SERVICE,)),
)
