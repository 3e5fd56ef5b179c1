"""Attendance as Parquet, for data frames: typed columns, no guard against formulas.

pyarrow is no requirement of the portal (it is larger than everything else together), so it is
imported where it is used, and everything says why there is no Parquet without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from analytics.exports.about import facts_of
from analytics.exports.columns import CellKind, ExportColumn
from analytics.exports.rows import ExportTable
from events.exports.tables import CellValue

# Rows of a group: what is in memory at a time, and what a reader can skip.
GROUP_ROWS: Final = 20_000
_DIGITS: Final = 18


class ParquetUnavailable(Exception):
    """pyarrow is not installed; the text says so and what to do."""


def is_available() -> bool:
    """Whether this installation can write Parquet."""
    return find_spec("pyarrow") is not None


def why_unavailable() -> str:
    """A sentence for whoever would like Parquet where there is none."""
    return _(
        "Parquet needs pyarrow, which is not installed here: ask for CSV or an Excel workbook, "
        "or have “pip install pyarrow” run for the portal and its workers."
    )


def attendance_parquet(
    table: ExportTable,
    *,
    made_by: str,
    now: datetime,
    watch: Callable[[int], None] = lambda rows: None,
) -> Iterator[bytes]:
    """The file in pieces, a group of rows at a time. ``watch`` as for the workbook.

    Times are milliseconds in UTC; ``scheduled_start_local`` is the clock of the event's zone,
    without an offset. The metadata ``about`` are the facts of the workbook's second sheet.
    Raises ParquetUnavailable.
    """
    if not is_available():
        raise ParquetUnavailable(why_unavailable())
    # By name: neither a type checker nor the worker needs it where it is not installed.
    pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    sink = _Pieces()
    schema = _schema(pyarrow, table.chosen).with_metadata(_about(table, made_by, now))
    rows, written = iter(table.rows), 0
    with parquet.ParquetWriter(sink, schema) as writer:
        while group := list(islice(rows, GROUP_ROWS)):
            watch(written := written + len(group))
            writer.write_table(_group(pyarrow, schema, table.chosen, group))
            yield sink.taken()
    yield sink.taken()


class _Pieces:
    """A file to pyarrow, which writes to it from the first byte to the last."""

    def __init__(self) -> None:
        self.closed = False
        self._parts: list[bytes] = []
        self._length = 0

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self._length += len(data)
        return len(data)

    def tell(self) -> int:
        return self._length

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def taken(self) -> bytes:
        """What was written since this was called last."""
        piece = b"".join(self._parts)
        self._parts.clear()
        return piece


def _schema(pyarrow: Any, columns: Sequence[ExportColumn]) -> Any:
    return pyarrow.schema([(column.name, _type(pyarrow, column)) for column in columns])


def _type(pyarrow: Any, column: ExportColumn) -> Any:
    match column.kind:
        case CellKind.TIME:
            return pyarrow.timestamp("ms", tz="UTC")
        case CellKind.LOCAL_TIME:
            return pyarrow.timestamp("ms")
        case CellKind.BOOL:
            return pyarrow.bool_()
        case CellKind.NUMBER if column.decimals:
            return pyarrow.decimal128(_DIGITS, column.decimals)
        case CellKind.NUMBER:
            return pyarrow.int64()
    return pyarrow.string()


def _group(
    pyarrow: Any,
    schema: Any,
    columns: Sequence[ExportColumn],
    rows: Sequence[Sequence[CellValue]],
) -> Any:
    arrays = [
        pyarrow.array([_value(column, row[at]) for row in rows], schema.field(at).type)
        for at, column in enumerate(columns)
    ]
    return pyarrow.Table.from_arrays(arrays, schema=schema)


def _value(column: ExportColumn, value: CellValue) -> Any:
    if column.kind is CellKind.LOCAL_TIME and isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=None)
    if column.kind in (CellKind.TEXT, CellKind.WORD, CellKind.UUID):
        return None if value is None else str(value)
    return value


def _about(table: ExportTable, made_by: str, now: datetime) -> dict[str, str]:
    facts = facts_of(table, made_by=made_by, now=now)
    return {"about": json.dumps(facts, default=str, ensure_ascii=False)}
