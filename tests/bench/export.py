"""Attendance out of the database: rows and megabytes per second."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.utils import timezone

from analytics.exports import ExportLevel, attendance_csv, attendance_table, attendance_xlsx
from events.models import Event
from portal.seed.attendance import seed_attendance
from tests.bench.figures import Column, Row, Spread, Table, timed
from tests.bench.stage import ATTENDEES

VISITS = 5000
RUNS = 3
COLUMNS = (
    Column("rows"),
    Column("MB", 1),
    Column("seconds", 2),
    Column("CPU s", 2),
    Column("rows/s"),
)


def measure(event: Event) -> Table:
    """Both levels as CSV, the finer one as a workbook too."""
    seed_attendance(event, VISITS, timezone.now(), [])
    figures = Table(
        "Export",
        f"{event.sessions.count()} sessions, {ATTENDEES} attendees, {VISITS} visits pulled; from "
        f"the database to the finished file; median of {RUNS} after a warm-up",
        COLUMNS,
    )
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        for level, about in (
            (ExportLevel.PERSON, "person and session"),
            (ExportLevel.STAY, "stay"),
        ):
            figures.rows.append(_csv(event, level, f"CSV, a row a {about}", Path(folder)))
        figures.rows.append(_xlsx(event, "XLSX, a row a stay", Path(folder)))
    return figures


def _csv(event: Event, level: ExportLevel, name: str, folder: Path) -> Row:
    file = folder / f"{level}.csv"

    def write() -> None:
        found = attendance_table(event, level)
        with file.open("wb") as out:
            out.writelines(piece.encode() for piece in attendance_csv(found))

    return _row(name, file, timed(write, RUNS), _count(event, level))


def _xlsx(event: Event, name: str, folder: Path) -> Row:
    file = folder / "stays.xlsx"

    def write() -> None:
        found = attendance_table(event, ExportLevel.STAY)
        with file.open("wb") as out:
            out.writelines(attendance_xlsx(found, made_by="bench", now=timezone.now()))

    return _row(name, file, timed(write, RUNS), _count(event, ExportLevel.STAY))


def _count(event: Event, level: ExportLevel) -> int:
    rows: Iterator[object] = iter(attendance_table(event, level).rows)
    return sum(1 for _ in rows)


def _row(name: str, file: Path, took: Spread, rows: int) -> Row:
    size_mb = file.stat().st_size / 1e6
    return Row(name, (rows, size_mb, took.median, took.cpu, rows / took.median))
