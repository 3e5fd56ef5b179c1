"""The bridge's own checks in the order in which they run: what others need comes first.

To add one: a function ``check_...`` in the module of its subject, a row in that module's
CHECKS. A new module also needs a line here.
"""

from __future__ import annotations

from typing import Final

from kaltura_bridge.doctor import (
    captions,
    categories,
    connection,
    galleries,
    join_tests,
    kaf,
    metadata_profiles,
    permissions,
    pictures,
    players,
    producing,
    recordings,
    reports,
    templates,
    vendor,
    webhooks,
)
from kaltura_bridge.doctor.base import Check

CHECKS: Final[tuple[Check, ...]] = (
    *connection.CHECKS,
    *permissions.CHECKS,
    *categories.CHECKS,
    *metadata_profiles.CHECKS,
    *templates.CHECKS,
    *pictures.CHECKS,
    *producing.CHECKS,
    *players.CHECKS,
    *recordings.CHECKS,
    *captions.CHECKS,
    *vendor.CHECKS,
    *reports.CHECKS,
    *kaf.CHECKS,
    *galleries.CHECKS,
    *join_tests.CHECKS,
    *webhooks.CHECKS,
)
