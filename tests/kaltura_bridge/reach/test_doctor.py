"""The doctor's line for caption vendors, each way of being unwell, and the journal in the admin."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from KalturaClient.Plugins import Core

from kaltura_bridge.doctor.base import CheckVerdict, DoctorRun
from kaltura_bridge.doctor.vendor import check_vendor
from kaltura_bridge.models import VendorJob
from tests.factories import UserFactory
from tests.kaltura_bridge.support.joining import signed_in
from tests.kaltura_bridge.support.vendoring import VendorSite

pytestmark = [pytest.mark.django_db]


def verdict() -> tuple[CheckVerdict, str]:
    found = check_vendor(DoctorRun())
    return found.verdict, found.seen


def test_vendor_that_is_well_says_how_much_waits(vendor: VendorSite):
    vendor.order()
    assert verdict() == (CheckVerdict.OK, "Jobs that wait for this vendor: 1.")


def test_installation_that_is_no_vendor_is_well(settings):
    settings.REACH_VENDOR_PARTNER_ID = None
    assert verdict()[0] == CheckVerdict.OK


def test_wrong_token_privilege_account_and_left_jobs_are_told(vendor: VendorSite, settings):
    vendor.order()
    vendor.simulator.refuse("entryVendorTask.updateJob", times=1)
    vendor.round()
    VendorJob.objects.update(next_try_at=datetime(2020, 1, 1, tzinfo=UTC))
    left = verdict()
    vendor.set_up("list:*")
    lacks = verdict()
    settings.REACH_VENDOR_APP_TOKEN = "0" * 32
    wrong = verdict()
    token = vendor.customer().appToken.add(
        Core.KalturaAppToken(sessionPrivileges="disableentitlement", sessionType=2)
    )
    settings.REACH_VENDOR_PARTNER_ID = vendor.simulator.partner_id
    settings.REACH_VENDOR_APP_TOKEN_ID, settings.REACH_VENDOR_APP_TOKEN = token.id, token.token
    other = verdict()

    assert left == (
        CheckVerdict.WARNING,
        "Jobs that were begun and that no worker goes on with: 1.",
    )
    assert [each[0] for each in (lacks, wrong, other)] == [CheckVerdict.FAILED] * 3
    assert "disableentitlement" in lacks[1]
    assert "INVALID_APP_TOKEN_HASH" in wrong[1]
    assert "is no vendor at Kaltura" in other[1]


def test_journal_shows_the_job_and_nothing_that_was_said(vendor: VendorSite):
    task = vendor.order()
    vendor.simulator.refuse("captionAsset.list", times=1)
    vendor.round()
    job = VendorJob.objects.get()
    client = signed_in(UserFactory(is_superuser=True, is_staff=True))
    pages = [
        client.get(reverse("admin:kaltura_bridge_vendorjob_changelist")),
        client.get(reverse("admin:kaltura_bridge_vendorjob_change", args=[job.pk])),
    ]

    assert job.cues[0][2].endswith("bytes of English")
    for page in pages:
        text = page.content.decode()
        assert (page.status_code, str(task) in text, "bytes of English" in text) == (
            200,
            True,
            False,
        )
