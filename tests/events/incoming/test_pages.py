"""Managers bring tables through the admin: looked at, mended, imported, and nobody else sees them."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.actions import save_planned
from events.imports.runs import running_import
from events.incoming import work
from events.incoming.arriving import sweep_incoming
from events.models import (
    Event,
    ImportRun,
    IncomingFile,
    IncomingState,
    RememberedColumns,
    Session,
    TeamRole,
)
from tests.events.imports.test_tables import csv_of, workbook
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NINE = datetime(2030, 5, 6, 7, tzinfo=UTC)
HEADER = ["Title", "Start", "Duration"]
GOOD, OTHER = ["Opening", "2030-05-06 9:00", "60"], ["Closing", "2030-05-06 17:00", "30"]
BAD = ["Middle", "3/4/2030 12:00", "30"]


@pytest.fixture
def event() -> Event:
    return EventFactory(slug="conf", timezone="Europe/Berlin", starts_on=date(2030, 5, 6))


class IncomingDesk:
    """One person with a browser."""

    def __init__(self, event: Event, role: TeamRole = TeamRole.MANAGER) -> None:
        self.event, self.user = event, TeamMemberFactory(event=event, role=role).user
        self.client = Client()
        self.client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")

    def url(self, name: str = "", *more: Any) -> str:
        return reverse(f"admin:events_event_import{name}", args=[self.event.pk, *more])

    def bring(self, data: bytes | str, name: str = "t.csv", kind: str = "sessions") -> IncomingFile:
        raw = data.encode() if isinstance(data, str) else data
        answer = self.client.post(self.url(), {"file": SimpleUploadedFile(name, raw), "kind": kind})
        found = IncomingFile.objects.latest("pk")
        assert answer["Location"] == self.url("_file", found.uuid)
        return found

    def open(self, file: IncomingFile) -> Any:
        return self.client.get(self.url("_file", file.uuid))

    def press(self, file: IncomingFile, **pressed: Any) -> IncomingFile:
        self.client.post(self.url("_file", file.uuid), pressed)
        return IncomingFile.objects.get(pk=file.pk)

    def save(self, file: IncomingFile) -> IncomingFile:
        return self.press(file, save=file.fingerprint)

    def rules(self, file: IncomingFile | None = None, **changes: Any) -> dict[str, Any]:
        """What the form sends, as it stands but for ``changes``."""
        columns = file.preview["table"]["columns"] if file else ()
        shown = {f"column_{column['at']}": column["field"] for column in columns}
        return {"look": "1", "status": "draft", "session_type": "webcast", **shown, **changes}


@pytest.fixture
def desk(event: Event) -> IncomingDesk:
    return IncomingDesk(event)


def titles() -> list[str]:
    return list(Session.objects.order_by("starts_at").values_list("title", flat=True))


def test_table_is_shown_first_and_imported_at_a_press(desk):
    file = desk.bring(csv_of(HEADER, GOOD, OTHER))
    page, before = desk.open(file).content.decode(), titles()

    saved = desk.save(file)

    assert ("Opening" in page, "2 new, 0 changed" in page, before) == (True, True, [])
    assert (saved.state, saved.outcome, titles()) == (
        IncomingState.SAVED, "2 new, 0 changed, 0 removed, 0 unchanged, 0 rejected.",
        ["Opening", "Closing"],
    )  # fmt: skip
    run = ImportRun.objects.get()
    assert (run.state, run.started_by, run.event) == ("saved", desk.user.email, desk.event)
    assert "Imported" in desk.open(saved).content.decode()
    assert desk.save(saved).state == IncomingState.SAVED
    assert (ImportRun.objects.count(), len(titles())) == (1, 2)


def test_bad_cells_are_listed_and_come_back_in_the_corrected_file(desk):
    file = desk.bring(workbook(HEADER, GOOD, BAD, OTHER), "t.xlsx")

    page = desk.open(file).content.decode()
    answer = desk.client.get(desk.url("_corrected", file.uuid))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    saved = desk.save(file)

    assert "Sheet!B3" in page and "Import the good rows" in page
    assert answer["Cache-Control"].startswith("private, no-store")
    assert [cell.value for cell in sheet["D"]] == [
        "Errors", None,
        "B (Start): This can be two days: 2030-04-03 or 2030-03-04. → the one of both that is meant",
        None,
    ]  # fmt: skip
    assert (saved.state, titles()) == (IncomingState.SAVED, ["Opening", "Closing"])
    sheet["B3"] = "2030-05-06 12:00"
    out = io.BytesIO()
    sheet.parent.save(out)
    mended = desk.bring(out.getvalue(), "t.xlsx")
    assert (mended.preview["counts"], mended.preview["errors"]) == (
        {"new": 1, "changed": 0, "removed": 0, "unchanged": 2}, []
    )  # fmt: skip


def test_columns_that_nobody_knows_are_asked_for_once(desk):
    rows = csv_of(["Was", "Wann denn", "Dauer"], GOOD)
    file = desk.bring(rows)
    asked = (file.state, file.outcome)
    columns = {"column_0": "title", "column_1": "start", "column_2": "duration"}

    chosen = desk.press(file, **desk.rules(**columns))
    again = desk.bring(rows)
    twice = desk.client.post(
        desk.url("_file", again.uuid), desk.rules(column_0="title", column_1="title", column_2="")
    )

    assert asked == ("ready", "Choose the column that holds: Title, Start.")
    assert [f.preview["counts"]["new"] for f in (chosen, again)] == [1, 1]
    assert "Two columns cannot both be: Title." in twice.content.decode()
    assert RememberedColumns.objects.get().meanings == {
        "was": "title", "wann denn": "start", "dauer": "duration"
    }  # fmt: skip


def test_missing_sessions_are_cancelled_only_where_that_is_ticked(desk):
    gone = SessionFactory(event=desk.event, title="Gone", starts_at=NINE)
    file = desk.bring(csv_of(HEADER, GOOD))
    plain = file.preview["counts"]["removed"]

    ticked = desk.press(file, **desk.rules(file, remove_missing="on", status="published"))
    desk.save(ticked)

    assert (plain, ticked.preview["counts"]["removed"]) == (0, 1)
    gone.refresh_from_db()
    assert (gone.status, Session.objects.get(title="Opening").status) == ("cancelled", "published")


def test_what_was_edited_since_the_preview_is_shown_before_anything_is_saved(desk):
    session = SessionFactory(event=desk.event, title="Opening", starts_at=NINE)
    file = desk.bring(csv_of([*HEADER, "Room"], [*GOOD, "Hall"]))
    session.location = "Attic"
    save_planned(session)

    later = desk.save(file)
    shown = later.preview["groups"]["changed"][0]["changes"]
    after = Session.objects.get().location
    saved = desk.save(later)

    assert (later.state, shown[-1]["old"], after) == (IncomingState.READY, "Attic", "Attic")
    assert "nothing was saved" in later.outcome
    assert (saved.state, Session.objects.get().location) == (IncomingState.SAVED, "Hall")


def test_press_on_an_older_preview_saves_nothing(desk):
    file = desk.bring(csv_of(HEADER, GOOD))
    desk.press(file, **desk.rules(file, status="published"))

    desk.press(file, save="0" * 64)

    assert (titles(), IncomingFile.objects.get().state) == ([], IncomingState.READY)


def test_import_waits_while_another_one_runs(desk):
    file = desk.bring(csv_of(HEADER, GOOD))

    with running_import("conf", "other.xml"):
        busy = desk.save(file)

    assert (busy.state, titles()) == (IncomingState.READY, [])
    assert "other.xml" in busy.outcome
    assert desk.save(busy).state == IncomingState.SAVED


def test_file_of_somebody_else_is_not_there(desk, event):
    file = desk.bring(csv_of(HEADER, BAD))
    other = IncomingDesk(event, TeamRole.OWNER)

    answers = [
        other.client.get(other.url("_file", file.uuid)).status_code,
        other.client.get(other.url("_corrected", file.uuid)).status_code,
        other.client.post(other.url("_file", file.uuid), {"discard": "1"}).status_code,
        "t.csv" in other.client.get(other.url()).content.decode(),
    ]

    assert (answers, IncomingFile.objects.count()) == ([404, 404, 404, False], 1)


def test_files_expire_and_can_be_deleted(desk):
    old, other = desk.bring(csv_of(HEADER, GOOD)), desk.bring(csv_of(HEADER, GOOD))
    IncomingFile.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(hours=1))

    hidden = desk.open(old).status_code
    swept = sweep_incoming()
    desk.client.post(desk.url("_file", other.uuid), {"discard": "1"})

    assert (hidden, swept, IncomingFile.objects.count()) == (404, 1, 0)


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"PK\x03\x04 broken", "t.xlsx", "The file is a ZIP archive, but no workbook"),
        (b"", "t.csv", ""),
        (b"%PDF-1.7", "t.pdf", "The file is a PDF"),
        (b'a,"b\nc', "t.csv", "a quotation mark is missing"),
    ],
)
def test_what_cannot_be_read_says_why(desk, data, name, said):
    answer = desk.client.post(
        desk.url(), {"file": SimpleUploadedFile(name, data), "kind": "sessions"}, follow=True
    )

    assert (said in answer.content.decode(), titles()) == (True, [])


def test_schedule_comes_in_by_the_same_page():
    event = EventFactory(starts_on=date(2014, 12, 27), ends_on=date(2014, 12, 30))
    desk = IncomingDesk(event)

    file = desk.bring(Path("portal/demo_data/31c3.xml").read_bytes(), "schedule.xml")
    waiting = file.state
    work.work_on(file.pk)

    file.refresh_from_db()
    assert (waiting, file.state, file.preview["counts"]["new"], titles()) == (
        IncomingState.READING, IncomingState.READY, 138, []
    )  # fmt: skip


def test_large_file_waits_for_a_worker_that_may_die(desk, monkeypatch):
    monkeypatch.setattr(work, "QUICK_BYTES", 10)
    file = desk.bring(csv_of(HEADER, GOOD))
    page = desk.open(file).content.decode()
    held = IncomingFile.objects.filter(pk=file.pk)
    held.update(lease_until=timezone.now() + timedelta(minutes=1))
    busy = work.work_on(file.pk)
    held.update(lease_until=timezone.now() - timedelta(seconds=1))

    work.work_on_all(lambda: False)

    file.refresh_from_db()
    assert ("data-incoming-at-work" in page, busy, file.state) == (True, False, "ready")


def test_import_that_dies_saves_nothing_and_is_done_by_the_next(desk, monkeypatch):
    file = desk.bring(csv_of(HEADER, GOOD))
    with monkeypatch.context() as patched:
        patched.setattr(work, "end_saved", lambda *args: (_ for _ in ()).throw(MemoryError))
        desk.client.raise_request_exception = False
        desk.save(file)
    died = (titles(), IncomingFile.objects.get().state)
    IncomingFile.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    work.work_on_all(lambda: False)
    work.work_on_all(lambda: False)

    assert died == ([], IncomingState.SAVING)
    assert (titles(), IncomingFile.objects.get().state) == (["Opening"], IncomingState.SAVED)


def test_sessions_are_taken_out_and_brought_back_unchanged(desk):
    SessionFactory.create_batch(3, event=desk.event)
    for form in ("csv", "xlsx"):
        answer = desk.client.get(desk.url("_export", "sessions", form))
        file = desk.bring(answer.content, f"t.{form}")
        assert file.preview["counts"] == {"new": 0, "changed": 0, "removed": 0, "unchanged": 3}
    assert desk.client.get(desk.url("_export", "sessions", "pdf")).status_code == 404


def test_pages_ask_as_often_for_many_files_as_for_one(desk, django_assert_max_num_queries):
    file = desk.bring(csv_of(HEADER, *([f"T{n}", "2030-05-06 9:00", "60"] for n in range(300))))
    for _ in range(5):
        desk.bring(csv_of(HEADER, GOOD))

    for url in (desk.url(), desk.url("_file", file.uuid)):
        with django_assert_max_num_queries(25):
            desk.client.get(url)
