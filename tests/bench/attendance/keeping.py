"""A page of stays kept, beside the least that the database needs for the same rows."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from analytics.figures.versions import note_changed
from analytics.models import RoomRun, Stay
from analytics.sources.parsing import StayRow, run_row, stay_row
from analytics.staging import WriteCounts
from analytics.store import store_run
from events.models import Session, User
from kaltura_bridge.join.identity import kaltura_user_id
from tests.bench.attendance.generator import START

RAW_RUN = {"id": "kept", "date_start": str(int(START.timestamp())), "room_name": "Kept"}


class Keeping:
    """So many parsed rows of one run; the run is of no session."""

    def __init__(self, rows: int) -> None:
        seen = User.objects.filter(email__endswith="@bench.example").order_by("pk")
        people = [kaltura_user_id(user) for user in seen]
        self.rows = rows
        self._page: list[tuple[StayRow, dict[str, Any]]] = []
        for number in range(rows):
            raw = self._raw(number, people[number % len(people)])
            self._page.append((stay_row(raw), raw))
        self._asked = START

    def _raw(self, number: int, person: str) -> dict[str, Any]:
        joined = int(START.timestamp()) + number * 31 % 7200
        return {
            "session_id": "kept",
            "user_id": str(number),
            "user_type": "user",
            "user_name": f"Attendee {number}",
            "user_email": f"{number}@lti-newrow.com",
            "lti_user_id": person,
            "lti_user_email": "",
            "time_joined": str(joined),
            "time_left": str(joined + 900),
            "duration": "15.0000",
            "attention": "34%",
        }

    def kept_s(self) -> float:
        """Seconds for what a pull does with the page, once it is parsed."""
        return self._store()[0]

    def replayed(self) -> tuple[float, int]:
        """Seconds for the same page again, and how many rows that wrote."""
        seconds, written = self._store()
        return seconds, written.total

    def _store(self) -> tuple[float, WriteCounts]:
        self._asked += timedelta(minutes=5)
        began = time.perf_counter()
        _, written = store_run("1_kept", run_row(RAW_RUN), RAW_RUN, self._page, self._asked)
        return time.perf_counter() - began, written

    def belong_to(self, session: Session) -> None:
        """The run is this session's from now on, so that a change would touch its figures."""
        RoomRun.objects.filter(remote_id="kept").update(session=session)
        note_changed([session.pk])

    def forget(self) -> None:
        """Take the run and its stays away again."""
        run = RoomRun.objects.get(remote_id="kept")
        Stay.objects.filter(run=run).delete()
        note_changed([run.session_id] if run.session_id else [])
        run.delete()

    def bare_s(self) -> float:
        """Seconds for a plain COPY (on SQLite many INSERTs) and one upsert where different."""
        self._store()
        run = RoomRun.objects.get(remote_id="kept")
        table, columns = Stay._meta.db_table, self._columns()
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMPORARY TABLE ready AS SELECT {columns} FROM {table} "
                f"WHERE run_id = {run.pk}"
            )
            rows = self._read(cursor, columns)
            cursor.execute("DROP TABLE ready")
        Stay.objects.filter(run=run).delete()
        began = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            self._write(cursor, rows, table, columns)
        seconds = time.perf_counter() - began
        Stay.objects.filter(run=run).delete()
        # As before anything was pulled: what was written last is no longer there.
        run.delete()
        return seconds

    @staticmethod
    def _columns() -> str:
        return ", ".join(
            field.column for field in Stay._meta.concrete_fields if not field.primary_key
        )

    @staticmethod
    def _read(cursor: Any, columns: str) -> Any:
        if connection.vendor == "postgresql":
            with cursor.copy("COPY ready TO STDOUT") as copy:
                return [bytes(piece) for piece in copy]
        cursor.execute(f"SELECT {columns} FROM ready")
        return cursor.fetchall()

    @staticmethod
    def _write(cursor: Any, rows: Any, table: str, columns: str) -> None:
        cursor.execute(f"CREATE TEMPORARY TABLE came AS SELECT {columns} FROM {table} WHERE 1 = 0")
        if connection.vendor == "postgresql":
            with cursor.copy("COPY came FROM STDIN") as copy:
                for piece in rows:
                    copy.write(piece)
        else:
            marks = ", ".join(["?"] * len(columns.split(",")))
            cursor.connection.executemany(f"INSERT INTO came VALUES ({marks})", rows)
        differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
        names = [name for name in columns.split(", ") if name not in ("source", "remote_key")]
        ours = ", ".join(f"{table}.{name}" for name in names)
        theirs = ", ".join(f"excluded.{name}" for name in names)
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM came WHERE true "
            f"ON CONFLICT (source, remote_key) DO UPDATE SET "
            + ", ".join(f"{name} = excluded.{name}" for name in names)
            + f" WHERE ({ours}) {differs} ({theirs})"
        )
        cursor.execute("DROP TABLE came")
