"""The workbook: the file's values with their types, and a sheet about the file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape

import openpyxl
import pytest

from analytics.exports import ExportLevel, attendance_csv, attendance_table, attendance_xlsx
from analytics.exports.columns import COLUMNS, CellKind
from analytics.models import EventPrivacy, PrivacyMode
from events.exports import workbook
from events.exports.tables import formula_safe, write_xlsx
from events.exports.workbook import cell_text

NOW = datetime(2030, 6, 1, 12, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db]


def book_of(event, level, **more) -> openpyxl.Workbook:
    table = attendance_table(event, level, **more)
    return openpyxl.load_workbook(
        io.BytesIO(b"".join(attendance_xlsx(table, made_by="Ada <ada@example.org>", now=NOW)))
    )


def as_in_csv(kind: CellKind, value: object) -> str:
    """What the CSV file says of a cell, without its guard against formulas."""
    if value is None:
        return ""
    if kind is CellKind.TIME:
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if kind is CellKind.LOCAL_TIME:
        return f"{value:%Y-%m-%dT%H:%M:%S}+05:45"
    if kind is CellKind.BOOL:
        return str(value).lower()
    return str(value)


@pytest.mark.postgres
@pytest.mark.parametrize("level", list(ExportLevel))
@pytest.mark.parametrize("mode", [PrivacyMode.IDENTIFIED, PrivacyMode.PSEUDONYMOUS])
def test_workbook_says_what_the_csv_file_says(event, level, mode):
    EventPrivacy.objects.create(event=event, mode=mode)
    header, *rows = book_of(event, level)["Attendance"].iter_rows(values_only=True)
    table = attendance_table(event, level)
    text = "".join(attendance_csv(table))
    named, *lines = csv.reader(io.StringIO(text, newline=""))

    assert list(header) == named
    for row, line, values in zip(rows, lines, table.rows, strict=True):
        for column, cell, said, value in zip(COLUMNS[level], row, line, values, strict=True):
            if column.kind is CellKind.NUMBER and said:
                assert Decimal(str(cell)) == Decimal(said)
            elif column.kind is CellKind.TEXT:
                assert formula_safe(value or "") == said
                assert (cell or "") == unescape(cell_text(value or ""))
            else:
                assert as_in_csv(column.kind, cell) == said


def test_header_stays_in_sight_with_a_filter_at_each_column(event):
    sheet = book_of(event, ExportLevel.STAY)["Attendance"]

    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:P{sheet.max_row}")
    assert (sheet["J2"].is_date, sheet["J2"].value) == (True, datetime(2030, 5, 6, 9))


def test_second_sheet_tells_about_the_file(event):
    book = book_of(event, ExportLevel.PERSON, columns=["role", "attendee_id"])
    about = {row[0]: row[1:] for row in book["About"].iter_rows(values_only=True)}

    assert book.sheetnames == ["Attendance", "About"]
    assert about["schema"][0] == 1
    assert about["event"] == (event.title, "-conf")
    assert about["columns"] == (2, "attendee_id, role")
    assert about["made at"] == (datetime(2030, 6, 1, 12), "UTC")
    assert about["made by"][0] == "Ada <ada@example.org>"
    assert about["privacy"] == ("identified", "Identified: names and addresses are shown.")
    assert {"data as of", "completeness", "attendee_id", "role"} <= set(about)


def test_aggregate_workbook_lists_sessions(event):
    EventPrivacy.objects.create(event=event, mode=PrivacyMode.AGGREGATE)
    rows = list(book_of(event, ExportLevel.PERSON)["Attendance"].iter_rows(values_only=True))

    assert [row[2] for row in rows] == ["session_title", "Sooner", "=Later"]


@pytest.mark.parametrize(("rows", "sheets"), [(0, 1), (4, 1), (5, 2), (8, 2), (9, 3)])
def test_rows_beyond_a_sheet_go_to_the_next(monkeypatch, rows, sheets):
    monkeypatch.setattr(workbook, "SHEET_ROWS", 5)
    monkeypatch.setattr("events.exports.tables.CHUNK_ROWS", 3)
    buffer = io.BytesIO()
    write_xlsx(["number"], [[number] for number in range(rows)], buffer, "Numbers")

    book = openpyxl.load_workbook(buffer)
    assert book.sheetnames == ["Numbers", "Numbers 2", "Numbers 3"][:sheets]
    assert [row[0] for sheet in book for row in sheet.iter_rows(2, values_only=True)] == [
        *range(rows)
    ]


def test_text_that_excel_would_decode_stays_as_it_is():
    buffer = io.BytesIO()
    write_xlsx(["name"], [["a_x0041_b"], ["_y_"]], buffer, "Names")

    sheet = openpyxl.load_workbook(buffer).active
    assert [cell.value for cell in sheet["A"]] == ["name", "a_x005F_x0041_b", "_y_"]


def test_a_very_long_text_is_cut_where_excel_ends():
    buffer = io.BytesIO()
    write_xlsx(["name"], [["x" * 40_000]], buffer, "Names")

    assert len(openpyxl.load_workbook(buffer).active["A2"].value) == 32_767


def test_writing_can_be_ended_at_any_piece(event):
    class Ended(Exception):
        pass

    def watch(rows: int) -> None:
        raise Ended

    table = attendance_table(event, ExportLevel.STAY)
    with pytest.raises(Ended):
        b"".join(attendance_xlsx(table, made_by="Ada", now=NOW, watch=watch))
