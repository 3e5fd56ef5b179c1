"""How a database writes rows as the lines of a file, so that Python only joins them.

A line is made by the database wherever no cell needs care. A row with a comma, a quotation
mark, the beginning of a formula or a character that the format cannot hold comes as JSON, a
text for each cell behind ``CELLS``, and is written by the same functions as all other files:
there is one definition of what is harmless, and it is in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from analytics.exports.columns import CellKind, ExportColumn

#: What a row begins with that is no line yet.
CELLS: Final = "\x02"
#: What SQLite calls the function that makes somebody's code in an event.
CODE: Final = "portal_code"


@dataclass(frozen=True)
class LineFormat:
    """How cells become a line: what stands around each, between them, and at the end.

    ``around`` gives the text before and after a column's value, ``empty`` stands for none.
    With ``serial`` times are days since 1899-12-30, as spreadsheets count, and truths 1 and 0.
    ``care_pattern`` (PostgreSQL) and ``care_globs`` (SQLite) find what must be written by
    ``line``, which takes the cells' texts: CELLS among it. ``mark`` stands before each text.
    """

    around: Callable[[ExportColumn], tuple[str, str]]
    empty: str
    joint: str
    end: str
    serial: bool
    mark: str
    care_pattern: str
    care_globs: Sequence[str]
    line: Callable[[Sequence[ExportColumn], Sequence[str | None]], str]


def literal(text: str) -> str:
    """A text as an SQL literal, in a statement that takes parameters."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


class PostgresSql:
    """PostgreSQL's ways to write values as text."""

    name = "postgresql"
    binary_order = ' COLLATE "C"'
    json_array = "json_build_array"
    false = "false"
    true = "true"

    def code(self, subject: str) -> str:
        """Somebody's code in the event, as PrivacyRules.pseudonym; ``secret`` has its key."""
        whole = f"(SELECT key FROM secret) || convert_to({subject}, 'UTF8')"
        return f"'P-' || left(encode(sha256({whole}), 'hex'), 16)"

    def secret(self) -> str:
        """What stands before the tables of a statement with codes; one parameter, in hex."""
        return "secret AS MATERIALIZED (SELECT decode(%s, 'hex') AS key), "

    def text(self, column: ExportColumn, value: str) -> str:
        """The SQL of a value as all our files write it; NULL for none."""
        match column.kind:
            case CellKind.UUID:
                return f"({value})::text"
            case CellKind.TIME:
                moment = f"({value}) AT TIME ZONE 'UTC'"
                return f"""to_char({moment}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
            case CellKind.BOOL:
                return f"CASE {value} WHEN true THEN 'true' WHEN false THEN 'false' END"
            case CellKind.NUMBER:
                exact = f"round({value}, {column.decimals})" if column.decimals else value
                return f"({exact})::text"
        return value

    def serial(self, column: ExportColumn, value: str) -> str:
        """As ``text``, with times in days and truths as numbers."""
        match column.kind:
            case CellKind.TIME:
                seconds = f"floor(extract(epoch FROM {value}))"
                return f"round({seconds} / 86400 + 25569, 9)::text"
            case CellKind.BOOL:
                return f"CASE {value} WHEN true THEN '1' WHEN false THEN '0' END"
        return self.text(column, value)

    def needs_care(self, marked: str, form: LineFormat) -> str:
        """Whether one of the texts, marked and joined, must be written in Python."""
        return f"({marked}) ~ {literal(form.care_pattern)}"

    def rows_of_json(self, names: Sequence[str], types: Sequence[str]) -> str:
        """A SELECT of the rows of a JSON array of arrays, with their places; one parameter."""
        cells = ", ".join(
            f"(value->>{at})::{kind} AS {name}"
            for at, (name, kind) in enumerate(zip(names, types, strict=True))
        )
        source = "json_array_elements(%s::json) WITH ORDINALITY AS rows(value, place)"
        return f"SELECT place, {cells} FROM {source}"

    def for_each_session(
        self, select: str, sources: str, where: str, place: str, order: Sequence[str]
    ) -> str:
        """``select`` of ``sources`` for each of the sessions ``s``, in their order.

        ``{each}`` in ``sources`` is where SQLite lists them; ``place`` is what it calls theirs.
        LATERAL and OFFSET keep the planner at it session by session, so that the first row
        comes as soon as the first session is read, and a sort holds one session only.
        """
        keys = ", ".join(f"{key} AS key{at}" for at, key in enumerate(order))
        sorted_by = ", ".join(["s.place", *(f"x.key{at}" for at in range(len(order)))])
        return (
            "SELECT s.place, x.line "
            "FROM (SELECT * FROM sessions ORDER BY place) s CROSS JOIN LATERAL "
            f"(SELECT {select}, {keys} FROM {sources.format(each='')} WHERE {where} OFFSET 0) x "
            f"ORDER BY {sorted_by}"
        )


class SqliteSql:
    """SQLite's ways: times, UUIDs and decimals are kept there as Django keeps them."""

    name = "sqlite"
    binary_order = ""
    json_array = "json_array"
    false = "0"
    true = "1"

    def code(self, subject: str) -> str:
        """Somebody's code in the event, by the function that the connection was given."""
        return f"{CODE}({subject})"

    def secret(self) -> str:
        """As on PostgreSQL; the function has the key already."""
        return "secret AS (SELECT %s AS key), "

    def text(self, column: ExportColumn, value: str) -> str:
        """The SQL of a value as all our files write it; NULL for none."""
        match column.kind:
            case CellKind.UUID:
                parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
                return "||'-'||".join(f"substr({value}, {at}, {n})" for at, n in parts)
            case CellKind.TIME:
                return f"substr({value}, 1, 10)||'T'||substr({value}, 12, 8)||'Z'"
            case CellKind.BOOL:
                return f"CASE {value} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
            case CellKind.NUMBER:
                return self._number(column, value)
        return value

    def _number(self, column: ExportColumn, value: str) -> str:
        """Halves up. The double of a decimal may lie below its half, so round it as it is kept."""
        if column.decimals == 0:
            return f"CAST({value} AS TEXT)"
        kept = f"round(({value}) * 10000)"
        step = 10 ** (4 - column.decimals)
        scaled = f"(CAST({kept} AS INTEGER) + {step // 2}) / {step}"
        whole = f"printf('%%.{column.decimals}f', ({scaled}) / {10**column.decimals}.0)"
        return f"CASE WHEN {value} IS NOT NULL THEN {whole} END"

    def serial(self, column: ExportColumn, value: str) -> str:
        """As ``text``, with times in days and truths as numbers."""
        match column.kind:
            case CellKind.TIME:
                days = f"strftime('%%s', substr({value}, 1, 19)) / 86400.0 + 25569"
                return f"CASE WHEN {value} IS NOT NULL THEN printf('%%.9f', {days}) END"
            case CellKind.BOOL:
                return f"CASE {value} WHEN 1 THEN '1' WHEN 0 THEN '0' END"
        return self.text(column, value)

    def needs_care(self, marked: str, form: LineFormat) -> str:
        """Whether one of the texts, marked and joined, must be written in Python."""
        tests = (f"({marked}) GLOB {literal(glob)}" for glob in form.care_globs)
        return f"({' OR '.join(tests)})"

    def rows_of_json(self, names: Sequence[str], types: Sequence[str]) -> str:
        """A SELECT of the rows of a JSON array of arrays, with their places; one parameter."""
        cells = ", ".join(f"json_extract(value, '$[{at}]') AS {n}" for at, n in enumerate(names))
        return f"SELECT key AS place, {cells} FROM json_each(%s)"

    def for_each_session(
        self, select: str, sources: str, where: str, place: str, order: Sequence[str]
    ) -> str:
        """``select`` of ``sources`` for each of the sessions ``s``, in their order."""
        sorted_by = ", ".join([place, *order])
        tables = sources.format(each="sessions s CROSS JOIN ")
        return f"SELECT {place}, {select} FROM {tables} WHERE {where} ORDER BY {sorted_by}"


