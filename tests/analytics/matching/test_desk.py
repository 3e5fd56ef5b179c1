"""The matching desk as analysts use it, and as it answers those who may not."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from analytics.matching.decisions import assign_run
from analytics.models import (
    EventPrivacy,
    MarkedTester,
    PersonLink,
    PrivacyMode,
    PullRun,
    RunDecision,
    Stay,
)
from tests.analytics.matching.conftest import SharedRoom
from tests.factories import EventFactory, RegistrationFactory, TeamMemberFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def desk(client: Client, shared: SharedRoom) -> Client:
    client.force_login(shared.analyst)
    return client


def url(name: str, pk: int) -> str:
    return reverse(f"admin:analytics_{name}", args=[pk])


def said(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_desk_shows_what_is_left_over(desk: Client, shared: SharedRoom):
    shared.run(-90, -50, "dry")
    long = shared.run(5, 100, "long")
    shared.stay(long, "900", 5, 20, name="A. Lee", email="lee@uni.example")
    shared.stay(long, "", 6, 20, name="Nobody")
    shared.stay(long, shared.ann, 6, 20)
    shared.settle()

    page = said(desk.get(url("matching", shared.event.pk)))

    assert "run dry" in page and "run long" in page and "A. Lee" in page
    assert "1 stay has no id of the person" in page
    assert "Ann" not in page


def test_an_analyst_assigns_and_splits_and_undoes(desk: Client, shared: SharedRoom):
    run = shared.run(5, 100)
    shared.stay(run, shared.ann, 10, 90)
    shared.settle()
    form = said(desk.get(url("matching_run", run.pk)))
    assert 'value="2030-05-06T10:00:00"' in form  # proposed: where the later one was planned

    sent = {
        "session": shared.early.pk,
        "split_at": "2030-05-06T09:50:00",
        "session_after": shared.late.pk,
        "reason": "Seen on the recording",
    }
    answer = desk.post(url("matching_run", run.pk), sent)

    decision = RunDecision.objects.get()
    assert answer.url == url("matching", shared.event.pk)
    assert (decision.decided_by, decision.reason) == (shared.analyst, "Seen on the recording")
    assert shared.minutes() == {("Early", "Ann"): "40.00", ("Late", "Ann"): "40.00"}
    assert "Seen on the recording" in said(desk.get(answer.url))
    desk.post(url("matching_undo_run", decision.pk))
    assert shared.minutes() == {("Early", "Ann"): "65.00"}


@pytest.mark.parametrize(
    "sent",
    [
        {"split_at": "2030-05-06T08:00:00"},
        {"split_at": "0001-01-01T00:00:00"},
        {"split_at": "9999-12-31T23:59:59"},
        {"session": "99999999999999999999"},
        {"seen": "99999999999999999999"},
        {"session_after": "{late}"},
    ],
    ids=str,
)
def test_what_cannot_be_is_said_in_words(desk: Client, shared: SharedRoom, sent):
    run = shared.run(5, 100)
    sent = {key: value.format(late=shared.late.pk) for key, value in sent.items()}

    answer = desk.post(url("matching_run", run.pk), sent)

    assert (answer.status_code, RunDecision.objects.count()) == (200, 0)
    assert "errorlist" in said(answer)


def test_sessions_of_other_events_cannot_be_chosen(desk: Client, shared: SharedRoom):
    from tests.factories import InteractiveFactory

    run, foreign = shared.run(5, 100), InteractiveFactory()

    answer = desk.post(url("matching_run", run.pk), {"session": foreign.pk})

    assert (answer.status_code, RunDecision.objects.count()) == (200, 0)


def test_an_analyst_links_a_person_once_and_undoes_it(desk: Client, shared: SharedRoom):
    shared.stay(shared.run(0, 40), "900", 0, 10, name="A. Lee")
    shared.settle()
    sent = {"source": "newrow", "remote_user_id": "900", "address": shared.ann.email.upper()}

    first = desk.post(url("matching_link", shared.event.pk), sent, follow=True)
    second = desk.post(url("matching_link", shared.event.pk), sent, follow=True)

    link = PersonLink.objects.get()
    assert "Linked to Ann." in said(first) and "meanwhile" in said(second)
    assert shared.minutes() == {("Early", "Ann"): "10.00"}
    desk.post(url("matching_undo_link", link.pk))
    assert shared.minutes() == {("Early", "newrow:900"): "10.00"}
    assert "A. Lee is Ann" in said(desk.get(reverse("admin:analytics_personlink_changelist")))


def test_people_of_other_events_are_answered_like_nobody(desk: Client, shared: SharedRoom):
    shared.stay(shared.run(0, 40), "900", 0, 10)
    strangers = [RegistrationFactory(event=EventFactory()).user.email, "none@example.org"]

    answers = []
    for address in strangers:
        sent = {"source": "newrow", "remote_user_id": "900", "address": address}
        reply = desk.post(url("matching_link", shared.event.pk), sent, follow=True)
        answers.append(re.findall(r'<ul class="messagelist">.*?</ul>', said(reply)))
        reply = desk.post(url("matching_tester", shared.event.pk), sent, follow=True)
        answers.append(re.findall(r'<ul class="messagelist">.*?</ul>', said(reply)))

    assert answers == [answers[0]] * 4 and "Nobody with this address" in answers[0][0]
    assert (PersonLink.objects.count(), MarkedTester.objects.count()) == (0, 0)


def test_a_tester_is_marked_and_unmarked(desk: Client, shared: SharedRoom):
    desk.post(url("matching_tester", shared.event.pk), {"address": shared.ann.email})
    mark = MarkedTester.objects.get()
    desk.post(url("matching_undo_tester", mark.pk))

    mark.refresh_from_db()
    assert (mark.user, mark.decided_by, mark.stands) == (shared.ann, shared.analyst, False)


@pytest.mark.parametrize("role", ["moderator", "analyst of another event", "nobody"])
def test_others_find_no_desk(client: Client, shared: SharedRoom, role):
    person = UserFactory(is_staff=True)
    if role != "nobody":
        event = shared.event if role == "moderator" else EventFactory()
        TeamMemberFactory(event=event, user=person, role=role.split()[0])
    run = shared.run(0, 40)
    decision = assign_run(run, shared.early, shared.analyst)
    client.force_login(person)

    gets = [url("matching", shared.event.pk), url("matching_run", run.pk)]
    posts = [
        url("matching_link", shared.event.pk),
        url("matching_tester", shared.event.pk),
        url("matching_pull", shared.event.pk),
        url("matching_undo_run", decision.pk),
    ]

    assert {client.get(each).status_code for each in gets} == {404}
    assert {client.post(each).status_code for each in [*posts, gets[1]]} == {404}
    decision.refresh_from_db()
    assert decision.stands


@pytest.mark.parametrize("mode", [PrivacyMode.PSEUDONYMOUS, PrivacyMode.AGGREGATE])
def test_where_nobody_is_named_nobody_is_linked(desk: Client, shared: SharedRoom, mode):
    run = shared.run(0, 40)
    shared.stay(run, "900", 0, 10, name="A. Lee")
    EventPrivacy.objects.create(event=shared.event, mode=mode)
    sent = {"source": "newrow", "remote_user_id": "900", "address": shared.ann.email}

    page = said(desk.get(url("matching", shared.event.pk)))
    answer = desk.post(url("matching_link", shared.event.pk), sent)

    assert "A. Lee" not in page and "names nobody" in page
    assert (answer.status_code, PersonLink.objects.count()) == (404, 0)


def test_all_sessions_of_an_event_can_be_pulled_again(desk: Client, shared: SharedRoom, task_app):
    Stay.objects.all().delete()

    answer = desk.post(url("matching_pull", shared.event.pk), follow=True)

    run = PullRun.objects.get()
    assert "Asking every source again" in said(answer)
    assert (run.trigger, run.event) == ("person", shared.event)
