"""Whether Kaltura can tell us what changed there. Without it the sweep notices, later."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from kaltura_bridge.api.client import wire
from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.coherence import WEBHOOK_RULES, is_bare, lonely_webhook, misfits
from kaltura_bridge.doctor import web
from kaltura_bridge.doctor.base import Check, Exam, Finding, failed, ok, skipped, warning
from kaltura_bridge.doctor.door import CREDENTIALS

SETTING, ADDRESS = "webhook settings", "webhook address"
ANSWER_S: Final = 5.0
ACTIVE: Final = "2"
JSON: Final = "1"
HTTP_TEMPLATE: Final = "KalturaHttpNotificationTemplate"
HTTP_DATA: Final = "KalturaHttpNotificationObjectData"


def address() -> str:
    """Where Kaltura's notifications are taken."""
    return f"{settings.SITE_URL}{reverse('kaltura:webhook')}"


def look_at_setting(exam: Exam) -> Finding:
    """Whether notifications are wanted, and whether their address could be anybody's."""
    if not settings.KALTURA_WEBHOOK_SECRET:
        return skipped(
            "KALTURA_WEBHOOK_SECRET is empty: changes at Kaltura are noticed by the sweep, "
            "within minutes."
        )
    # A wrong administrator secret tells nothing of whether the other one is right.
    rules = (lonely_webhook,) if exam.has_failed(CREDENTIALS) else WEBHOOK_RULES
    if found := misfits(*rules):
        return failed(found[0].seen, found[0].fix)
    if is_bare(settings.SITE_URL):
        return warning(
            f"SITE_URL is plain http ({settings.SITE_URL}).",
            "Set SITE_URL to the https address that people open.",
        )
    return ok(
        f"Kaltura is to call {address()}. Whether it can from where it stands, cannot be "
        "seen from here."
    )


def look_at_address(exam: Exam) -> Finding:
    """Whether the portal itself answers there: to a GET it says 405, only POST is taken."""
    fix = "See whether the portal runs, and whether the proxy in front hands the path on to it."
    try:
        status = web.fetch(address(), ANSWER_S).status
    except web.Silent as silence:
        return warning(f"{address()} cannot be reached from here: {silence}.", fix)
    if status != 405:
        return failed(f"{address()} answers with HTTP {status} instead of 405.", fix)
    return ok(f"{address()} answers.")


def look_at_templates(exam: Exam) -> Finding:
    """Whether Kaltura has been told to call us, in a form that we read."""
    try:
        answer = exam.kaltura.one(_list_templates)
    except RemoteRejected as error:
        return skipped(f"Kaltura does not list notifications for us ({error.code}).")
    ours = [t for t in listed(answer) if _is_ours(t)]
    if not ours:
        return warning(
            f"No active notification at Kaltura calls {address()}.",
            "Copy Kaltura's templates, give them this address and switch them on: "
            "docs/operations.md, Webhooks, has the calls.",
        )
    useless = [wire(template.name) for template in ours if not _tells(template)]
    if useless:
        return warning(
            f"They do not send the object as JSON, so they are refused here: {', '.join(useless)}.",
            f"Give them as data a {HTTP_DATA} with format 1 (JSON).",
        )
    return ok(f"{len(ours)} notifications call {address()}.")


def _list_templates(client: Any) -> object:
    answer: object = client.eventNotification.eventNotificationTemplate.list(pager=pager())
    return answer


def _tells(template: Any) -> bool:
    """Whether its messages say in JSON what changed."""
    data = template.data
    return type(data).__name__ == HTTP_DATA and wire(data.format) == JSON


def _is_ours(template: Any) -> bool:
    is_http = type(template).__name__ == HTTP_TEMPLATE
    return is_http and wire(template.status) == ACTIVE and wire(template.url) == address()


CHECKS = (
    Check(SETTING, look_at_setting),
    Check(ADDRESS, look_at_address, needs=(SETTING,)),
    Check("webhook templates", look_at_templates, needs=(SETTING, CREDENTIALS)),
)
