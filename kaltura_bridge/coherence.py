"""Settings that do not fit together, seen without asking anybody.

Start-up checks and the doctor tell the same: one table of rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
# Connecting may be tried three times, and the answer read, while a lease runs.
CONNECTING_S: Final = 10
# Nobody needs so long from the click to Kaltura's page, and whoever finds the link may use it.
LONGEST_KAF_KS_S: Final = 3600
_KAF_HOST: Final = re.compile(r"(\d+)(?:-\d+)?\.kaf\.")


@dataclass(frozen=True)
class Misfit:
    """What does not fit, and how to mend it. ``fatal``: nothing should start so."""

    id: str
    seen: str
    fix: str
    fatal: bool = False


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own, where plain http is no danger."""
    host = urlsplit(url).hostname or ""
    return host in LOOPBACK or host.endswith(".localhost")


def is_bare(url: str) -> bool:
    """Whether an address is plain http over a network."""
    return urlsplit(url).scheme != "https" and not is_loopback(url)


Rule = Callable[[], Iterator[Misfit]]


def misfits(*rules: Rule) -> list[Misfit]:
    """What does not fit together by these rules."""
    return [found for rule in rules for found in rule()]


def _lease() -> Iterator[Misfit]:
    """A lease that may run out under a living sender: two would make one object."""
    least = settings.KALTURA_TIMEOUT_S + CONNECTING_S
    if least > settings.KALTURA_LEASE_S:
        yield Misfit(
            "E001",
            f"KALTURA_LEASE_S is {settings.KALTURA_LEASE_S:g}, but one call to Kaltura may take "
            f"{least:g} seconds.",
            f"Set KALTURA_LEASE_S to {least:g} or more, or KALTURA_TIMEOUT_S lower.",
            fatal=True,
        )


def _service_path() -> Iterator[Misfit]:
    if "/api_v3" in urlsplit(settings.KALTURA_SERVICE_URL).path:
        yield Misfit(
            "E002",
            f"KALTURA_SERVICE_URL names /api_v3 ({settings.KALTURA_SERVICE_URL}), which is added "
            "to it by itself.",
            "Leave that away, for example https://www.kaltura.com.",
            fatal=True,
        )


def _bare_service() -> Iterator[Misfit]:
    if is_bare(settings.KALTURA_SERVICE_URL):
        yield Misfit(
            "W001",
            "KALTURA_SERVICE_URL is plain http: signatures that open the account would be "
            "readable on the way.",
            "Write it with https.",
        )


def _bare_kaf() -> Iterator[Misfit]:
    if is_bare(settings.KALTURA_KAF_URL):
        yield Misfit(
            "W002",
            "KALTURA_KAF_URL is plain http: browsers give such pages neither camera nor "
            "microphone.",
            "Write it with https.",
        )


def _foreign_kaf() -> Iterator[Misfit]:
    named = _KAF_HOST.match(urlsplit(settings.KALTURA_KAF_URL).hostname or "")
    if named and int(named[1]) != settings.KALTURA_PARTNER_ID:
        yield Misfit(
            "W003",
            f"KALTURA_KAF_URL is the KAF of account {named[1]}, but KALTURA_PARTNER_ID is "
            f"{settings.KALTURA_PARTNER_ID}.",
            "Set both to the same account.",
        )


def lonely_webhook() -> Iterator[Misfit]:
    """Notifications are wanted from a Kaltura that cannot find us."""
    here, there = is_loopback(settings.SITE_URL), is_loopback(settings.KALTURA_SERVICE_URL)
    if settings.KALTURA_WEBHOOK_SECRET and here and not there:
        yield Misfit(
            "W004",
            f"KALTURA_WEBHOOK_SECRET is set, but Kaltura cannot reach SITE_URL "
            f"({settings.SITE_URL}).",
            "Set SITE_URL to the address people open, or leave KALTURA_WEBHOOK_SECRET empty.",
        )


def _long_link() -> Iterator[Misfit]:
    if settings.KALTURA_KAF_KS_S > LONGEST_KAF_KS_S:
        yield Misfit(
            "W005",
            f"KALTURA_KAF_KS_S is {settings.KALTURA_KAF_KS_S}: whoever gets hold of a link to a "
            "room could use it for as many seconds.",
            "Set it to a few minutes, for example 300. It does not end a visit that has begun.",
        )


def _foreign_signature() -> Iterator[Misfit]:
    signed, ours = settings.KALTURA_ADMIN_SECRET, settings.KALTURA_WEBHOOK_SECRET
    if signed and ours and signed != ours:
        yield Misfit(
            "W006",
            "KALTURA_WEBHOOK_SECRET is not KALTURA_ADMIN_SECRET, with which Kaltura signs its "
            "notifications: each would be refused.",
            "Set both to the account's administrator secret, or leave KALTURA_WEBHOOK_SECRET "
            "empty.",
        )


RULES: Final[tuple[Rule, ...]] = (
    _lease,
    _service_path,
    _bare_service,
    _bare_kaf,
    _foreign_kaf,
    _long_link,
)
WEBHOOK_RULES: Final[tuple[Rule, ...]] = (lonely_webhook, _foreign_signature)
