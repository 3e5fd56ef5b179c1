"""The doctor's page: for superusers, filled in by the worker, in words before colours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import TeamRole
from kaltura_bridge import tasks
from kaltura_bridge.doctor import Check, checkups, failed, ok, run, skipped, warning
from kaltura_bridge.models import Checkup
from kaltura_bridge.queue import TaskName
from tests.factories import TeamMemberFactory, UserFactory
from tests.kaltura_bridge.support.broker import listening, unreachable

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
PAGE, RUN = "admin:kaltura_bridge_checkup_changelist", "admin:kaltura_bridge_checkup_run"
FOUR = (
    Check("clock", lambda run: ok("Kaltura's clock is 0 s ahead of ours.")),
    Check("player", lambda run: failed("Kaltura has no player 99.", "Set another.")),
    Check("owner", lambda run: warning("Kaltura does not know “x” yet.", "Wait.")),
    Check("webhook settings", lambda run: skipped("No secret.")),
)


@pytest.fixture
def superuser():
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.fixture
def four_checks(monkeypatch):
    """A doctor with one check for each verdict, who asks nobody."""
    monkeypatch.setattr(run, "all_checks", lambda: list(FOUR))


@pytest.fixture
def asked():
    """What the broker is given, for a worker that is yet to come."""
    with listening(TaskName.CHECKUP) as sent:
        yield sent


def test_page_asks_the_worker_and_shows_what_it_found(client, superuser, four_checks, asked):
    client.force_login(superuser)

    answer = client.post(reverse(RUN), follow=True)
    ((_, (pk,)),) = asked
    waiting = answer.content.decode()
    tasks.checkup(pk)
    page = client.get(reverse(PAGE)).content.decode()

    kept = Checkup.objects.get()
    assert ("Checking… 0 done so far." in waiting, "Run the checks" in waiting) == (True, False)
    assert (kept.asked_by, kept.finished_at is not None) == (superuser, True)
    assert [(c["name"], c["verdict"]) for c in kept.checks] == [
        ("clock", "ok"),
        ("player", "failed"),
        ("owner", "warning"),
        ("webhook settings", "skipped"),
    ]
    assert "1 failed, 1 warning, 1 OK, 1 skipped." in page
    positions = [
        page.index(text)
        for text in (
            "Needs attention (2)",
            "no player 99",
            "Set another.",
            "does not know",
            "OK (1)",
        )
    ]
    assert positions == sorted(positions)


def test_page_shows_lines_while_the_rest_is_still_looked_at(client, superuser):
    line = {"name": "clock", "verdict": "ok", "seen": "All well.", "fix": ""}
    Checkup.objects.create(checks=[line])
    client.force_login(superuser)

    page = client.get(reverse(PAGE)).content.decode()

    assert ("Checking… 1 done so far." in page, "All well." in page) == (True, True)
    assert "Refresh" in page


def test_second_press_while_one_runs_starts_nothing(client, superuser, asked):
    client.force_login(superuser)

    client.post(reverse(RUN))
    client.post(reverse(RUN))

    assert (len(asked), Checkup.objects.count()) == (1, 1)


def test_checkup_that_never_ended_is_told_and_can_be_repeated(client, superuser, asked):
    Checkup.objects.create(asked_at=timezone.now() - checkups.PATIENCE - timedelta(seconds=1))
    client.force_login(superuser)

    page = client.get(reverse(PAGE)).content.decode()
    client.post(reverse(RUN))

    assert ("never finished" in page, "Run the checks again" in page) == (True, True)
    assert len(asked) == 1


def test_broker_that_is_down_is_told(client, superuser):
    client.force_login(superuser)

    with unreachable():
        page = client.post(reverse(RUN), follow=True).content.decode()

    assert "The background worker cannot be reached." in page
    assert Checkup.objects.count() == 0


@pytest.mark.postgres
def test_checkup_is_made_once_however_often_the_message_comes(four_checks):
    checkup = Checkup.objects.create()

    checkups.run_checkup(checkup.pk)
    first = Checkup.objects.get().finished_at
    checkups.run_checkup(checkup.pk)

    assert Checkup.objects.get().finished_at == first


@pytest.mark.postgres
def test_old_checkups_are_forgotten(four_checks):
    for _ in range(checkups.KEPT + 3):
        Checkup.objects.create(finished_at=timezone.now())
    last = Checkup.objects.create()

    checkups.run_checkup(last.pk)

    assert (Checkup.objects.count(), checkups.latest()) == (checkups.KEPT, last)


@pytest.mark.parametrize("role", TeamRole.values)
def test_page_is_for_superusers_only(client, role, asked):
    client.force_login(TeamMemberFactory(role=role).user)

    statuses = [client.get(reverse(PAGE)).status_code, client.post(reverse(RUN)).status_code]
    home = client.get(reverse("admin:index")).content.decode()

    assert (statuses, asked, reverse(PAGE) in home) == ([403, 403], [], False)


def test_stranger_is_sent_to_the_sign_in(client, asked):
    answers = [client.get(reverse(PAGE)), client.post(reverse(RUN))]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert (asked, ["login" in answer["Location"] for answer in answers]) == ([], [True, True])


def test_run_takes_no_get(client, superuser, asked):
    client.force_login(superuser)

    assert (client.get(reverse(RUN)).status_code, asked) == (405, [])


def sign_in(page: Page, site: str, user: object) -> None:
    """Hand the browser a session, as a sign-in would."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])


def test_lines_come_in_without_a_reload(page: Page, live_portal, superuser, four_checks, asked):
    sign_in(page, live_portal, superuser)

    page.goto(f"{live_portal}{reverse(PAGE)}")
    page.get_by_role("button", name="Run the checks").click()
    page.get_by_text("Checking… 0 done so far.").wait_for()
    page.evaluate("window.stayed = true")
    checkups.run_checkup(asked[0][1][0])
    page.get_by_text("1 failed, 1 warning, 1 OK, 1 skipped.").wait_for()

    assert page.evaluate("window.stayed")
    assert page.get_by_role("button", name="Run the checks again").is_enabled()
    assert page.get_by_role("heading", name="Failed Player").count() == 1


def test_page_fits_a_phone_and_its_button_a_thumb(page: Page, live_portal, superuser, four_checks):
    checkup = Checkup.objects.create()
    checkups.run_checkup(checkup.pk)
    sign_in(page, live_portal, superuser)
    page.set_viewport_size({"width": 360, "height": 740})

    page.goto(f"{live_portal}{reverse(PAGE)}")

    box = page.get_by_role("button", name="Run the checks again").bounding_box()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert (box is not None and box["height"] >= 44, width) == (True, 360)
