"""A worker killed at any call to Kaltura, before it or after: nothing lost, nothing twice."""

from __future__ import annotations

import pytest

from kaltura_bridge.models import VendorJob, VendorStep
from tests.kaltura_bridge.support.vendoring import VendorSite, expire_leases

pytestmark = [pytest.mark.django_db(transaction=True)]

# The calls of one job, in their order; a transcript would only repeat three of them.
CALLS = (
    "startWidgetSession startSession startSession getJobs updateJob get get item "
    "getPlaybackContext manifest file list add setContent updateJob"
).split()
ADD, SET_CONTENT, READY = (CALLS.index("add") + 1, CALLS.index("setContent") + 1, len(CALLS))
EVERY_DAY = [(5, True), (ADD, False), (ADD, True), (READY, False), (READY, True)]
ALL = [(call, after) for call in range(1, len(CALLS) + 1) for after in (False, True)]


def cases():
    for call, after in ALL:
        marks = [] if (call, after) in EVERY_DAY else [pytest.mark.proof]
        name = f"{'after' if after else 'before'} {CALLS[call - 1]} ({call})"
        yield pytest.param(call, after, id=name, marks=marks)


@pytest.mark.postgres
@pytest.mark.parametrize(("call", "after"), list(cases()))
def test_killed_worker_loses_and_doubles_nothing(vendor: VendorSite, call: int, after: bool):
    task = vendor.order()
    assert vendor.die_at(call, after)
    expire_leases()
    vendor.round()

    (asset,) = [*vendor.captions(), *vendor.captions(0)]
    job = VendorJob.objects.get()
    done = vendor.task(task)
    assert (done["status"], done["outputObjectId"], asset["status"]) == (2, asset["id"], 2)
    assert (job.step, job.output_id) == (VendorStep.READY, asset["id"])
    assert float(done["price"]) == 2.0


def test_there_are_no_further_calls_to_be_killed_at(vendor: VendorSite):
    vendor.order()
    assert not vendor.die_at(len(CALLS) + 1, False)


def test_killed_worker_tells_its_error_later(vendor: VendorSite):
    """The error is noted before it is told; the half-made captions are taken away first."""
    task = vendor.order()
    vendor.simulator.answer_with("captionAsset.setContent", "INVALID_OBJECT_ID", ID="x")
    # After setContent: the deletion of the captions, then the error.
    assert vendor.die_at(SET_CONTENT + 1, True)
    expire_leases()
    vendor.round()

    assert (vendor.status(task)[0], vendor.captions(), vendor.captions(0)) == (6, [], [])
    assert VendorJob.objects.get().step == VendorStep.FAILED
