"""Which checks there are: Kaltura's own, and those that other apps registered."""

from __future__ import annotations

from kaltura_bridge.doctor.base import Check

_registered: dict[str, Check] = {}


def register(check: Check) -> None:
    """Add a check after Kaltura's own; one of the same name takes the other's place."""
    _registered[check.name] = check


def all_checks() -> list[Check]:
    """Every check in the order in which they run: what is needed comes first."""
    from kaltura_bridge.doctor.table import CHECKS  # loads the Kaltura client

    return [*CHECKS, *_registered.values()]
