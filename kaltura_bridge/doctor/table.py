"""Kaltura's own checks in the order in which they run: what others need comes first."""

from __future__ import annotations

from typing import Final

from kaltura_bridge.doctor import door, figures, kaf, patterns, places, powers, webhooks
from kaltura_bridge.doctor.base import Check

CHECKS: Final[tuple[Check, ...]] = (
    *door.CHECKS,
    *powers.CHECKS,
    *places.CHECKS,
    *patterns.CHECKS,
    *figures.CHECKS,
    *kaf.CHECKS,
    *webhooks.CHECKS,
)
