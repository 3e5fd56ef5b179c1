"""Schedules in: how long an import takes, and how long it lets nobody else write."""

from __future__ import annotations

import json
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from django.db import transaction

from events.imports import load
from events.imports.apply import PreparedImport, short_transaction
from events.imports.diff import new_event, plan_import
from events.imports.rows import agenda_of
from events.models import Event, Session
from tests.bench.figures import Column, Row, Table
from tests.events.support.big_schedule import big_schedule

SIZES = (900, 5000)
COLUMNS = (Column("talks"), Column("seconds", 2), Column("writing s", 2), Column("its CPU s", 2))


def measure() -> Table:
    """A new event of each size, the same file again, and all of its talks moved."""
    table = Table(
        "Import",
        "from a schedule.json with texts as long as real ones; while it writes, nobody else can "
        "write to SQLite; each once",
        COLUMNS,
    )
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        for talks in SIZES:
            path = Path(folder) / f"{talks}.json"
            path.write_text(json.dumps(big_schedule(talks)))
            slug = f"import-{talks}"
            table.rows.append(_import("all new", path, slug, talks))
            table.rows.append(_import("nothing to do", path, slug, talks))
            _move_all(slug)
            table.rows.append(_import("all moved", path, slug, talks))
            Event.objects.get(slug=slug).delete()
    return table


def _import(name: str, path: Path, slug: str, talks: int) -> Row:
    began = time.perf_counter()
    event = Event.objects.filter(slug=slug).first() or new_event(slug, "Europe/Berlin")
    plan = plan_import(agenda_of(load(path), event.zone), event, "webcast")
    prepared = PreparedImport(plan)
    writes, cpu = time.perf_counter(), time.process_time()
    ended: list[tuple[float, float]] = []
    with short_transaction():
        prepared.save()
        # Before the message to the worker, which keeps nobody from writing.
        transaction.on_commit(lambda: ended.append((time.perf_counter(), time.process_time())))
    [(wrote, cpu_then)] = ended
    return Row(name, (talks, wrote - began, wrote - writes, cpu_then - cpu))


def _move_all(slug: str) -> None:
    """So that the file moves them back. Nobody is told: this is no part of what is measured."""
    for session in Session.objects.filter(event__slug=slug).iterator():
        Session.objects.filter(pk=session.pk).update(
            starts_at=session.starts_at + timedelta(minutes=5), title=f"{session.title[:200]} (was)"
        )
