"""The attendance of a conference with a million stays, each figure beside its limit.

On PostgreSQL a million stays in 500 sessions; on SQLite, which the portal is not meant to use
for more, 200,000 in 100. ``--stays`` takes fewer, 2,000 to a session.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.exports import ExportLevel, attendance_csv, attendance_table, attendance_xlsx
from analytics.figures.renewal import renew, renew_what_moved
from analytics.figures.summary import compute_ahead, figures_of
from analytics.figures.versions import note_changed, out_of_date
from analytics.match import match_people
from analytics.models import SessionAttendance, Stay
from events.models import Event, User
from kaltura_simulator.testing import Simulator
from tests.bench.attendance.generator import conference, fill
from tests.bench.attendance.keeping import Keeping
from tests.bench.attendance.pulling import pulled_far_away
from tests.bench.figures import Column, Row, Table

STAYS = {"postgresql": 1_000_000, "sqlite": 200_000}
STAYS_A_SESSION = 2_000
TURNS = 3
PAGE_ROWS = {"postgresql": 100_000, "sqlite": 20_000}
COLUMNS = (Column("measured", 2), Column("limit", 2))
MIB = 1 << 20

# What a report must add up, in its barest form: one window over the rows that it shows.
BARE_EVENT = """
SELECT session_id, COUNT(*), AVG(minutes_present), SUM(present) FROM (
    SELECT session_id, minutes_present, CASE WHEN attended THEN 1 ELSE 0 END AS present,
        ROW_NUMBER() OVER (PARTITION BY session_id ORDER BY minutes_present) AS place
    FROM analytics_sessionattendance
) ranked GROUP BY session_id"""
BARE_FILES = {
    ExportLevel.PERSON: """
SELECT s.uuid, s.title, s.starts_at, s.ends_at, u.uuid, u.name, u.email, a.attended,
    a.first_joined_at, a.last_left_at, a.join_count, a.minutes_present, a.scheduled_percent,
    a.open_interval, a.attention_percent, a.sources, a.matched_by, a.pulled_at
FROM analytics_sessionattendance a JOIN events_session s ON s.id = a.session_id
LEFT JOIN events_user u ON u.id = a.user_id ORDER BY s.starts_at, s.id, a.user_id""",
    ExportLevel.STAY: """
SELECT s.uuid, s.title, u.uuid, u.name, u.email, t.source, r.remote_id, t.remote_user_id,
    t.joined_at, t.left_at, t.minutes, t.open_interval, t.attention, t.matched_by, t.pulled_at
