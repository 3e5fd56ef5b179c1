"""Other programs open the files: LibreOffice, as people do, and psql, as scripts do."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import connection
from lxml import etree

from analytics.exports import (
    STAY_COLUMNS,
    ExportLevel,
    attendance_csv,
    attendance_table,
    attendance_xlsx,
)
from analytics.exports.columns import STAY, CellKind
from tests.analytics.exports.conftest import HOSTILE, PULLED

pytestmark = [pytest.mark.django_db]

OFFICE: Final = shutil.which("soffice") or shutil.which("libreoffice") or ""
needs_office = pytest.mark.skipif(
    not OFFICE, reason="LibreOffice is not installed (Debian: libreoffice-calc-nogui)"
)
TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
# Separator, text delimiter, UTF-8, from line 1, no column formats, English, and no more than
# plain numbers and truths are found: what the import dialogue proposes.
# https://wiki.openoffice.org/wiki/Documentation/DevGuide/Spreadsheets/Filter_Options
CSV_FILTER: Final = "Text - txt - csv (StarCalc):{separator},34,76,1,,1033,false,false"
COMMA, SEMICOLON = 44, 59
# Controls, marks of direction and the like, noncharacters.
_SHAPELESS: Final = {"Cc", "Cf", "Cn"}


def opened(path: Path, *options: str) -> Iterator[list[tuple[str, str]]]:
    """The rows as LibreOffice has them: what each cell shows, and its formula."""
    profile = f"-env:UserInstallation=file://{path.parent}/profile"
    command = [OFFICE, profile, "--headless", *options, "--convert-to", "fods"]
    done = subprocess.run(
        [*command, "--outdir", f"{path.parent}/out", str(path)],
        capture_output=True,
        timeout=120,
        check=True,
        env={**os.environ, "HOME": str(path.parent)},
    )
    kept = path.parent / "out" / f"{path.stem}.fods"
    assert kept.exists(), done.stderr.decode()
    sheet = next(etree.parse(kept).iter(f"{TABLE}table"))
    for row in sheet.iter(f"{TABLE}table-row"):
        cells: list[tuple[str, str]] = []
        for cell in row:
            shown = "\n".join(map(_shown, cell.iter(f"{TEXT}p")))
            times = int(cell.get(f"{TABLE}number-columns-repeated", 1))
            cells += [(shown, cell.get(f"{TABLE}formula", ""))] * min(times, 99)
        if any(shown for shown, _ in cells):
            yield cells


def _shown(paragraph: Any) -> str:
    """Its text; runs of spaces, tabs and line ends are elements."""
    found = [paragraph.text or ""]
    for part in paragraph:
        if part.tag == f"{TEXT}s":
            found.append(" " * int(part.get(f"{TEXT}c", 1)))
        found += [{f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}.get(part.tag, ""), _shown(part)]
        found.append(part.tail or "")
    return "".join(found)


@pytest.fixture
def file(event, tmp_path) -> Path:
    path = tmp_path / "stays.csv"
    text = "".join(attendance_csv(attendance_table(event, ExportLevel.STAY)))
    path.write_text(text, encoding="utf-8", newline="")
    return path


def text_of(path: Path) -> str:
    """All of it, line ends as they are."""
    return path.read_bytes().decode()


def named(rows: list[list[str]]) -> list[list[str]]:
    """What people typed: the cells of text."""
    at = [n for n, column in enumerate(STAY) if column.kind is CellKind.TEXT]
    return [[row[n] for n in at] for row in rows]


@pytest.mark.proof
@needs_office
def test_by_comma_every_value_shows_as_it_is(file):
    found = list(opened(file, f"--infilter={CSV_FILTER.format(separator=COMMA)}"))
    written = list(csv.reader(io.StringIO(text_of(file), newline="")))

    assert [cell for row in found for cell in row if cell[1]] == []
    shown = named([[text for text, _ in row] for row in found])
    assert [[to_the_eye(text) for text in row] for row in shown] == [
        # CSV has no types: who is called 007 or True is so in any spreadsheet.
        [seen if is_value(text) else to_the_eye(text) for text, seen in zip(*pair, strict=True)]
        for pair in zip(named(written), shown, strict=True)
    ]


@pytest.mark.proof
@needs_office
def test_by_semicolon_nothing_is_a_formula(file):
    found = list(opened(file, f"--infilter={CSV_FILTER.format(separator=SEMICOLON)}"))

    assert len(found) >= len(HOSTILE)
    assert [cell for row in found for cell in row if cell[1]] == []


@pytest.mark.proof
@needs_office
def test_a_workbook_shows_every_value_without_a_guard(event, tmp_path):
    path = tmp_path / "book.xlsx"
    table = attendance_table(event, ExportLevel.STAY)
    path.write_bytes(b"".join(attendance_xlsx(table, made_by="Ada", now=PULLED)))
    header, *found = opened(path)
    at = [n for n, column in enumerate(STAY) if column.kind is CellKind.TEXT]

    assert [text for text, _ in header][: len(STAY_COLUMNS)] == STAY_COLUMNS
    # Truths come as =TRUE() there, whoever wrote them.
    assert [row[n] for row in found for n in at if row[n][1]] == []
    assert [[to_the_eye(row[n][0]) for n in at] for row in found] == [
        [to_the_eye(str(row[n] or "")) for n in at] for row in table.rows
    ]


def to_the_eye(text: str) -> str:
    """What there is to see: one sort of line end, nothing that has no shape."""
    lines = text.replace("\r\n", "\n")
    for end in "\r\x85\u2028\u2029":
        lines = lines.replace(end, "\n")
    return "".join(
        char for char in lines if char in "\n\t" or unicodedata.category(char) not in _SHAPELESS
    )


def is_value(text: str) -> bool:
    """Whether any spreadsheet takes the cell for a number or a truth."""
    return bool(re.fullmatch(r"\d[\d.]*(e\d+)?|true|false", text, re.IGNORECASE))


@pytest.mark.postgres_only
def test_psql_reads_back_what_was_written(file):
    made = ", ".join(f"{name} text" for name in STAY_COLUMNS)
    names = ", ".join(STAY_COLUMNS)
    found = psql(
        f"CREATE TEMPORARY TABLE came (place serial, {made})",
        rf"\copy came ({names}) FROM '{file}' WITH (FORMAT csv, HEADER)",
        rf"\copy (SELECT {names} FROM came ORDER BY place) TO STDOUT WITH (FORMAT csv, HEADER)",
    )

    def rows(text: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(text, newline="")))

    assert rows(found) == rows(text_of(file))


def psql(*commands: str) -> str:
    """What the last command writes, in a session of its own with the tests' server."""
    program = shutil.which("psql")
    assert program, "PostgreSQL's own client comes with its server"
    given = connection.get_connection_params()
    at = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
    env = {key: str(given[name]) for key, name in at.items() if given.get(name)}
    arguments = [part for command in commands for part in ("-c", command)]
    done = subprocess.run(
        [program, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", given["dbname"], *arguments],
        capture_output=True,
        timeout=60,
        check=True,
        env={**os.environ, **env, "PGCLIENTENCODING": "UTF8"},
    )
    return done.stdout.decode()
