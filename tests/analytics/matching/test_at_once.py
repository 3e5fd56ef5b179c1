"""Several at once: two analysts, an analyst and a pull. One decision stands, and none is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from analytics.matching.decisions import StaleDecision, assign_run, link_person
from analytics.matching.settle import settle_again
from analytics.models import PersonLink, RoomRun, RunDecision, RunRule, Stay
from tests.analytics.matching.conftest import SharedRoom
from tests.factories import RegistrationFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def at_once(*jobs: Callable[[], object]) -> list[str]:
    """Do these at the same moment, each over a connection of its own; how each of them ended."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], object]) -> str:
        try:
            start.wait(10)
            job()
        except StaleDecision:
            return "stale"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(jobs)) as pool:
        return sorted(pool.map(run, jobs))


def test_two_who_decide_about_one_run_at_once(shared: SharedRoom):
    run = shared.run(5, 100)
    shared.stay(run, shared.ann, 10, 90)

    ended = at_once(
        lambda: assign_run(run, shared.early, shared.analyst),
        lambda: assign_run(run, shared.late, shared.analyst),
    )

    decision = RunDecision.objects.get()
    run.refresh_from_db()
    assert ended == ["done", "stale"]
    assert (run.session, run.matched_by) == (decision.session, RunRule.DECISION)
    assert len(shared.minutes()) == 1


def test_two_who_link_one_person_at_once(shared: SharedRoom):
    shared.stay(shared.run(0, 40), "900", 0, 10)
    ben = RegistrationFactory(event=shared.event).user

    ended = at_once(
        lambda: link_person(shared.event, "newrow", "900", shared.ann, shared.analyst),
        lambda: link_person(shared.event, "newrow", "900", ben, shared.analyst),
    )

    assert ended == ["done", "stale"]
    assert Stay.objects.get().user == PersonLink.objects.get().user


def test_a_decision_is_not_lost_to_a_pull_at_the_same_moment(shared: SharedRoom):
    runs = [shared.run(start, start + 95, f"run{start}") for start in range(0, 10)]
    shared.settle()
    stale = list(RoomRun.objects.filter(part_of=None))

    ended = at_once(
        lambda: settle_again(stale),
        lambda: [assign_run(run, shared.late, shared.analyst) for run in runs],
        lambda: settle_again(stale),
    )

    assert ended == ["done"] * 3
    assert set(RoomRun.objects.values_list("session", "matched_by")) == {
        (shared.late.pk, RunRule.DECISION)
    }
