"""What people decide about runs and people is remembered, survives, and can be undone."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from analytics.matching.decisions import (
    StaleDecision,
    assign_run,
    link_person,
    mark_tester,
    people_linkable_by,
    split_run,
    undo_link,
    undo_run_decision,
)
from analytics.matching.settle import rematch
from analytics.models import PersonLink, RoomRun, RunDecision, RunRule, Stay
from events.models import Session
from tests.analytics.matching.conftest import SharedRoom, at
from tests.factories import EventFactory, RegistrationFactory, TeamMemberFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def owner(run: RoomRun) -> tuple[Session | None, str]:
    run.refresh_from_db()
    return run.session, run.matched_by


def test_a_run_says_which_rule_chose_its_session(shared: SharedRoom):
    only, both, none = shared.run(-10, 20), shared.run(5, 100, "long"), shared.run(-90, -50, "dry")
    shared.settle()

    assert [owner(run) for run in (only, both, none)] == [
        (shared.early, RunRule.WINDOW),
        (shared.early, RunRule.MOST_TIME),
        (None, RunRule.NONE),
    ]


def test_a_decision_outlives_pulls_and_new_matching_until_it_is_undone(shared: SharedRoom):
    run = shared.run(5, 100)
    shared.stay(run, shared.ann, 62, 90)
    shared.settle()
    before = shared.minutes()

    decision = assign_run(run, shared.late, shared.analyst, "It was the late one")
    shared.settle()
    rematch(shared.early)
    decided = owner(run), shared.minutes()
    undo_run_decision(decision, shared.analyst)

    decision.refresh_from_db()
    assert decided == ((shared.late, RunRule.DECISION), {("Late", "Ann"): "28.00"})
    assert (owner(run), shared.minutes()) == ((shared.early, RunRule.MOST_TIME), before)
    assert (decision.decided_by, decision.reason) == (shared.analyst, "It was the late one")
    assert (decision.undone_by, decision.stands) == (shared.analyst, False)


def test_a_run_can_be_said_to_belong_to_no_session(shared: SharedRoom):
    run = shared.run(5, 30)
    shared.stay(run, shared.ann, 5, 30)
    shared.settle()

    assign_run(run, None, shared.analyst, "A rehearsal")
    shared.settle()

    assert (owner(run), shared.minutes()) == ((None, RunRule.DECISION), {})


def test_a_split_run_counts_for_both_sessions_up_to_and_from_the_moment(shared: SharedRoom):
    run = shared.run(0, 100)
    shared.stay(run, shared.ann, 10, 80)
    shared.stay(run, "900", 5, 20, name="Guest")
    shared.stay(run, "901", 70, None, name="Stayer")
    shared.settle()

    decision = split_run(run, at(50), shared.early, shared.late, shared.analyst)

    halves = {
        ("Early", "Ann"): "40.00",
        ("Late", "Ann"): "30.00",
        ("Early", "newrow:900"): "15.00",
        ("Late", "newrow:901"): "30.00",
    }
    assert shared.minutes() == halves
    reported = list(Stay.objects.filter(run=run).order_by("pk").values())
    assert len(reported) == 3 and reported[0]["left_at"] == at(80)
    undo_run_decision(decision, shared.analyst)
    assert shared.minutes() == {
        ("Early", "Ann"): "65.00",
        ("Early", "newrow:900"): "15.00",
        ("Early", "newrow:901"): "5.00",
    }
    assert list(Stay.objects.order_by("pk").values()) == reported


def test_a_pull_after_a_split_renews_the_parts_and_writes_only_what_differs(shared: SharedRoom):
    run = shared.run(0, 100)
    shared.stay(run, shared.ann, 10, 80)
    shared.settle()
    split_run(run, at(50), shared.early, shared.late, shared.analyst)
    parts = Stay.objects.exclude(run=run).order_by("pk")
    first = list(parts.values())

    shared.settle()
    again = list(parts.values())
    shared.stay(run, "900", 90, 95)
    shared.settle()

    assert again == first
    assert list(parts.values())[:2] == first
    assert shared.minutes() == {
        ("Early", "Ann"): "40.00",
        ("Late", "Ann"): "30.00",
        ("Late", "newrow:900"): "5.00",
    }


@pytest.mark.parametrize("moment", [-5, 0, 100, 130])
def test_a_split_lies_within_the_run(shared: SharedRoom, moment):
    run = shared.run(0, 100)

    with pytest.raises(ValidationError):
        split_run(run, at(moment), shared.early, shared.late, shared.analyst)
    assert RunDecision.objects.count() == 0


def test_nobody_overrules_a_decision_that_they_have_not_seen(shared: SharedRoom):
    run, other = shared.run(0, 100), TeamMemberFactory(event=shared.event).user
    first = assign_run(run, shared.early, shared.analyst)

    with pytest.raises(StaleDecision):
        assign_run(run, shared.late, other)
    second = assign_run(run, shared.late, other, seen=first.pk)
    with pytest.raises(StaleDecision):
        undo_run_decision(first, other)

    assert owner(run) == (shared.late, RunRule.DECISION)
    assert list(RunDecision.objects.filter(undone_at=None)) == [second]


# --- People --------------------------------------------------------------------------------


def test_a_link_counts_in_all_sessions_of_the_event_and_in_no_other(shared: SharedRoom):
    early, late = shared.run(0, 40), shared.run(61, 100, "late")
    shared.stay(early, "900", 0, 10, name="A. Lee")
    shared.stay(late, "900", 65, 70, name="A. Lee")
    elsewhere = shared.run(300, 310, "elsewhere")
    RoomRun.objects.filter(pk=elsewhere.pk).update(event=EventFactory())
    foreign = shared.stay(elsewhere, "900", 300, 310)
    shared.settle()

    link = link_person(shared.event, "newrow", "900", shared.ann, shared.analyst, "She said so")
    linked = shared.minutes()
    shared.stay(early, "900", 20, 25, name="A. Lee")
    shared.settle()
    later = shared.minutes()
    undo_link(link, shared.analyst)

    foreign.refresh_from_db()
    assert linked == {("Early", "Ann"): "10.00", ("Late", "Ann"): "5.00"}
    assert later == {("Early", "Ann"): "15.00", ("Late", "Ann"): "5.00"}
    assert (link.name, link.reason, foreign.user) == ("A. Lee", "She said so", None)
    assert set(shared.minutes()) == {("Early", "newrow:900"), ("Late", "newrow:900")}


def test_a_person_is_linked_once(shared: SharedRoom):
    shared.stay(shared.run(0, 40), "900", 0, 10)
    link_person(shared.event, "newrow", "900", shared.ann, shared.analyst)
    ben = RegistrationFactory(event=shared.event).user

    with pytest.raises(StaleDecision):
        link_person(shared.event, "newrow", "900", ben, shared.analyst)
    assert PersonLink.objects.get().user == shared.ann


@pytest.mark.parametrize(
    ("source", "person"),
    [("newrow", "901"), ("newrow", ""), ("newrow", "0"), ("report", "900"), ("x", "900")],
)
def test_whom_no_source_names_by_an_id_is_not_linked(shared: SharedRoom, source, person):
    run = shared.run(0, 40)
    for number, known in enumerate(("900", "", "0")):
        shared.stay(run, known, number, 10, name="Ann")

    with pytest.raises(ValidationError):
        link_person(shared.event, source, person, shared.ann, shared.analyst)
    assert PersonLink.objects.count() == 0


def test_the_opaque_user_id_goes_before_any_link(shared: SharedRoom):
    run = shared.run(0, 40)
    shared.stay(run, shared.ann, 0, 10)
    shared.settle()
    ben = RegistrationFactory(event=shared.event).user

    link_person(shared.event, "newrow", Stay.objects.get().remote_user_id, ben, shared.analyst)

    assert set(shared.minutes()) == {("Early", "Ann")}


def test_analysts_link_to_people_of_their_own_events(shared: SharedRoom):
    member = TeamMemberFactory(event=shared.event).user
    stranger = RegistrationFactory(event=EventFactory()).user
    moderated = EventFactory()
    TeamMemberFactory(event=moderated, user=shared.analyst, role="moderator")
    RegistrationFactory(event=moderated, user=UserFactory(name="Only moderated"))

    found = set(people_linkable_by(shared.analyst))

    assert found == {shared.ann, member, shared.analyst}
    assert stranger not in found


def test_a_tester_is_marked_and_unmarked_once(shared: SharedRoom):
    mark_tester(shared.event, shared.ann, shared.analyst)

    with pytest.raises(StaleDecision):
        mark_tester(shared.event, shared.ann, shared.analyst)
