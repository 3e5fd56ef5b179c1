"""The pages that people meet: whether KAF is there, and whether it takes what we sign."""

from __future__ import annotations

import re
from typing import Final

from django.conf import settings

from kaltura_bridge.api import ks
from kaltura_bridge.doctor import web
from kaltura_bridge.doctor.base import Check, Exam, Finding, failed, ok, skipped, warning
from kaltura_bridge.doctor.door import CLOCK, CREDENTIALS
from kaltura_bridge.join.embeds import view_entry_url

KAF, SIGNATURE = "KAF", "KAF signature"
# No entry has it: the page is opened for nobody and nothing, and no visit is counted.
NO_ENTRY: Final = "0_00000000"


def look_at_kaf(exam: Exam) -> Finding:
    """Whether KAF is provisioned: ``/version`` answers 200 then, and 500 before."""
    fix = "Check KALTURA_KAF_URL. Kaltura tells you the address when it has set KAF up."
    try:
        status = web.fetch(f"{settings.KALTURA_KAF_URL}/version").status
    except web.Silent as silence:
        return failed(f"{settings.KALTURA_KAF_URL}: {silence}.", fix)
    if status == 500:
        return failed(
            f"{settings.KALTURA_KAF_URL} is there, but not set up yet (HTTP 500).",
            "Wait until Kaltura has provisioned it, or ask them.",
        )
    if status != 200:
        return failed(f"{settings.KALTURA_KAF_URL}/version answers with HTTP {status}.", fix)
    return ok(f"{settings.KALTURA_KAF_URL} answers.")


def look_at_signature(exam: Exam) -> Finding:
    """Open a page with a KS of ours, and again with one that is spoilt: KAF must tell them apart.

    Kaltura publishes no statuses for these pages; that both get the same is what tells.
    """
    if not ks.can_mint():
        return skipped("Only KALTURA_ADMIN_SECRET signs people in, and it is empty.")
    visitor = ks.Visitor(settings.KALTURA_USER_ID, "Doctor")
    good = ks.kaf_entry_ks(visitor, NO_ENTRY)
    try:
        ours, spoilt = (web.fetch(view_entry_url(text)) for text in (good, spoil(good)))
    except web.Silent as silence:
        return failed(f"Its pages do not answer: {silence}.", "Ask Kaltura about this KAF.")
    return judge(ours, spoilt)


def spoil(text: str) -> str:
    """The same KS with one letter of its signed part changed."""
    place = len(text) // 2
    other = "A" if text[place] != "A" else "B"
    return text[:place] + other + text[place + 1 :]


def judge(ours: web.Answer, spoilt: web.Answer) -> Finding:
    """What two answers say, to a KS that is right and to one that is not."""
    if ours.status >= 500:
        return failed(f"Its pages break (HTTP {ours.status}).", "Ask Kaltura about this KAF.")
    if _gist(ours) != _gist(spoilt):
        return ok("It takes what we sign.")
    if ours.status >= 400:
        return failed(
            f"It refuses what we sign (HTTP {ours.status}), though Kaltura itself takes it.",
            "Check that KALTURA_KAF_URL belongs to the account of KALTURA_PARTNER_ID, and that "
            "Kaltura has set its authMethod to ks.",
        )
    return warning(
        "It answers alike to a right signature and to a wrong one.",
        f"Open {settings.KALTURA_KAF_URL}/kaftestme/index/index and see what it asks for.",
    )


def _gist(answer: web.Answer) -> tuple[int, str]:
    """Status and words of a page, without tags, numbers and long tokens, which differ anyway."""
    words = re.sub(r"<[^>]*>|\S{30,}|\d+", " ", answer.text)
    return answer.status, " ".join(words.split())


CHECKS = (
    Check(KAF, look_at_kaf),
    Check(SIGNATURE, look_at_signature, needs=(KAF, CREDENTIALS, CLOCK)),
)
