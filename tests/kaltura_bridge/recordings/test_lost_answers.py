"""An upload or a cut of which Kaltura's answer is lost goes on from what Kaltura has."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from kaltura_bridge.api.client import Kaltura, Request
from kaltura_bridge.models import Recording, RecordingChange, RecordingChangeState
from kaltura_bridge.recordings import changing
from tests.kaltura_bridge.recordings.test_changes_half_way import order_cut, ours
from tests.kaltura_bridge.recordings.test_desk import (
    changes,
    planner_of,
    recorded_session,
    worked,
)
from tests.kaltura_bridge.support.recorded import held_session, processed, rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

DONE, FAILED = RecordingChangeState.DONE, RecordingChangeState.FAILED
UPLOADING, WAITING = RecordingChangeState.UPLOADING, RecordingChangeState.WAITING


class UploadingBrowser:
    """Sends ten bytes in two parts, as the page's script does: again what is not answered."""

    def __init__(self, session):
        self.client = planner_of(session)
        self.page = reverse("admin:kaltura_bridge_recording_upload", args=[session.pk])
        self.key = self.client.get(self.page).context["key"]
        self.url = ""

    def open(self) -> int:
        about = {"key": self.key, "size": 10, "name": "Better", "replaces": "on"}
        answer = self.client.post(self.page, about)
        self.url = answer.json().get("url", "")
        return answer.status_code

    def part(self, at: int) -> tuple[int, int | None]:
        body = b"later" if at else b"first"
        sent = {"content_type": "application/octet-stream"}
        answer = self.client.post(f"{self.url}?at={at}", body, **sent)
        return answer.status_code, answer.json().get("at")

    def send_all(self) -> None:
        while self.open() == 502:
            pass
        at: int | None = 0
        while at is not None and at < 10:
            status, came = self.part(at)
            at = at if status == 502 else came


def made(simulator):
    """How often each call of an upload was made, and what it has made."""
    names = ("uploadToken.add", "uploadToken.upload", "media.add", "media.addContent")
    return [simulator.calls(name) for name in names], len(ours(simulator))


def work_on() -> None:
    """The worker comes again, once lists are certainly up to date."""
    for _ in range(2):
        RecordingChange.objects.filter(adding_since__isnull=False).update(
            adding_since=timezone.now() - timedelta(hours=1)
        )
        RecordingChange.objects.update(next_attempt_at=timezone.now())
        worked()


@pytest.mark.parametrize(
    "lost",
    ["uploadToken.add", "uploadToken.upload", "media.add", "media.addContent"],
)
def test_an_upload_goes_on_when_an_answer_is_lost(simulator, lost):
    session = held_session()
    browser = UploadingBrowser(session)
    simulator.lose_reply(lost)

    browser.send_all()
    work_on()
    processed(simulator)
    work_on()

    assert changes() == [("upload", DONE, "")]
    assert made(simulator) == ([1, 2, 1, 1], 1)
    assert [(r.name, r.is_main, r.is_shown) for r in rows(session)] == [("Better", True, True)]


def test_the_last_part_is_found_though_kaltura_is_silent_for_a_while(simulator):
    browser = UploadingBrowser(held_session())
    browser.open()
    assert browser.part(0) == (200, 5)
    simulator.lose_reply("uploadToken.upload")
    simulator.lose_reply("uploadToken.get")
    assert browser.part(5)[0] == 502

    # Sent again, it is refused there: the upload is closed. That is no failure.
    assert browser.part(5) == (200, 10)
    assert changes() == [("upload", WAITING, "")]


def test_the_worker_finds_an_upload_whose_browser_went_away(simulator):
    browser = UploadingBrowser(held_session())
    browser.open()
    browser.part(0)
    simulator.lose_reply("uploadToken.upload")
    simulator.lose_reply("uploadToken.get")
    browser.part(5)
    changing.run_due(5)
    assert changes() == [("upload", UPLOADING, "")]  # the browser may still be there

    work_on()
    processed(simulator)
    work_on()

    assert changes() == [("upload", DONE, "")]
    assert made(simulator) == ([1, 2, 1, 1], 1)
    assert Recording.objects.get(name="Better").is_shown


@pytest.mark.parametrize("silent", [False, True])
def test_an_upload_that_is_not_whole_ends_after_a_day_if_kaltura_says_so(simulator, silent):
    browser = UploadingBrowser(held_session())
    browser.open()
    browser.part(0)
    RecordingChange.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    if silent:
        simulator.refuse("uploadToken.get")

    changing.run_due(5)

    ended = ("upload", FAILED, "The upload was not finished within a day.")
    assert changes() == [("upload", UPLOADING, "") if silent else ended]


def test_a_cut_under_way_at_kaltura_is_our_own_when_its_answer_was_lost(simulator, monkeypatch):
    session = recorded_session(simulator)
    row = rows(session)[0]
    order_cut(row)
    simulator.lose_reply("media.updateContent")
    changing.run_due(5)
    # Kaltura is slow: the first request is still being worked on when it is looked at again.
    read = changing.read_recording

    def read_before(raw):
        return replace(read(raw), is_changing=False)

    monkeypatch.setattr(changing, "read_recording", read_before)
    RecordingChange.objects.update(next_attempt_at=timezone.now())
    changing.run_due(5)
    monkeypatch.undo()
    processed(simulator)
    worked()

    assert changes() == [("trim", DONE, "")]
    assert [(r.seconds, r.is_changing) for r in rows(session)] == [(180, False)]


def test_a_cut_is_not_ordered_where_somebody_else_replaces_the_content(simulator, monkeypatch):
    session = recorded_session(simulator)
    row = rows(session)[0]
    order_cut(row)
    read = changing.read_recording

    def read_before(raw):
        part = changing._part_of(row.entry_id, RecordingChange.objects.get())
        Kaltura().ask([Request(lambda c: c.media.updateContent(row.entry_id, part), write=True)])
        return read(raw)

    monkeypatch.setattr(changing, "read_recording", read_before)
    changing.run_due(5)

    assert [state for _kind, state, _error in changes()] == [FAILED]
    assert "replacing this recording already" in changes()[0][2]
