"""A plan as managers see it, and as it is applied: exactly what was shown, or nothing."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import Session, TeamRole
from kaltura_bridge.admin.plan import PlanGroup, PlanLine, groups_of
from kaltura_bridge.models import PlanRun, SyncTarget
from kaltura_bridge.queue import TaskName
from kaltura_bridge.sync import plan_runs, service
from kaltura_bridge.sync.plan_report import plan_report
from tests.factories import SimuliveFactory, TeamMemberFactory, UserFactory, WebcastFactory
from tests.kaltura_bridge.support.at_kaltura import link_of, someone_moves
from tests.kaltura_bridge.support.broker import listening, unreachable
from tests.kaltura_bridge.support.planning import (
    exactly_planned,
    held,
    in_step,
    planned_event,
    settle,
    states,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

MOVED = 1904289000  # ten minutes after the keynote's start


@pytest.fixture
def handed_over():
    """What is given to the worker; the test is the worker."""
    with listening(TaskName.MAKE_PLAN, TaskName.APPLY_PLAN) as sent:
        yield sent


@pytest.fixture
def event(simulator, handed_over):
    return planned_event()


@pytest.fixture
def planner(event, client: Client) -> Client:
    client.force_login(TeamMemberFactory(event=event).user)
    return client


def url(event) -> str:
    return reverse("admin:kaltura_bridge_plan", args=[event.pk])


def apply_url(run: PlanRun) -> str:
    return reverse("admin:kaltura_bridge_plan_apply", args=[run.pk])


def shown_plan(planner: Client, event) -> PlanRun:
    planner.post(url(event))
    run = PlanRun.objects.first()
    assert run is not None
    plan_runs.make(run.pk)
    run.refresh_from_db()
    return run


def applied(planner: Client, run: PlanRun) -> PlanRun:
    planner.post(apply_url(run))
    plan_runs.apply(run.pk, 20)
    run.refresh_from_db()
    return run


def words(page: Any) -> str:
    """What people read, buttons included."""
    html = re.sub(r'<input[^>]*value="([^"]*)"[^>]*>', r" \1 ", page.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def move_here(title: str, minutes: int) -> None:
    """As restored data would be: nothing rings."""
    session = Session.objects.get(title=title)
    by = timedelta(minutes=minutes)
    Session.objects.filter(pk=session.pk).update(
        starts_at=session.starts_at + by, ends_at=session.ends_at + by
    )


# --- What a plan says --------------------------------------------------------


def test_first_plan_says_what_it_would_make_in_how_many_calls(event, planner):
    run = shown_plan(planner, event)

    assert re.sub(r"\d+ calls", "N calls", run.report["summary"]) == (
        "create 2 categories, create 1 live entry, create 4 metadata records, create 2 schedule "
        "events, create 2 places in categories, create 1 room; N calls"
    )
    assert (run.report["warnings"], run.error, len(run.fingerprints)) == ([], "", 12)


def test_other_times_are_a_move(event, planner):
    settle(event)
    move_here("Keynote", 30)

    report = plan_report(service.plan_event(event))

    assert [
        (o["action"], o["kind"], o["fields"], o["of"]) for o in report.as_json()["operations"]
    ] == [
        ("update", "metadata", ["EndTime", "StartTime"], "Session “Keynote”"),
        ("move", "schedule_event", ["endDate", "startDate"], "Session “Keynote”"),
    ]
    assert report.summary.startswith("update 1 metadata record, move 1 schedule event; ")


def test_session_that_lacks_something_is_a_warning(event, planner):
    SimuliveFactory(event=event, title="Film")

    run = shown_plan(planner, event)

    assert run.report["warnings"] == ["Session “Film”: Choose the video to play, under Delivery."]
    assert run.report["summary"].endswith("; 1 warning")


def test_command_tells_two_times_and_drift_in_the_events_zone(event):
    settle(event)
    someone_moves(link_of("schedule_event"), startDate=MOVED)
    answer = StringIO()

    call_command("kaltura_plan", event.slug, "--json", stdout=answer)

    report = json.loads(answer.getvalue())
    ours, theirs = (f"Mon 6 May 2030, 11:{m} Europe/Berlin" for m in ("00", "10"))
    assert (report["operations"], report["warnings"]) == (
        [],
        [
            f"Session “Keynote”: Kaltura holds two times for the start: {theirs} in its calendar, "
            f"{ours} on its event page. Players follow the calendar; people read the event page.",
            f"schedule of “Keynote”: start is “{theirs}” at Kaltura, planned is “{ours}”",
        ],
    )


def test_operations_stand_by_session():
    rows = [
        {
            "action": "move",
            "kind": "schedule_event",
            "object": "a",
            "fields": ["startDate"],
            "of": "A",
        },
        {
            "action": "create",
            "kind": "entry",
            "object": "live entry “b”",
            "fields": ["name"],
            "of": "B",
        },
        {"action": "delete", "kind": "metadata", "object": "c", "fields": [], "of": "A"},
    ]

    assert groups_of({"operations": rows}) == [
        PlanGroup(
            "A",
            [
                PlanLine("→", "Move", "schedule event: a", "start"),
                PlanLine("−", "Delete", "metadata: c", ""),
            ],
        ),
        PlanGroup("B", [PlanLine("+", "Create", "live entry “b”", "")]),
    ]


def test_kaltura_that_cannot_be_read_is_told(event, planner, simulator):
    simulator.refuse()

    run = shown_plan(planner, event)

    assert "Kaltura does not answer" in run.error
    assert "Nothing was changed." in words(planner.get(url(event)))


# --- The page ----------------------------------------------------------------


def test_page_before_during_and_after_planning(event, planner, handed_over):
    before = words(planner.get(url(event)))
    asked = planner.post(url(event))
    run = PlanRun.objects.get()
    progress = reverse("admin:kaltura_bridge_plan_progress", args=[run.pk])
    during = (words(planner.get(url(event))), planner.get(progress).json()["done"])
    plan_runs.make(run.pk)
    after = (words(planner.get(url(event))), planner.get(progress).json()["done"])

    assert (asked.url, handed_over) == (url(event), [("make_plan", (run.pk,))])
    assert ("Apply this plan" in before, "Reading Kaltura…" in during[0], during[1]) == (
        False,
        True,
        False,
    )
    assert (
        "Apply this plan" in after[0],
        "Create live entry “Keynote”" in after[0],
    ) == (
        True,
        True,
    )
    assert after[1] is True


def test_worker_that_does_not_answer_is_told(event, planner):
    planner.post(url(event))
    PlanRun.objects.update(asked_at=timezone.now() - timedelta(minutes=11))

    assert "The background worker has not answered." in words(planner.get(url(event)))


def test_broker_that_takes_nothing_is_told(event, planner):
    with unreachable():
        answer = planner.post(url(event))

    assert (said(answer), PlanRun.objects.count()) == (
        ["The background worker cannot be reached. Nothing was changed. Try again soon."],
        0,
    )


# --- Applying ----------------------------------------------------------------


def test_plan_is_applied_as_it_was_shown(simulator, event, planner, handed_over):
    run = shown_plan(planner, event)

    run = applied(planner, run)

    assert handed_over == [("make_plan", (run.pk,)), ("apply_plan", (run.pk,))]
    assert (run.result["in_step"], run.result["waiting"], run.result["failed"]) == (4, 0, [])
    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)
    assert "4 in sync, 0 waiting, 0 failed" in words(planner.get(url(event)))


def test_nothing_is_sent_of_what_changed_after_it_was_shown(simulator, event, planner):
    settle(event)
    for title in ("Keynote", "Workshop"):
        move_here(title, 30)
    run = shown_plan(planner, event)
    move_here("Keynote", 15)
    before = {k: link_of("schedule_event", k).pushed["startDate"] for k in ("Keynote", "Workshop")}

    run = applied(planner, run)
    page = words(planner.get(url(event)))

    after = {k: link_of("schedule_event", k).pushed["startDate"] for k in ("Keynote", "Workshop")}
    assert {k: int(after[k]) - int(before[k]) for k in after} == {"Keynote": 0, "Workshop": 1800}
    assert states(event)["Keynote"] == ("failed", "plan changed")
    assert "The plan has changed since it was made for Session “Keynote”." in page


def test_what_came_after_the_plan_is_not_made_by_it(simulator, event, planner):
    run = shown_plan(planner, event)
    WebcastFactory(event=event, title="Late")

    applied(planner, run)

    assert states(event)["Late"] == ("failed", "plan changed")
    assert sum("entry" in name for name in held(simulator)) == 2


def test_new_plan_brings_in_step_what_the_old_one_left(simulator, event, planner):
    run = shown_plan(planner, event)
    WebcastFactory(event=event, title="Late")
    applied(planner, run)

    applied(planner, shown_plan(planner, event))

    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


def test_plan_is_applied_once(event, planner, handed_over):
    run = applied(planner, shown_plan(planner, event))
    calls = len(handed_over)

    again = planner.post(apply_url(run))
    plan_runs.apply(run.pk, 20)

    assert (said(again), len(handed_over)) == (
        ["This plan has already been applied, or is not ready yet."],
        calls,
    )


# --- Who may -----------------------------------------------------------------


def test_only_planners_of_that_event_plan_and_apply(event, planner, handed_over):
    run = shown_plan(planner, event)
    other = planned_event()
    people = {
        "nobody": None,
        "attendee": UserFactory(),
        "manager of another event": TeamMemberFactory(event=other).user,
        "analyst": TeamMemberFactory(event=event, role=TeamRole.ANALYST).user,
    }
    answers = {}
    for name, user in people.items():
        client = Client()
        if user:
            client.force_login(user)
        progress = reverse("admin:kaltura_bridge_plan_progress", args=[run.pk])
        answers[name] = [
            client.get(url(event)).status_code,
            client.post(url(event)).status_code,
            client.post(apply_url(run)).status_code,
            client.get(progress).status_code,
        ]

    assert answers == {
        "nobody": [302] * 4,
        "attendee": [302] * 4,
        "manager of another event": [404] * 4,
        "analyst": [404] * 4,
    }
    assert (PlanRun.objects.count(), len(handed_over)) == (1, 1)


def test_deleted_event_has_no_plan(event, planner):
    planner.post(url(event))
    run = PlanRun.objects.get()
    event.delete()

    plan_runs.make(run.pk)

    run.refresh_from_db()
    assert (run.error, SyncTarget.objects.filter(removed=False).count()) == (
        "The event has been deleted.",
        0,
    )