SqlDialect = PostgresSql | SqliteSql


def dialect_of(vendor: str) -> SqlDialect:
    """How the database of this vendor is spoken to."""
    return PostgresSql() if vendor == "postgresql" else SqliteSql()


def line_sql(
    sql: SqlDialect, columns: Sequence[tuple[ExportColumn, str]], form: LineFormat | None
) -> str:
    """The column ``line`` of a row: a finished line, or CELLS and its cells as JSON.

    ``columns`` with the SQL of each value. Without a format all rows come as cells.
    """
    cells = ", ".join(sql.text(column, value) for column, value in columns)
    as_json = f"{literal(CELLS)}||{sql.json_array}({cells})"
    if form is None:
        return f"{as_json} AS line"
    written = sql.serial if form.serial else sql.text
    pieces = [_cell(form, column, written(column, value)) for column, value in columns]
    line = f"||{literal(form.joint)}||".join(pieces) if form.joint else "||".join(pieces)
    line = f"{line}||{literal(form.end)}" if pieces else literal(form.end)
    texts = [value for column, value in columns if column.kind is CellKind.TEXT]
    if not texts:
        return f"{line} AS line"
    marked = "||".join(f"{literal(form.mark)}||coalesce({value}, '')" for value in texts)
    return f"CASE WHEN {sql.needs_care(marked, form)} THEN {as_json} ELSE {line} END AS line"


def _cell(form: LineFormat, column: ExportColumn, value: str) -> str:
    before, after = form.around(column)
    parts = [*([literal(before)] if before else []), value, *([literal(after)] if after else [])]
    return f"coalesce({'||'.join(parts)}, {literal(form.empty)})"
