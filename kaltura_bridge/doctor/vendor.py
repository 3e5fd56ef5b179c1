"""Whether this installation, where it is a caption vendor, can take and deliver jobs."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok, warning
from kaltura_bridge.models import VendorJob

# Nothing that a worker holds or waits for is this late.
LATE_S: Final = 3600


def check_vendor(run: DoctorRun) -> CheckResult:
    """Sign in as the vendor, and ask what waits; the rest of the portal needs none of it."""
    if not settings.REACH_VENDOR_PARTNER_ID:
        return ok("This installation makes no captions for other accounts.")
    from kaltura_bridge.reach.account import VendorAccount, VendorNotSetUp

    account = VendorAccount()
    try:
        waiting = sum(1 for _ in account.waiting())
    except VendorNotSetUp as error:
        return failed(str(error), "Make another application token in the vendor's account.")
    except RemoteRejected as error:
        if error.code not in {"SERVICE_FORBIDDEN", "FEATURE_FORBIDDEN"}:
            raise
        return failed(
            f"The account {account.id} is no vendor at Kaltura ({error.code}).",
            "Ask Kaltura to make it a REACH vendor, or correct REACH_VENDOR_PARTNER_ID.",
        )
    return _late(account.id) or ok(f"Jobs that wait for this vendor: {waiting}.")


def _late(vendor_id: int) -> CheckResult | None:
    """Jobs that were begun, are due, and that no worker takes on."""
    before = timezone.now() - timedelta(seconds=LATE_S)
    due = VendorJob.objects.filter(vendor_id=vendor_id, finished_at=None, next_try_at__lt=before)
    number = due.count()
    if not number:
        return None
    return warning(
        f"Jobs that were begun and that no worker goes on with: {number}.",
        "Start manage.py reach_vendor again, and see what its log says.",
    )


CHECKS = (Check("caption vendor", check_vendor),)
