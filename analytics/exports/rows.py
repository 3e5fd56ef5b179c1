"""An attendance file before it is written: which rows and columns, and reading them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Final

from django.db import connection, transaction

from analytics.exports.columns import (
    AGGREGATE,
    SCHEMA,
    CellKind,
    ExportColumn,
    ExportLevel,
    chosen_columns,
)
from analytics.exports.lines import CELLS, CODE, LineFormat, dialect_of
from analytics.exports.query import statement_of
from analytics.privacy.modes import PrivacyRules, rules_of
from analytics.privacy.published import aggregate_rows
from analytics.roster import PeopleFilter, reported_sessions
from events.exports.tables import CellValue
from events.models import Event, Session

# Rows fetched at a time: some hundred kilobytes, and the first few at once.
BATCH_ROWS: Final = 2000
FIRST_ROWS: Final = 100

ExportRow = Sequence[CellValue]
# The place of a row's session, and its line or cells.
PlacedLine = tuple[int, str]


@dataclass(frozen=True)
class ExportTable:
    """The file of an event, or of one of its sessions. Nothing is read before it is written.

    ``rules`` are what the event's privacy allows: nobody is named against them, and in the
    aggregate mode there is one file, of sessions, whichever was asked for.
    """

    event: Event
    level: ExportLevel
    chosen: Sequence[ExportColumn]
    rules: PrivacyRules
    session: Session | None = None
    show: PeopleFilter = PeopleFilter.ALL
    # Whoever makes a file in the background notes its progress meanwhile, which within the
    # transaction of a streamed one nobody would see: PostgreSQL keeps the rows aside instead.
    in_background: bool = False

    @property
    def columns(self) -> Sequence[str]:
        """The header of the file."""
        return [column.name for column in self.chosen]

    @property
    def name(self) -> str:
        """The file's name without its ending: of what, the schema, and the privacy mode."""
        what = [self.event.slug, *([self.session.slug] if self.session else [])]
        mode = [] if self.rules.names_people else [self.rules.mode.value]
        return "-".join([*what, self.level, f"v{SCHEMA}", *mode])

    @cached_property
    def sessions(self) -> Sequence[Session]:
        """The sessions whose rows the file holds, in its order."""
        if self.session is None:
            return list(reported_sessions(self.event))
        chosen = Session.objects.filter(pk=self.session.pk)
        return list(chosen.select_related("event", "track"))

    @property
    def rows(self) -> Iterator[ExportRow]:
        """The rows as values, for formats that keep types."""
        if not self.rules.lists_people:
            return aggregate_rows(self.event, self.rules, self.session)
        return self._people_rows()

    def _people_rows(self) -> Iterator[ExportRow]:
        heads = [self.session_values(session) for session in self.sessions]
        own = [column for column in self.chosen if not column.of_session]
        for batch in self.batches(None):
            for place, line in batch:
                cells = map(cell_value, own, cells_of(line))
                yield [*heads[place - self.first_place], *cells]

    @property
    def first_place(self) -> int:
        """What the database counts places from."""
        return 1 if connection.vendor == "postgresql" else 0

    def session_values(self, session: Session) -> list[CellValue]:
        """The cells of the file's ``of_session`` columns."""
        event = self.event
        values: dict[str, CellValue] = {
            "event": event.slug,
            "session_id": str(session.uuid),
            "session_title": session.title,
            "track": session.track.name if session.track else None,
            "session_type": session.session_type,
            "scheduled_start_utc": session.starts_at,
            "scheduled_end_utc": session.ends_at,
            "event_timezone": event.timezone,
            "scheduled_start_local": session.starts_at.astimezone(event.zone).isoformat(
                timespec="seconds"
            ),
        }
        return [values[column.name] for column in self.chosen if column.of_session]

    def batches(self, form: LineFormat | None) -> Iterator[Sequence[PlacedLine]]:
        """The rows in the order of the file, some thousand at a time, read as they are asked for.

        All of them are of one moment: one statement reads them.
        """
        if not self.sessions:
            return
        statement = statement_of(
            self.event,
            self.sessions,
            self.level,
            self.chosen,
            self.show,
            self.rules,
            dialect_of(connection.vendor),
            form,
        )
        with _streaming(self.in_background), connection.chunked_cursor() as cursor:
            register_code(self.rules)
            cursor.execute(statement.sql, statement.parameters)
            batch = cursor.fetchmany(FIRST_ROWS)
            while batch:
                yield batch
                batch = cursor.fetchmany(BATCH_ROWS)


@contextmanager
def _streaming(in_background: bool) -> Iterator[None]:
    """On PostgreSQL a transaction: outside of one a cursor first keeps its whole result.

    Compiling the statement would take longer than the first rows.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block or in_background:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL jit = off")
        yield


def attendance_table(
    event: Event,
    level: ExportLevel,
    session: Session | None = None,
    show: PeopleFilter = PeopleFilter.ALL,
    columns: Collection[str] | None = None,
) -> ExportTable:
    """The file of an event, or of one of its sessions.

    ``show`` narrows the person level; ``columns`` names those wanted, all for none (ValueError
    for unknown ones).
    """
    rules = rules_of(event)
    chosen = chosen_columns(level, columns)
    return ExportTable(
        event, level, chosen if rules.lists_people else AGGREGATE, rules, session, show
    )


def register_code(rules: PrivacyRules) -> None:
    """Let SQLite compute people's codes; PostgreSQL has what it takes."""
    if connection.vendor == "sqlite" and not rules.names_people:
        connection.connection.create_function(CODE, 1, rules.pseudonym, deterministic=True)


def cells_of(line: str) -> list[str | None]:
    """The texts of a row that came as cells."""
    cells: list[str | None] = json.loads(line[len(CELLS) :])
    return cells


def cell_value(column: ExportColumn, text: str | None) -> CellValue:
    """A cell's value, from what all our files write."""
    if text is None:
        return None
    match column.kind:
        case CellKind.TIME:
            return datetime.fromisoformat(text)
        case CellKind.BOOL:
            return text == "true"
        case CellKind.NUMBER:
            return Decimal(text) if column.decimals else int(text)
    return text
