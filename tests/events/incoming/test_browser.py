"""31C3 comes in from a workbook with two bad cells, is mended and brought again with ten changes."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from django.core.management import call_command

from events.incoming import work
from events.models import Event, TeamRole
from tests.accessibility import violations
from tests.factories import EventFactory, TeamMemberFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def book(tmp_path: Path) -> Any:
    """31C3 as a workbook, as another team would send it."""
    call_command("import_agenda", "31c3", "portal/demo_data/31c3.xml", timezone="Europe/Berlin",
                 apply=True, stdout=io.StringIO())  # fmt: skip
    path = tmp_path / "31c3.xlsx"
    call_command("export_agenda", "31c3", format="xlsx", output=path, stderr=io.StringIO())
    return openpyxl.load_workbook(path)


def bring(page: Page, book: Any) -> None:
    out = io.BytesIO()
    book.save(out)
    file = {"name": "31c3.xlsx", "mimeType": XLSX, "buffer": out.getvalue()}
    page.locator("#id_file").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Show what it would do").click()
    page.get_by_role("heading", name="What it may do").wait_for()


def findings(page: Page) -> list[str]:
    """What is wrong with the page: sideways scroll, what axe says, complaints."""
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    complaints = list(page.complaints)
    found = [*(["scrolls sideways"] if wide else []), *complaints, *violations(page, "#content")]
    page.complaints.clear()  # The policy keeps axe from styling what it measures.
    return found


def test_31c3_from_a_workbook_mended_and_brought_again_doubles_nothing(visit, book, monkeypatch):
    monkeypatch.setattr(work, "QUICK_BYTES", 10**7)
    event = EventFactory(slug="next", timezone="Europe/Berlin", starts_on=date(2014, 12, 27),
                         ends_on=date(2014, 12, 30))  # fmt: skip
    user = TeamMemberFactory(event=event, role=TeamRole.MANAGER).user
    sheet = book.active
    right = {name: sheet[name].value for name in ("I5", "E9")}
    sheet["I5"], sheet["E9"] = "12/11/2014 10:00", "lecture"
    page = visit(f"/admin/events/event/{event.pk}/import/", user=user, width=360)
    wrong = findings(page)

    bring(page, book)
    page.get_by_role("heading", name="2 rows cannot be imported").wait_for()
    errors = page.locator(".incoming-errors tbody tr").all_inner_texts()
    wrong += findings(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="The file with its errors").click()
    mended = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    page.get_by_role("button", name="Import the good rows").click()
    page.get_by_text("Imported.").wait_for()
    came = event.sessions.count()
    sheet = mended.active
    said = [sheet[f"T{row}"].value for row in (1, 4, 5, 9)]
    for name, value in right.items():
        sheet[name] = value
    for row in range(20, 30):
        sheet.cell(row, 7, "Another room")
    page.get_by_role("link", name="Bring another file").click()
    page.set_viewport_size({"width": 1280, "height": 900})
    bring(page, mended)
    counts = page.locator(".incoming-counts").inner_text()
    wrong += findings(page)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Imported.").wait_for()

    assert [error.split("\t")[:3] for error in errors] == [
        ["Agenda!I5", "Start", "12/11/2014 10:00"], ["Agenda!E9", "Type", "lecture"]
    ]  # fmt: skip
    assert (said[0], said[1], said[2][:44]) == (
        "Errors", None, "I (Start): This can be two days: 2014-11-12 "
    )  # fmt: skip
    assert (came, counts.strip(), wrong) == (
        136, "2 new, 10 changed, 0 to be cancelled, 126 as they are.", []
    )  # fmt: skip
    source = Event.objects.get(slug="31c3")
    assert (event.sessions.count(), event.speakers.count()) == (138, source.speakers.count())
