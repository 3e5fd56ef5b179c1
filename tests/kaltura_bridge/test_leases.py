"""Claims on rows: one worker at a time, held while it lives, lost when it sleeps or dies."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from events import holders
from kaltura_bridge.leases import LeaseLost, Leases
from kaltura_bridge.models import VendorJob

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

LEASES = Leases(VendorJob, lambda: 60.0)


def job(task_id: int) -> VendorJob:
    return VendorJob.objects.create(vendor_id=1, task_id=task_id, customer_id=2, entry_id="1_a")


def due():
    return VendorJob.objects.filter(finished_at=None).order_by("task_id")


def as_kept(row: VendorJob) -> tuple[str, bool, str]:
    kept = VendorJob.objects.get(pk=row.pk)
    return kept.holder, kept.lease_until is not None, kept.problem


def test_each_row_is_taken_once_and_in_the_order_asked_for():
    second, first = job(2), job(1)

    taken = [LEASES.take(due()) for _ in range(3)]

    assert taken == [first, second, None]
    assert taken[0].holder != taken[1].holder
    assert 59 < (taken[0].lease_until - timezone.now()).total_seconds() <= 60


def test_holder_writes_holds_on_and_lets_go():
    job(1)
    row = LEASES.take(due())
    VendorJob.objects.update(lease_until=timezone.now() + timedelta(seconds=5))

    LEASES.write(row, problem="a note")
    noted = VendorJob.objects.get()
    LEASES.keep(row, problem="at work")
    kept = VendorJob.objects.get()
    LEASES.release(row, problem="done")

    assert (noted.problem, (noted.lease_until - timezone.now()).total_seconds() < 6) == (
        "a note",
        True,
    )
    assert (kept.problem, (kept.lease_until - timezone.now()).total_seconds() > 59) == (
        "at work",
        True,
    )
    assert as_kept(row) == ("", False, "done")
    assert (row.holder, row.lease_until, row.problem) == ("", None, "done")
    for write in (LEASES.write, LEASES.keep, LEASES.release):
        with pytest.raises(LeaseLost):  # It is nobody's now.
            write(row, problem="once more")
    assert as_kept(row) == ("", False, "done")


@pytest.mark.parametrize("lost", ["taken over", "deleted"])
def test_worker_that_slept_over_its_lease_writes_nothing(lost):
    job(1)
    slept = LEASES.take(due())
    VendorJob.objects.update(lease_until=timezone.now())
    other = LEASES.take(due())
    if lost == "deleted":
        VendorJob.objects.all().delete()

    for write in (LEASES.write, LEASES.keep, LEASES.release):
        with pytest.raises(LeaseLost):
            write(slept, problem="mine")

    if lost == "taken over":
        assert as_kept(other) == (other.holder, True, "")


def test_lease_that_ran_out_is_still_the_holders_until_somebody_takes_it():
    job(1)
    row = LEASES.take(due())
    VendorJob.objects.update(lease_until=timezone.now())

    LEASES.keep(row)

    assert LEASES.take(due()) is None


def test_rows_of_dead_workers_here_are_free_at_once():
    dead, elsewhere, alive = job(1), job(2), job(3)
    ended = os.fork()
    if ended == 0:
        os._exit(0)
    os.waitpid(ended, 0)
    later = timezone.now() + timedelta(hours=1)
    for row, holder in (
        (dead, f"{holders.this_machine()}|{ended}|12345|x"),
        (elsewhere, f"another|{ended}|12345|x"),
        (alive, holders.new_holder()),
    ):
        VendorJob.objects.filter(pk=row.pk).update(holder=holder, lease_until=later)

    LEASES.free_dead()

    assert LEASES.take(due()) == dead
    assert LEASES.take(due()) is None
