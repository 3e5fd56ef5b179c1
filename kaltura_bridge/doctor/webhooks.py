"""Whether Kaltura can notify us of changes made there; without that the sweep finds them later."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from kaltura_bridge.api.client import wire
from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.checks import (
    WEBHOOK_RULES,
    is_plain_http,
    settings_problems,
    unreachable_webhook,
)
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok, skipped, warning
from kaltura_bridge.doctor.connection import CREDENTIALS
from kaltura_bridge.doctor.fetch import NoAnswer, fetch

SETTING, ADDRESS = "webhook settings", "webhook address"
ANSWER_S: Final = 5.0
# KalturaEventNotificationTemplateStatus.ACTIVE and KalturaResponseType.RESPONSE_TYPE_JSON; the
# client returns enumerations as numbers, wire() as text.
ACTIVE: Final = "2"
JSON: Final = "1"
HTTP_TEMPLATE: Final = "KalturaHttpNotificationTemplate"
HTTP_DATA: Final = "KalturaHttpNotificationObjectData"


def address() -> str:
    """Where the portal receives Kaltura's notifications."""
    return f"{settings.SITE_URL}{reverse('kaltura:webhook')}"


def check_setting(run: DoctorRun) -> CheckResult:
    """Whether notifications are set up here, and whether Kaltura may be able to deliver them."""
    if not settings.KALTURA_WEBHOOK_SECRET:
        return skipped(
            "KALTURA_WEBHOOK_SECRET is empty: changes made at Kaltura are found by the periodic "
            "sweep, within minutes."
        )
    # A wrong administrator secret does not show whether the other one is right.
    rules = (unreachable_webhook,) if run.has_failed(CREDENTIALS) else WEBHOOK_RULES
    if found := settings_problems(*rules):
        return failed(found[0].seen, found[0].fix)
    if is_plain_http(settings.SITE_URL):
        return warning(
            f"SITE_URL is plain http ({settings.SITE_URL}).",
            "Set SITE_URL to the https address that people open.",
        )
    return ok(
        f"Kaltura is to call {address()}. Whether it can reach that address cannot be checked "
        "from here."
    )


def check_address(run: DoctorRun) -> CheckResult:
    """Whether the portal answers at that address: a GET gets 405, as only POST is allowed."""
    fix = "Check that the portal runs, and that the proxy in front of it passes this path on."
    try:
        status = fetch(address(), ANSWER_S).status
    except NoAnswer as error:
        return warning(f"{address()} cannot be reached from here: {error}.", fix)
    if status != 405:
        return failed(f"{address()} answers with HTTP {status} instead of 405.", fix)
    return ok(f"{address()} answers.")


def check_templates(run: DoctorRun) -> CheckResult:
    """Whether notifications at Kaltura call us, in a form that we can read."""
    try:
        answer = run.kaltura.one(_list_templates)
    except RemoteRejected as error:
        return skipped(f"Kaltura does not let us list its notifications ({error.code}).")
    ours = [template for template in listed(answer) if _calls_us(template)]
    if not ours:
        return warning(
            f"No active notification at Kaltura calls {address()}.",
            "Copy Kaltura's notification templates, set this address and activate them: see "
            "Webhooks in docs/operations.md.",
        )
    unreadable = [wire(template.name) for template in ours if not _sends_json(template)]
    if unreadable:
        return warning(
            "These notifications do not send the object as JSON, so the portal refuses them: "
            f"{', '.join(unreadable)}.",
            f"Set their data to a {HTTP_DATA} with format 1 (JSON).",
        )
    return ok(f"Notifications that call {address()}: {len(ours)}.")


def _list_templates(client: Any) -> object:
    answer: object = client.eventNotification.eventNotificationTemplate.list(pager=pager())
    return answer


def _sends_json(template: Any) -> bool:
    """Whether its messages contain the changed object as JSON."""
    data = template.data
    return type(data).__name__ == HTTP_DATA and wire(data.format) == JSON


def _calls_us(template: Any) -> bool:
    is_http = type(template).__name__ == HTTP_TEMPLATE
    return is_http and wire(template.status) == ACTIVE and wire(template.url) == address()


CHECKS = (
    Check(SETTING, check_setting),
    Check(ADDRESS, check_address, needs=(SETTING,)),
    Check("webhook templates", check_templates, needs=(SETTING, CREDENTIALS)),
)