FROM analytics_stay t JOIN analytics_roomrun r ON r.id = t.run_id
JOIN events_session s ON s.id = r.session_id LEFT JOIN events_user u ON u.id = t.user_id
ORDER BY s.starts_at, s.id, t.joined_at, t.id""",
}


def measure(kaltura: Simulator, stays: int | None = None) -> Table:
    """All rows, in the order in which an installation would come to them."""
    stays = stays or STAYS[connection.vendor]
    sessions = max(1, stays // STAYS_A_SESSION)
    event = conference(sessions)
    fill(event, stays)
    figures = Table(
        "Attendance",
        f"{stays:,} stays in {sessions} sessions; seconds, and how many times as long as the "
        "least that the database needs for the same",
        COLUMNS,
    )
    for rows in (
        _keeping(event, stays),
        _figures(event, stays),
        _reports(event),
        _files(event),
        pulled_far_away(kaltura, sessions),
    ):
        for name, values in rows:
            figures.rows.append(Row(name, values))
            # It takes minutes: whoever waits sees how far it is.
            print(name, figures.columns[0].text(values[0]), file=sys.stderr, flush=True)
    return figures


Measured = Iterator[tuple[str, tuple[float | None, float | None]]]


def _seconds(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _least(call: Callable[[], Any], runs: int = 3) -> float:
    return min(_seconds(call) for _ in range(runs))


def _bare(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.fetchall()


# --- Keeping, matching, computing ------------------------------------------------------------


def _keeping(event: Event, stays: int) -> Measured:
    page = Keeping(min(PAGE_ROWS[connection.vendor], stays))
    # In turns, and the best of each: whatever else the machine does falls on both alike.
    bare = kept = float("inf")
    for turn in range(TURNS):
        if turn:
            page.forget()
        bare, kept = min(bare, page.bare_s()), min(kept, page.kept_s())
    page.belong_to(event.sessions.order_by("pk")[0])
    renew_what_moved()
    rows = f"{page.rows:,} stays"
    yield f"keeping {rows}, s", (kept, None)
    yield "  times COPY and upsert where different", (kept / bare, 1.7)
    replayed, written = page.replayed()
    yield f"replaying {rows}, s", (replayed, None)
    yield "  times keeping them", (replayed / kept, None)
    yield "  rows written", (written, 0)
    yield "  sessions whose figures are made anew", (len(out_of_date()), 0)
    page.forget()


def _figures(event: Event, stays: int) -> Measured:
    sessions = list(event.sessions.select_related("event"))
    pks = [session.pk for session in sessions]

    matching = _seconds(lambda: match_people(Stay.objects.filter(run__event=event)))
    note_changed(pks)
    computing = _seconds(lambda: renew(pks))
    storing = _seconds(lambda: figures_of(sessions))
    yield f"matching and figures after {stays:,} stays, s", (matching + computing + storing, 10)
    yield "  matching", (matching, None)
    yield "  attendance of each person", (computing, None)
    yield "  figures and curves of each session", (storing, None)
    yield "the event's figures, by a worker, s", (_seconds(lambda: compute_ahead([event.pk])), None)
    before = SessionAttendance.objects.count()
    note_changed(pks[:1])

    def again() -> None:
        renew(pks)
        figures_of(sessions)

    yield "after a change in one session, s", (_seconds(again), None)
    yield "after no change, s", (_seconds(again), None)
    assert SessionAttendance.objects.count() == before
    compute_ahead([event.pk])


# --- Reading ---------------------------------------------------------------------------------


def _reports(event: Event) -> Measured:
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.create_superuser("bench@bench.example", "x", name="Bench"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    bare = _least(lambda: _bare(BARE_EVENT))
    page = reverse("admin:analytics_event_report", args=[event.pk])
    client.get(page)
    report = _least(lambda: client.get(page), 5)
    yield "event report, ms", (1000 * report, None)
    yield "  times the bare SQL window", (report / bare, 1.3)
    session = event.sessions.order_by("pk")[:1].get()
    one = reverse("admin:analytics_session_report", args=[session.pk])
    client.get(one)
    yield "session report, ms", (1000 * _least(lambda: client.get(one), 9), 30)
    with CaptureQueriesContext(connection) as asked:
        client.get(one)
    yield "  queries", (len(asked), 8)


def _files(event: Event) -> Measured:
    with TemporaryDirectory(prefix="portal-bench-") as folder:
        for level in (ExportLevel.PERSON, ExportLevel.STAY):
            yield from _csv(event, level, Path(folder) / "rows.csv")
        yield from _xlsx(event, Path(folder) / "rows.xlsx")


def _csv(event: Event, level: ExportLevel, file: Path) -> Measured:
    idle, began = _resident(), time.perf_counter()
    first, most, rows = 0.0, idle, -1  # The header is no row.
    with file.open("w", encoding="utf-8") as out:
        for number, piece in enumerate(attendance_csv(attendance_table(event, level))):
            if number == 1:  # The header leaves before the database has answered.
                first = time.perf_counter() - began
            out.write(piece)
            rows += piece.count("\n")
            if number % 50 == 0:
                most = max(most, _resident())
    took = time.perf_counter() - began
    yield f"CSV, a row a {level.value}: rows/s", (rows / took, None)
    if connection.vendor == "postgresql":
        copied = _copied(BARE_FILES[level], file)
        yield "  \\copy of the same rows: rows/s", (rows / copied, None)
        yield "  times \\copy", (took / copied, 2)
    yield "  first rows, s", (first, 0.3)
    yield "  MiB above idle", ((most - idle) / MIB, 16)


def _copied(statement: str, file: Path) -> float:
    """What ``psql \\copy`` does: COPY to the client, and into a file."""

    def copy() -> None:
        copied = f"COPY ({statement}) TO STDOUT WITH CSV HEADER"
        with connection.cursor() as cursor, file.open("wb") as out, cursor.copy(copied) as rows:
            out.writelines(rows)

    return _seconds(copy)


def _xlsx(event: Event, file: Path) -> Measured:
    table = attendance_table(event, ExportLevel.STAY)
    began = time.perf_counter()
    with file.open("wb") as out:
        out.writelines(attendance_xlsx(table, made_by="bench", now=timezone.now()))
    rows = Stay.objects.filter(run__session__event=event).count()
    yield "XLSX, a row a stay: rows/s (at least)", (rows / (time.perf_counter() - began), 20_000)


def _resident() -> int:
    """How much memory this process has in use now, in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096
