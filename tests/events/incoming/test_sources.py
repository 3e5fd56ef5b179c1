"""Schedules that come from an address: fetched with care, waiting for a yes, told when they fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from events.desk.needs import needs_of
from events.incoming import sources, work
from events.models import (
    Event,
    EventStatus,
    IncomingFile,
    IncomingState,
    ScheduleSource,
    Session,
    TeamRole,
)
from tests.events.imports.test_tables import csv_of
from tests.events.incoming.test_pages import BAD, GOOD, HEADER, OTHER, IncomingDesk, titles
from tests.factories import EventFactory, SessionFactory

pytestmark = [pytest.mark.django_db]


class SchedulePlace:
    """A site that publishes a table; a test says what it answers."""

    def __init__(self) -> None:
        self.body, self.tag, self.status = b"", '"1"', 200
        self.asked: list[dict[str, str]] = []
        place = self

        class ScheduleHandler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                place.asked.append(dict(self.headers.items()))
                known = self.headers.get("If-None-Match") == place.tag
                self.send_response(304 if known and place.status == 200 else place.status)
                body = b"" if known else place.body
                self.send_header("ETag", place.tag)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), ScheduleHandler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/programme.csv"

    def publish(self, *rows: list[str]) -> None:
        self.body, self.tag = csv_of(HEADER, *rows).encode(), f'"{int(self.tag[1:-1]) + 1}"'


@pytest.fixture
def place() -> Iterator[SchedulePlace]:
    found = SchedulePlace()
    found.publish(GOOD)
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def event() -> Event:
    return EventFactory(slug="conf", timezone="Europe/Berlin", starts_on=date(2030, 5, 6))


@pytest.fixture
def desk(event: Event) -> IncomingDesk:
    return IncomingDesk(event)


def named(desk: IncomingDesk, place: SchedulePlace, **more: Any) -> ScheduleSource:
    """The address, as a manager names it, and its first look."""
    form = {"save": "1", "url": place.url, "every_minutes": "60", "status": "published",
            "session_type": "webcast", **more}  # fmt: skip
    answer = desk.client.post(desk.url("_source"), form)
    assert answer.status_code == 302, answer.context["form"].errors
    look(desk)
    return ScheduleSource.objects.get()


def look(desk: IncomingDesk) -> None:
    ScheduleSource.objects.exclude(next_at=None).update(next_at=timezone.now())
    sources.look_at_all(lambda: False)


def told(desk: IncomingDesk) -> list[str]:
    return [need.text for need in needs_of(desk.user) if "address" in need.text]


def test_change_at_the_address_waits_for_a_yes_and_is_told(desk, place):
    named(desk, place)
    file = IncomingFile.objects.get()
    waiting = (file.state, file.preview["counts"]["new"], titles(), told(desk))

    desk.save(file)
    look(desk)
    place.publish(GOOD, OTHER)
    look(desk)
    second = IncomingFile.objects.exclude(pk=file.pk).get()

    assert waiting == (
        IncomingState.READY, 1, [], ["The schedule at its address has changed"]
    )  # fmt: skip
    assert titles() == ["Opening"]
    assert second.preview["counts"] == {"new": 1, "changed": 0, "removed": 0, "unchanged": 1}
    assert [a.get("If-None-Match") for a in place.asked] == [None, '"2"', '"2"']
    assert {"Authorization", "Cookie", "Referer"} & place.asked[0].keys() == set()


def test_whole_team_that_plans_sees_what_came_from_the_address(desk, place, event):
    named(desk, place)
    file, owner = IncomingFile.objects.get(), IncomingDesk(event, TeamRole.OWNER)

    saved = owner.save(file)

    assert (owner.open(file).status_code, saved.state) == (200, IncomingState.SAVED)
    analyst = IncomingDesk(event, TeamRole.ANALYST)
    assert (analyst.open(file).status_code, told(analyst)) == (403, [])


def test_newer_file_takes_the_place_of_one_that_waits(desk, place):
    named(desk, place)
    place.publish(GOOD, OTHER)
    look(desk)

    assert [f.preview["counts"]["new"] for f in IncomingFile.objects.all()] == [2]


def test_event_that_wants_it_imports_by_itself_what_has_no_errors(desk, place):
    named(desk, place, applies_itself="on")
    work.work_on_all(lambda: False)
    first = titles()
    place.publish(GOOD, OTHER, BAD)
    look(desk)
    work.work_on_all(lambda: False)

    assert (first, titles()) == (["Opening"], ["Opening"])
    assert sorted(IncomingFile.objects.values_list("state", flat=True)) == ["ready", "saved"]


def test_file_that_would_cancel_much_waits_though_changes_come_by_themselves(desk, place, event):
    SessionFactory.create_batch(8, event=event)
    named(desk, place, applies_itself="on", remove_missing="on")
    work.work_on_all(lambda: False)

    file = IncomingFile.objects.get()
    assert (file.state, file.preview["counts"]["removed"]) == (IncomingState.READY, 8)
    assert not Session.objects.filter(status="cancelled").exists()


def test_address_that_fails_is_tried_ever_later_and_then_told(desk, place):
    source = named(desk, place)
    place.status = 503
    waits = []
    for _ in range(5):
        look(desk)
        source.refresh_from_db()
        waits.append(
            source.next_at and round((source.next_at - timezone.now()) / timedelta(hours=1))
        )

    page = desk.client.get(desk.url("_source")).content.decode()
    asked = len(place.asked)
    look(desk)
    place.status = 200
    again = desk.client.post(desk.url("_source"), {"look": "1"})
    look(desk)
    source.refresh_from_db()

    assert (waits, source.failures, source.last_error) == ([1, 2, 4, 8, None], 0, "")
    assert "The last look failed: the address answers with HTTP 503." in page
    assert len(place.asked) == asked + 1
    assert again.status_code == 302


def test_stopped_address_is_told_once_and_forgotten_at_a_press(desk, place):
    named(desk, place)
    ScheduleSource.objects.update(next_at=None, failures=5)
    before = told(desk)

    desk.client.post(desk.url("_source"), {"forget": "1"})

    assert "The address of the schedule does not answer any more" in before
    assert not ScheduleSource.objects.exists()


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/x", "http://10.0.0.1/x", "http://localhost:8000/x", "ftp://1.1.1.1/x",
     "https://me:word@example.org/x", "http://[::1]/x"],
)  # fmt: skip
def test_address_that_leads_inside_is_refused(desk, settings, url):
    settings.SCHEDULE_HOSTS = []
    form = {"save": "1", "url": url, "every_minutes": "60", "status": "draft",
            "session_type": "webcast"}  # fmt: skip

    answer = desk.client.post(desk.url("_source"), form)

    assert (answer.status_code, ScheduleSource.objects.count()) == (200, 0)
    assert answer.context["form"].errors.keys() == {"url"}


def test_name_that_leads_inside_later_is_not_asked(desk, place, settings):
    source = named(desk, place)
    settings.SCHEDULE_HOSTS = []

    look(desk)

    source.refresh_from_db()
    assert (len(place.asked), source.last_error) == (1, "the address is not public")


def test_event_that_is_over_is_not_looked_at(desk, place, event):
    named(desk, place)
    event.starts_on, event.ends_on = date(2020, 1, 1), date(2020, 1, 2)
    event.status = EventStatus.PUBLISHED
    event.save()

    look(desk)

    assert len(place.asked) == 1


def test_only_one_worker_looks(desk, place):
    source = named(desk, place)

    assert (sources.look_at(source.pk), len(place.asked)) == (False, 1)
    assert reverse("admin:events_event_import_source", args=[desk.event.pk]) == desk.url("_source")
