"""Workbooks (XLSX) written as a stream: no row is kept, and no temporary file is made.

A workbook is a ZIP of XML files. Each sheet is compressed as its rows come, so the first
bytes leave at once and nothing is left behind when the writing ends early.
Format: ECMA-376, https://ecma-international.org/publications-and-standards/standards/ecma-376/
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from events.characters import clean_text

CellValue = str | int | bool | Decimal | datetime | None

#: Excel's limits: rows of a sheet, and characters of a cell.
SHEET_ROWS: Final = 1_048_576
CELL_CHARACTERS: Final = 32_767
# Quick rather than small: rows of a sheet are alike, and shrink to a tenth anyway.
_COMPRESSION: Final = 2
# The same workbook at any time is the same bytes.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
# What no XML holds, and rows of before may. (Elsewhere an old kind of line end is one.)
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# Excel takes this in a text for the character with the number.
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

#: Number formats by the names that cells use: the position is the style's number.
STYLES: Final = ("General", "@", "yyyy\\-mm\\-dd\\ hh:mm:ss", "0", "0.0", "0.00", "0.0000")
BOLD: Final = 1
MOMENT: Final = 2
_DECIMALS: Final = {0: 3, 1: 4, 2: 5, 4: 6}

TEXT_BEFORE: Final = '<c t="inlineStr"><is><t xml:space="preserve">'
TEXT_AFTER: Final = "</t></is></c>"
EMPTY_CELL: Final = "<c/>"
ROW_BEFORE: Final = "<row>"
ROW_AFTER: Final = "</row>"

_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def number_style(decimals: int) -> int:
    """The style of a number with so many decimals: 0, 1, 2 or 4."""
    return _DECIMALS[decimals]


def cell_text(text: str) -> str:
    """``text`` as XML that a cell can hold, unchanged to the eye."""
    clean = clean_text(_NOT_XML.sub("", text))[:CELL_CHARACTERS]
    return escape(_ESCAPED.sub("_x005F_", clean))


def text_cell(text: str, style: int = 0) -> str:
    """A cell of text, whatever it looks like: no value becomes a formula."""
    before = f'<c s="{style}"{TEXT_BEFORE[2:]}' if style else TEXT_BEFORE
    return f"{before}{cell_text(text)}{TEXT_AFTER}"


def serial_day(at: datetime) -> str:
    """A moment as spreadsheets count it, in days since 1899-12-30, cut to seconds.

    UTC; a moment without a zone as it is.
    """
    plain = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return f"{int(plain.timestamp() // 1) / 86400 + 25569:.9f}"


def value_cell(value: CellValue) -> str:
    """A cell of any value, with its type."""
    match value:
        case None:
            return EMPTY_CELL
        case bool():
            return f'<c t="b"><v>{value:d}</v></c>'
        case datetime():
            return f'<c s="{MOMENT}"><v>{serial_day(value)}</v></c>'
        case int() | Decimal():
            return f"<c><v>{value}</v></c>"
    return text_cell(value)


@dataclass(frozen=True)
class Sheet:
    """A sheet to be: rows as XML, some at a time, each with how many rows it holds.

    The first row, ``header``, stays in sight, with a filter at each column.
    """

    name: str
    header: Sequence[str]
    rows: Iterable[tuple[int, str]]
    widths: Sequence[int] = ()


def workbook_chunks(
    sheets: Sequence[Sheet], watch: Callable[[int], None] = lambda rows: None
) -> Iterator[bytes]:
    """The workbook in pieces. ``watch`` hears how many rows of it are written."""
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
        names: list[str] = []
        written = 0
        for sheet in sheets:
            for number, part in enumerate(_parts(sheet.rows), 1):
                names.append(sheet.name if number == 1 else f"{sheet.name} {number}")
                for rows in _write_sheet(archive, len(names), sheet, part):
                    watch(written := written + rows)
                    yield sink.taken()
        for name, content in _book(names).items():
            archive.writestr(_member(name), content)
    yield sink.taken()


def write_workbook(sheets: Sequence[Sheet], to: IO[bytes]) -> None:
    """The workbook into a file."""
    for piece in workbook_chunks(sheets):
        to.write(piece)


class _Sink(io.RawIOBase):
    """Takes what ZipFile writes until somebody asks for it. It cannot go back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since this was asked the last time."""
        found, self._pieces = b"".join(self._pieces), []
        return found


def _parts(rows: Iterable[tuple[int, str]]) -> Iterator[Iterator[tuple[int, str]]]:
    """The rows of each sheet that they fill; one sheet for none. To be read in order."""
    source = iter(rows)
    more = next(source, None)

    def part() -> Iterator[tuple[int, str]]:
        nonlocal more
        room = SHEET_ROWS - 1
        while more is not None and room:
            count, xml = more
            if count > room:
                ends = [match.end() for match in re.finditer(ROW_AFTER, xml)]
                yield room, xml[: ends[room - 1]]
                more, room = (count - room, xml[ends[room - 1] :]), 0
                return
            yield count, xml
            room -= count
            more = next(source, None)

    yield part()
    while more is not None:
        yield part()


def _write_sheet(
    archive: ZipFile, number: int, sheet: Sheet, rows: Iterator[tuple[int, str]]
) -> Iterator[int]:
    """One sheet's file; tells after each piece how many rows that were."""
    count = 1
    with archive.open(_member(f"xl/worksheets/sheet{number}.xml"), "w", force_zip64=True) as file:
        file.write(_sheet_start(sheet, is_first=number == 1).encode())
        for amount, xml in rows:
            file.write(xml.encode())
            count += amount
            yield amount
        ref = f"A1:{_column_name(len(sheet.header))}{count}"
        file.write(f'</sheetData><autoFilter ref="{ref}"/></worksheet>'.encode())


def _sheet_start(sheet: Sheet, *, is_first: bool) -> str:
    header = "".join(text_cell(name, BOLD) for name in sheet.header)
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
        for at, width in enumerate(sheet.widths, 1)
    )
    selected = ' tabSelected="1"' if is_first else ""
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews>'
        f'<sheetView workbookViewId="0"{selected}>'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews>{f'<cols>{widths}</cols>' if widths else ''}"
        f"<sheetData>{ROW_BEFORE}{header}{ROW_AFTER}"
    )


def _column_name(number: int) -> str:
    """1 is A, 27 is AA."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _member(name: str) -> ZipInfo:
    info = ZipInfo(name, _NO_TIME)
    info.compress_type = ZIP_DEFLATED
    info._compresslevel = _COMPRESSION  # type: ignore[attr-defined]
    return info


def _book(names: Sequence[str]) -> dict[str, str]:
    """What a workbook needs besides its sheets."""
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"/>'
        for at, name in zip(numbers, names, strict=True)
    )
    of_sheets = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in numbers
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for at in numbers
    )
    return {
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'{of_sheets}<Relationship Id="styles" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>",
        "xl/styles.xml": _styles(),
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
    }


def _styles() -> str:
    formats = "".join(
        f'<numFmt numFmtId="{164 + at}" formatCode="{code}"/>' for at, code in enumerate(STYLES)
    )
    cells = "".join(
        f'<xf numFmtId="{164 + at}" fontId="{int(at == BOLD)}" fillId="0" borderId="0" xfId="0" '
        'applyNumberFormat="1"/>'
        for at in range(len(STYLES))
    )
    return (
        f'{_XML}<styleSheet xmlns="{_MAIN}">'
        f'<numFmts count="{len(STYLES)}">{formats}</numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        "</cellStyleXfs>"
        f'<cellXfs count="{len(STYLES)}">{cells}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )
