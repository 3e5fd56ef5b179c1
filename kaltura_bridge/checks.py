"""Start-up checks: settings that do not fit together, found without asking anybody.

``manage.py check`` and every start report them, and the doctor by the same table of rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
# A sender may try to connect three times and then wait for the answer, all under one lease.
CONNECTING_S: Final = 10
# Nobody takes this long from the click to Kaltura's page, and whoever gets the link may use it.
LONGEST_KAF_KS_S: Final = 3600
_KAF_HOST: Final = re.compile(r"(\d+)(?:-\d+)?\.kaf\.")


@dataclass(frozen=True)
class SettingsProblem:
    """What does not fit together, and how to fix it. ``fatal``: the portal must not start so."""

    id: str
    seen: str
    fix: str
    fatal: bool = False


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own, where plain http is safe."""
    host = urlsplit(url).hostname or ""
    return host in LOOPBACK or host.endswith(".localhost")


def is_plain_http(url: str) -> bool:
    """Whether an address is reached without TLS over a network."""
    return urlsplit(url).scheme != "https" and not is_loopback(url)


Rule = Callable[[], Iterator[SettingsProblem]]


def settings_problems(*rules: Rule) -> list[SettingsProblem]:
    """What does not fit together by these rules."""
    return [found for rule in rules for found in rule()]


def _short_lease() -> Iterator[SettingsProblem]:
    """A lease that may expire while its sender still works: a second one would send the same."""
    least = settings.KALTURA_TIMEOUT_S + CONNECTING_S
    if least > settings.KALTURA_LEASE_S:
        yield SettingsProblem(
            "E001",
            f"KALTURA_LEASE_S is {settings.KALTURA_LEASE_S:g}, but one call to Kaltura may take "
            f"{least:g} seconds.",
            f"Set KALTURA_LEASE_S to {least:g} or more, or reduce KALTURA_TIMEOUT_S.",
            fatal=True,
        )


def _service_path() -> Iterator[SettingsProblem]:
    if "/api_v3" in urlsplit(settings.KALTURA_SERVICE_URL).path:
        yield SettingsProblem(
            "E002",
            f"KALTURA_SERVICE_URL contains /api_v3 ({settings.KALTURA_SERVICE_URL}), which is "
            "added automatically.",
            "Remove the path, for example https://www.kaltura.com.",
            fatal=True,
        )


def _plain_http_service() -> Iterator[SettingsProblem]:
    if is_plain_http(settings.KALTURA_SERVICE_URL):
        yield SettingsProblem(
            "W001",
            "KALTURA_SERVICE_URL is plain http: anybody on the network could read signatures "
            "that give access to the account.",
            "Use https.",
        )


def _plain_http_kaf() -> Iterator[SettingsProblem]:
    if is_plain_http(settings.KALTURA_KAF_URL):
        yield SettingsProblem(
            "W002",
            "KALTURA_KAF_URL is plain http: browsers do not let such pages use camera and "
            "microphone.",
            "Use https.",
        )


def _foreign_kaf() -> Iterator[SettingsProblem]:
    named = _KAF_HOST.match(urlsplit(settings.KALTURA_KAF_URL).hostname or "")
    if named and int(named[1]) != settings.KALTURA_PARTNER_ID:
        yield SettingsProblem(
            "W003",
            f"KALTURA_KAF_URL is the KAF of account {named[1]}, but KALTURA_PARTNER_ID is "
            f"{settings.KALTURA_PARTNER_ID}.",
            "Set both to the same account.",
        )


def unreachable_webhook() -> Iterator[SettingsProblem]:
    """Kaltura is to notify an address that only this machine can reach."""
    here, there = is_loopback(settings.SITE_URL), is_loopback(settings.KALTURA_SERVICE_URL)
    if settings.KALTURA_WEBHOOK_SECRET and here and not there:
        yield SettingsProblem(
            "W004",
            f"KALTURA_WEBHOOK_SECRET is set, but Kaltura cannot reach SITE_URL "
            f"({settings.SITE_URL}).",
            "Set SITE_URL to the address that people open, or leave KALTURA_WEBHOOK_SECRET empty.",
        )


def _long_link() -> Iterator[SettingsProblem]:
    if settings.KALTURA_KAF_KS_S > LONGEST_KAF_KS_S:
        yield SettingsProblem(
            "W005",
            f"KALTURA_KAF_KS_S is {settings.KALTURA_KAF_KS_S}: a link to a room could be used by "
            "anybody who gets hold of it for that many seconds.",
            "Set it to a few minutes, for example 300. Visits that have begun do not end with it.",
        )


def _foreign_signature() -> Iterator[SettingsProblem]:
    signed, ours = settings.KALTURA_ADMIN_SECRET, settings.KALTURA_WEBHOOK_SECRET
    if signed and ours and signed != ours:
        yield SettingsProblem(
            "W006",
            "KALTURA_WEBHOOK_SECRET differs from KALTURA_ADMIN_SECRET, with which Kaltura signs "
            "its notifications: all of them would be refused.",
            "Set both to the account's administrator secret, or leave KALTURA_WEBHOOK_SECRET "
            "empty.",
        )


def _unsigned_alarms() -> Iterator[SettingsProblem]:
    if bool(settings.ALARM_WEBHOOK_URL) != bool(settings.ALARM_WEBHOOK_SECRET):
        yield SettingsProblem(
            "W007",
            "Of ALARM_WEBHOOK_URL and ALARM_WEBHOOK_SECRET only one is set, so no alarm goes to "
            "the webhook.",
            "Set both, or neither.",
        )
    elif settings.ALARM_WEBHOOK_URL and is_plain_http(settings.ALARM_WEBHOOK_URL):
        yield SettingsProblem(
            "W008",
            "ALARM_WEBHOOK_URL is plain http: anybody on the network could read the alarms.",
            "Use https.",
        )


RULES: Final[tuple[Rule, ...]] = (
    _short_lease,
    _service_path,
    _plain_http_service,
    _plain_http_kaf,
    _foreign_kaf,
    _long_link,
    _unsigned_alarms,
)
WEBHOOK_RULES: Final[tuple[Rule, ...]] = (unreachable_webhook, _foreign_signature)


@register(Tags.compatibility)
def check_settings(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Errors for settings that would do harm, warnings for those that are likely wrong."""
    return [
        (Error if problem.fatal else Warning)(
            problem.seen, hint=problem.fix, id=f"kaltura_bridge.{problem.id}"
        )
        for problem in settings_problems(*RULES, *WEBHOOK_RULES)
    ]
