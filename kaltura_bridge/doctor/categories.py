"""The parent category, below which the portal creates all its categories."""

from __future__ import annotations

import re
from typing import Final

from django.conf import settings

from kaltura_bridge.api.client import new, wire
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok
from kaltura_bridge.doctor.connection import CREDENTIALS

# KAF shows what lies below the channels of its root category, and refuses everything else.
_CHANNELS: Final = re.compile(r"[^>]+>site>channels(>.+)?")


def check_parent(run: DoctorRun) -> CheckResult:
    """Whether the parent category exists, and where KAF finds what is below it."""
    name = settings.KALTURA_PARENT_CATEGORY
    if not name:
        return failed(
            "KALTURA_PARENT_CATEGORY is empty: KAF would not find the events' categories.",
            "Set it to the full name of KAF's channels, for example KAF>site>channels.",
        )
    by_name = new("KalturaCategoryFilter", fullNameEqual=name)
    found = listed(run.kaltura.one(lambda client: client.category.list(by_name, pager())))
    if not found:
        return failed(
            f"Kaltura has no category “{name}”.",
            "Set KALTURA_PARENT_CATEGORY to the category's full name as KMC shows it. After KAF "
            "is set up, it takes a while until its channels exist.",
        )
    if not _CHANNELS.fullmatch(name):
        return failed(
            f"“{name}” is not below site>channels, and KAF shows nothing that is elsewhere.",
            "Set KALTURA_PARENT_CATEGORY to ROOT>site>channels, where ROOT is KAF's root category.",
        )
    return ok(f"“{name}” is category {wire(found[0].id)}.")


CHECKS = (Check("parent category", check_parent, needs=(CREDENTIALS,)),)
