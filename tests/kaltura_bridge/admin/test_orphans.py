"""The admin's page of orphans: who may, what it says, and that it asks before it deletes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import TeamRole
from kaltura_bridge import tasks
from kaltura_bridge.admin import orphans
from kaltura_bridge.models import OrphanScan
from tests.factories import TeamMemberFactory, UserFactory
from tests.kaltura_bridge.orphans.test_scan_and_removal import (
    a_key,
    entry_ids,
    make_entry,
    make_room,
)
from tests.kaltura_bridge.support.broker import unreachable

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.django_db(transaction=True)]

PAGE, LOOK, DELETE = (f"/admin/kaltura_bridge/orphanscan/{end}" for end in ("", "look/", "delete/"))


@pytest.fixture
def boss(client):
    user = UserFactory(is_staff=True, is_superuser=True, email="boss@example.org")
    client.force_login(user)
    return user


def newest():
    return OrphanScan.objects.first()


def look(client):
    """Ask for a list, and be the worker that makes it."""
    client.post(LOOK)
    tasks.find_orphans(newest().pk)
    return newest()


def text(client):
    return " ".join(client.get(PAGE).content.decode().split())


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def kept(number=1, **fields):
    """A kept list of so many entries, without asking Kaltura."""
    rows = [
        {
            "kind": "entry",
            "remote_id": f"1_abcd000{n}",
            "key": a_key(),
            "name": f"Lost {n}",
            "created_at": "2026-01-01T09:00:00Z",
            "updated_at": "2026-01-02T09:00:00Z",
            "age_days": 9,
            "reason": "orphan",
            "depth": 0,
        }
        for n in range(number)
    ]
    return OrphanScan.objects.create(finished_at=timezone.now(), orphans=rows, **fields)


# ------------------------------------------------------------------ who may see
@pytest.mark.parametrize("url", [PAGE, LOOK, DELETE])
def test_page_is_for_those_who_look_after_the_account(client, url):
    owner = TeamMemberFactory(role=TeamRole.OWNER).user
    owner.is_staff = True
    owner.save()
    anonymous = client.post(url)
    client.force_login(owner)

    assert (anonymous.status_code, anonymous["Location"].split("?")[0]) == (
        302,
        reverse("admin:login"),
    )
    assert [client.get(url).status_code, client.post(url).status_code] == [403, 403]
    assert OrphanScan.objects.count() == 0


def test_only_superusers_find_it_on_the_admins_home(client, boss):
    manager = TeamMemberFactory(role=TeamRole.MANAGER, user__is_staff=True).user
    shown = PAGE in client.get(reverse("admin:index")).content.decode()
    client.force_login(manager)

    assert (shown, PAGE in client.get(reverse("admin:index")).content.decode()) == (True, False)


def test_looking_and_deleting_are_never_a_link(client, boss):
    assert [client.get(LOOK).status_code, client.get(DELETE).status_code] == [405, 405]


# --------------------------------------------------------------------- the list
def test_page_says_where_things_stand(client, boss, simulator):
    before = text(client)
    client.post(LOOK)
    meanwhile = text(client)
    tasks.find_orphans(newest().pk)
    after = text(client)

    assert "The account has not been scanned yet." in before
    assert "Scanning the account…" in meanwhile
    assert "No orphans found: everything with the portal's reference is in use." in after
    assert newest().asked_by == boss


def test_found_orphans_are_listed_with_all_that_one_must_know(client, boss, simulator):
    key = a_key("/studio")
    room = make_room(key, "Lost & found")
    look(client)

    page = text(client)

    for words in (
        "Room “Lost &amp; found”",
        key,
        f"room:{room}",
        "Nothing in this portal has its reference",
    ):
        assert words in page


def test_failed_look_is_told_and_keeps_the_last_list(client, boss, simulator):
    make_entry(a_key(), "Lost before")
    look(client)
    simulator.refuse()
    look(client)

    page = text(client)

    assert "The last scan failed: Kaltura does not answer" in page
    assert "Live entry “Lost before”" in page


def test_worker_that_does_not_come_back_is_told(client, boss):
    OrphanScan.objects.create(asked_at=timezone.now() - timedelta(minutes=11))

    assert "The background worker has not answered since" in text(client)


def test_without_a_broker_nothing_is_begun(client, boss):
    with unreachable():
        looked = told(client.post(LOOK))
    counted = OrphanScan.objects.count()
    scan = kept()
    words = {"scan": scan.pk, "chosen": "entry:1_abcd0000", "confirmed": "yes"}
    with unreachable():
        deleted = told(client.post(DELETE, words))

    scan.refresh_from_db()
    # Nobody has read the first message yet.
    assert (looked, deleted) == ([orphans.NO_WORKER], [orphans.NO_WORKER] * 2)
    assert (counted, scan.chosen, scan.chosen_at) == (0, [], None)


def test_page_costs_the_same_queries_for_one_and_three_rows(client, boss):
    client.get(PAGE)  # what is asked once a process
    counts = []
    for number in (1, 3):
        kept(number)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_long_list_is_cut_and_says_so(client, boss):
    kept(orphans.SHOWN + 2)

    page = text(client)

    assert page.count('name="chosen"') == orphans.SHOWN
    assert (f"{orphans.SHOWN + 2} orphans" in page, "2 more are not shown until" in page) == (
        True,
        True,
    )


# ------------------------------------------------------------------------ choice
def test_choice_is_named_and_asked_for_once_more(client, boss, simulator):
    chosen, other = make_entry(a_key(), "Chosen"), make_entry(a_key(), "Other")
    scan = look(client)

    asked = client.post(DELETE, {"scan": scan.pk, "chosen": [f"entry:{chosen}", "entry:0_nobody"]})

    page = asked.content.decode()
    assert asked.context["title"] == "Delete 1 object at Kaltura?"
    assert ("Live entry “Chosen”" in page, "Other" in page) == (True, False)
    assert {chosen, other} <= entry_ids(simulator)
    scan.refresh_from_db()
    assert scan.chosen_at is None


@pytest.mark.postgres
def test_confirmed_choice_is_deleted_by_the_worker_and_stands_in_the_log(client, boss, simulator):
    key = a_key()
    chosen, other = make_entry(key, "Chosen"), make_entry(a_key(), "Other")
    scan = look(client)

    words = {"scan": scan.pk, "chosen": f"entry:{chosen}", "confirmed": "yes"}
    client.post(DELETE, words)
    meanwhile, there = text(client), chosen in entry_ids(simulator)
    tasks.delete_orphans(scan.pk)
    after = text(client)

    assert ("Deleting 1 object…" in meanwhile, there) == (True, True)
    assert (chosen in entry_ids(simulator), other in entry_ids(simulator)) == (False, True)
    assert "Live entry “Chosen”: deleted" in after
    assert 'value="entry:' + other in after
    line = LogEntry.objects.get()
    assert (line.user, line.object_repr, line.change_message) == (
        boss,
        "Live entry “Chosen”",
        f"Deleted entry:{chosen} ({key}) at Kaltura.",
    )
    assert f"{line.object_repr}. {line.change_message}" in after


def test_all_that_is_shown_can_be_chosen(client, boss):
    scan = kept(3)

    asked = client.post(DELETE, {"scan": scan.pk, "all": "yes"})

    assert [row.name for row in asked.context["rows"]] == ["Lost 0", "Lost 1", "Lost 2"]


@pytest.mark.parametrize("chosen", [[], ["entry:1_nobody00"], ["<script>"]])
def test_nothing_chosen_is_told(client, boss, chosen):
    answer = client.post(DELETE, {"scan": kept().pk, "chosen": chosen, "confirmed": "yes"})

    assert told(answer) == ["Choose at least one object."]


@pytest.mark.parametrize("scan", ["", "0", "x", "9" * 30])
def test_list_that_there_is_none_of_is_not_found(client, boss, scan):
    assert client.post(DELETE, {"scan": scan, "all": "yes"}).status_code == 404


@pytest.mark.postgres
def test_second_choice_waits_for_the_first(client, boss):
    scan = kept(2, chosen=["entry:1_abcd0000"], chosen_at=timezone.now())

    words = {"scan": scan.pk, "chosen": "entry:1_abcd0001", "confirmed": "yes"}
    answer = client.post(DELETE, words)

    scan.refresh_from_db()
    assert told(answer) == ["The last deletion is still running. Wait until it is done."]
    assert scan.chosen == ["entry:1_abcd0000"]


def test_task_that_comes_twice_does_its_work_once(client, boss, simulator):
    chosen = make_entry(a_key(), "Chosen")
    scan = look(client)
    client.post(DELETE, {"scan": scan.pk, "chosen": f"entry:{chosen}", "confirmed": "yes"})

    for _ in range(2):
        tasks.find_orphans(scan.pk)
        tasks.delete_orphans(scan.pk)

    scan.refresh_from_db()
    assert [row["deleted"] for row in scan.removals] == [True]
    assert LogEntry.objects.count() == 1


# ------------------------------------------------------------------ in a browser
def sign_in(page: Page, site: str, user: Any) -> None:
    """Hand the browser a session, as a sign-in would."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])


