"""KAF, whose pages people meet: whether it is there, and whether it accepts our signatures."""

from __future__ import annotations

import re
from typing import Final

from django.conf import settings

from kaltura_bridge.api import ks
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok, skipped, warning
from kaltura_bridge.doctor.connection import CLOCK, CREDENTIALS
from kaltura_bridge.doctor.fetch import HttpAnswer, NoAnswer, fetch
from kaltura_bridge.join.embeds import view_entry_url

KAF, SIGNATURE = "KAF", "KAF signature"
# No entry has this ID: the page shows nothing, and no visit is counted.
NO_ENTRY: Final = "0_00000000"


def check_kaf(run: DoctorRun) -> CheckResult:
    """Whether KAF is provisioned: ``/version`` answers 200 then, and 500 before.

    Source: https://github.com/kaltura/kaf-diy-standalone-demo.
    """
    fix = "Check KALTURA_KAF_URL. Kaltura tells you the address when it has set KAF up."
    try:
        status = fetch(f"{settings.KALTURA_KAF_URL}/version").status
    except NoAnswer as error:
        return failed(f"{settings.KALTURA_KAF_URL}: {error}.", fix)
    if status == 500:
        return failed(
            f"{settings.KALTURA_KAF_URL} exists but is not set up yet (HTTP 500).",
            "Wait until Kaltura has provisioned it, or ask them.",
        )
    if status != 200:
        return failed(f"{settings.KALTURA_KAF_URL}/version answers with HTTP {status}.", fix)
    return ok(f"{settings.KALTURA_KAF_URL} answers.")


def check_signature(run: DoctorRun) -> CheckResult:
    """Open a page with a KS of ours, and again with a damaged one: KAF must tell them apart.

    Kaltura documents no status codes for these pages, so only the difference is a sign.
    """
    if not ks.can_mint():
        return skipped("Only KALTURA_ADMIN_SECRET can sign people in, and it is empty.")
    visitor = ks.Visitor(settings.KALTURA_USER_ID, "Doctor")
    good = ks.kaf_entry_ks(visitor, NO_ENTRY)
    try:
        signed, damaged = (fetch(view_entry_url(text)) for text in (good, damage(good)))
    except NoAnswer as error:
        return failed(f"KAF's pages do not answer: {error}.", "Ask Kaltura about this KAF.")
    return judge(signed, damaged)


def damage(text: str) -> str:
    """The same KS with one letter of its signed part changed."""
    place = len(text) // 2
    other = "A" if text[place] != "A" else "B"
    return text[:place] + other + text[place + 1 :]


def judge(signed: HttpAnswer, damaged: HttpAnswer) -> CheckResult:
    """What the answers to a correct and to a damaged KS say."""
    if signed.status >= 500:
        return failed(f"KAF's pages fail (HTTP {signed.status}).", "Ask Kaltura about this KAF.")
    if _content(signed) != _content(damaged):
        return ok("KAF accepts our signatures.")
    if signed.status >= 400:
        return failed(
            f"KAF refuses our signatures (HTTP {signed.status}), though Kaltura accepts them.",
            "Check that KALTURA_KAF_URL belongs to the account of KALTURA_PARTNER_ID, and that "
            "Kaltura has set its authMethod to ks.",
        )
    return warning(
        "KAF gives the same answer to a correct and to a damaged signature.",
        f"Open {settings.KALTURA_KAF_URL}/kaftestme/index/index and see what it asks for.",
    )


def _content(answer: HttpAnswer) -> tuple[int, str]:
    """Status and words of a page, without tags, numbers and long tokens, which always differ."""
    words = re.sub(r"<[^>]*>|\S{30,}|\d+", " ", answer.text)
    return answer.status, " ".join(words.split())


CHECKS = (
    Check(KAF, check_kaf),
    Check(SIGNATURE, check_signature, needs=(KAF, CREDENTIALS, CLOCK)),
)
