"""The dashboard: numbers, failures by kind, the account's health, live progress, and who may."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import TeamRole
from kaltura_bridge.api.account import account
from kaltura_bridge.models import Account, SyncAttempt, SyncState, SyncTarget
from kaltura_bridge.sync import progress, service
from kaltura_bridge.sync.progress import FailedKind, Progress
from tests.factories import EventFactory, TeamMemberFactory, UserFactory, WebcastFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

DASHBOARD = "admin:kaltura_bridge_dashboard"
PROGRESS = "admin:kaltura_bridge_progress"
RETRY = "admin:kaltura_bridge_retry_kind"


@pytest.fixture
def event():
    """Eight sessions in every state, one of them changed at Kaltura; the event is in sync."""
    event = EventFactory(title="Spring", slug="spring")
    states = ["synced", "synced", "pending", "sending", "failed", "failed", "failed", "failed"]
    for number, state in enumerate(states):
        session = WebcastFactory(event=event, title=f"Talk {number}")
        kind = {"failed": "refused" if number < 7 else "gone"}.get(state, "")
        SyncTarget.objects.filter(object_uuid=session.uuid).update(
            state=state,
            error_kind=kind,
            error=f"Kaltura refused talk {number}." if kind else "",
            changed_there="Live entry name" if number == 0 else "",
            changed_at=timezone.now() - timedelta(minutes=number),
        )
    SyncTarget.objects.filter(kind="event").update(state="synced")
    return event


@pytest.fixture
def planner(event, client: Client) -> Client:
    client.force_login(TeamMemberFactory(event=event).user)
    return client


def words(page: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_counts_in_words_with_the_oldest_waiting(event, planner):
    page = planner.get(reverse(DASHBOARD))

    counts = {c.label: c.number for c in page.context["overview"].counts}
    assert (counts, page.context["overview"].progress) == (
        {"in sync": 3, "waiting": 1, "sending": 1, "failed": 4, "changed at Kaltura": 1},
        Progress(settled=7, total=9, failed=4),
    )
    assert "7 of 9 done." in words(page)
    assert "Waiting longest: Session “Talk 3” , changed 3 minutes ago." in words(page)


def test_failures_stand_by_kind_with_a_sentence(event, planner):
    page = planner.get(reverse(DASHBOARD))

    assert page.context["failures"] == [
        FailedKind("refused", 3, "Kaltura refused talk 4."),
        FailedKind("gone", 1, "Kaltura refused talk 7."),
    ]


def test_every_number_leads_to_those_objects(event, planner):
    page = planner.get(reverse(DASHBOARD), {"event": "spring"})

    lists = {}
    for count in page.context["overview"].counts:
        rows = planner.get(page.context["list_url"] + count.query)
        lists[count.name] = rows.context["cl"].result_count
    assert lists == {"synced": 3, "pending": 1, "sending": 1, "failed": 4, "drifted": 1}


def test_list_offers_the_kinds_of_problems_that_there_are(event, planner):
    page = planner.get(reverse("admin:kaltura_bridge_synctarget_changelist"))

    filters = {spec.title: spec for spec in page.context["cl"].filter_specs}
    assert filters["problem"].lookup_choices == [
        ("gone", "deleted at Kaltura"),
        ("refused", "refused by Kaltura"),
    ]


def test_retry_all_of_a_kind_asks_first(event, planner):
    url = reverse(RETRY)

    look = planner.get(url, {"kind": "refused"})
    before = SyncTarget.objects.filter(state=SyncState.FAILED).count()
    done = planner.post(f"{url}?event=spring", {"kind": "refused"})

    failed = SyncTarget.objects.filter(state=SyncState.FAILED)
    assert (look.context["number"], before, said(done)) == (3, 4, ["Retrying 3 objects."])
    assert done.url == f"{reverse(DASHBOARD)}?event=spring"
    assert [target.error_kind for target in failed] == ["gone"]


def test_health_of_the_account(event, planner):
    account()
    until = timezone.now() + timedelta(minutes=4)
    Account.objects.update(
        failures=3,
        error_kind="unavailable",
        error="Kaltura does not answer; we keep trying.",
        failing_since=timezone.now() - timedelta(minutes=7),
        paused_until=until,
    )

    page = words(planner.get(reverse(DASHBOARD)))

    assert (
        "Kaltura does not answer: 3 failures in a row, the first 7 minutes ago. Kaltura does not answer; we "
        f"keep trying. Paused until {until:%H:%M:%S} UTC, then retried automatically."
    ) in page


def test_calls_of_the_last_syncs(simulator, planner):
    work = service.sync_due()

    page = planner.get(reverse(DASHBOARD))

    kept = [
        {n: w[n] for n in ("objects", "calls", "writes", "ago")}
        for w in page.context["recent_syncs"]
    ]
    assert kept == [{"objects": 1, "calls": work.calls, "writes": work.writes, "ago": "just now"}]
    assert f"Just now: 1 object, {work.calls} calls" in words(page)


def test_last_attempts_are_of_these_objects_only(event, planner):
    mine, other = SyncTarget.objects.filter(title="Talk 0").get(), EventFactory()
    SyncAttempt.objects.create(target=mine, outcome="synced", message="In sync: created it.")
    foreign = SyncTarget.objects.get(object_uuid=other.uuid)
    SyncAttempt.objects.create(target=foreign, outcome="synced", message="Other.")

    page = planner.get(reverse(DASHBOARD))

    assert [a.message for a in page.context["attempts"]] == ["In sync: created it."]


def test_progress_is_json_for_the_script(event, planner):
    answer = planner.get(reverse(PROGRESS), {"event": "spring"})

    assert answer.json() == {
        "counts": {"synced": 3, "pending": 1, "sending": 1, "failed": 4, "drifted": 1},
        "settled": 7,
        "total": 9,
        "done": False,
        "message": "7 of 9 done.",
    }


def test_signed_out_script_is_led_to_the_sign_in(event):
    answer = Client().get(reverse(PROGRESS))

    assert (answer.status_code, "login" in answer.url) == (302, True)


def test_dashboard_costs_the_same_queries_however_many_objects(event, planner):
    planner.get(reverse(DASHBOARD))  # warms what is remembered for good
    counts = []
    for number in (0, 30):
        for n in range(number):
            kind, state = ("refused", "failed") if n % 2 else ("", "pending")
            session = WebcastFactory(event=event)
            target = SyncTarget.objects.filter(object_uuid=session.uuid)
            target.update(state=state, error_kind=kind)
            SyncAttempt.objects.create(target=target.get(), outcome=state, message="Tried.")
        with CaptureQueriesContext(connection) as queries:
            planner.get(reverse(DASHBOARD))
        counts.append(len(queries))
    assert counts[1] - counts[0] == 0


def test_each_person_sees_the_events_they_plan(event):
    other = EventFactory(title="Autumn", slug="autumn")
    people = {
        "manager of both": TeamMemberFactory(event=event).user,
        "manager of the other": TeamMemberFactory(event=other).user,
        "analyst": TeamMemberFactory(event=event, role=TeamRole.ANALYST).user,
        "attendee": UserFactory(),
    }
    TeamMemberFactory(event=other, user=people["manager of both"])
    seen = {}
    for name, user in people.items():
        client = Client()
        client.force_login(user)
        answers = [
            client.get(reverse(DASHBOARD)),
            client.get(reverse(DASHBOARD), {"event": "spring"}),
            client.post(f"{reverse(RETRY)}?event=spring", {"kind": "gone"}),
            client.get(reverse("admin:kaltura_bridge_of_event", args=[event.pk])),
        ]
        all_, one = ((a.context or {}).get("overview") for a in answers[:2])
        seen[name] = (
            [a.status_code for a in answers],
            [o.progress.total if o else None for o in (all_, one)],
        )

    assert seen == {
        "manager of both": ([200, 200, 302, 302], [10, 9]),
        "manager of the other": ([200, 404, 404, 404], [1, None]),
        "analyst": ([403, 403, 403, 404], [None, None]),
        "attendee": ([302, 302, 302, 302], [None, None]),
    }


def test_home_leads_planners_there(event, planner):
    url = reverse("admin:kaltura_bridge_of_event", args=[event.pk])
    analyst = Client()
    analyst.force_login(TeamMemberFactory(event=event, role=TeamRole.ANALYST).user)

    pages = [each.get(reverse("admin:index")).content.decode() for each in (planner, analyst)]
    there = planner.get(url)

    assert [url in page for page in pages] == [True, False]
    assert there.url == f"{reverse(DASHBOARD)}?event=spring"


def test_nothing_planned_is_all_done():
    assert progress.overview(SyncTarget.objects.none()).progress.is_done
