"""All checks: the bridge's own, and those that other apps registered."""

from __future__ import annotations

from kaltura_bridge.doctor.base import Check

_registered: dict[str, Check] = {}


def register(check: Check) -> None:
    """Add a check after the bridge's own; it replaces one that was registered under its name."""
    _registered[check.name] = check


def all_checks() -> list[Check]:
    """Every check in the order in which they run: what others need comes first."""
    from kaltura_bridge.doctor.table import CHECKS  # loads the Kaltura client

    return [*CHECKS, *_registered.values()]