def test_orphan_is_chosen_named_and_deleted_in_a_browser(page: Page, live_portal, simulator):
    chosen = make_entry(a_key(), "Chosen")
    make_room(a_key(), "A room whose name is long enough to need more than one line on a phone")
    sign_in(page, live_portal, UserFactory(is_staff=True, is_superuser=True))
    page.set_viewport_size({"width": 360, "height": 740})

    page.goto(live_portal + PAGE)
    page.get_by_role("button", name="Scan for orphans").click()
    page.get_by_text("Scanning the account…").wait_for()
    tasks.find_orphans(newest().pk)
    page.get_by_role("link", name="Refresh").click()
    page.get_by_role("checkbox", name="Live entry “Chosen”").check()
    wide = page.evaluate("document.documentElement.scrollWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('.orphans button, .orphans label')]"
        ".filter(e => e.getBoundingClientRect().height < 44).length"
    )
    page.get_by_role("button", name="Delete chosen…").click()
    question = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Delete at Kaltura").click()
    page.get_by_text("Deleting 1 object…").wait_for()
    tasks.delete_orphans(newest().pk)
    page.get_by_role("link", name="Refresh").click()

    page.get_by_text("Live entry “Chosen”: deleted").wait_for()
    assert (question, wide <= 360, small) == ("Delete 1 object at Kaltura?", True, 0)
    assert chosen not in entry_ids(simulator)
