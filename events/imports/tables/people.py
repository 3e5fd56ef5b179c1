"""The names in one cell, as people and our exports (``exports/names.py``) write them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from events.characters import clean_line

_ADDRESS = re.compile(r"<?([^\s<>@,;]+@[^\s<>@,;]+)>?")
_NAMED_ADDRESS = re.compile(r"(.*\S)\s*<([^\s<>@]+@[^\s<>@]+)>")
_NAMED_ID = re.compile(r"(.*\S)\s*\[([^\[\]]+)\]")


@dataclass(frozen=True)
class WrittenPerson:
    """Somebody as a cell has them: name, address, id behind it; "" for what is not there."""

    name: str = ""
    address: str = ""
    key: str = ""


def written_names(text: str) -> list[str]:
    """Each name by itself: one in a line, else between semicolons, else between commas.

    A name in quotation marks may hold any of these.
    """
    line_ends = [line for line in text.splitlines() if line.strip()]
    if len(line_ends) > 1:
        return [name for line in line_ends for name in _split(line, ";")]
    plain = re.sub(r'"[^"]*"', "", text)
    return _split(text, ";" if ";" in plain else ",")


def _split(line: str, separator: str) -> list[str]:
    rows = csv.reader(io.StringIO(line.strip()), delimiter=separator, skipinitialspace=True)
    names = (clean_line(name) for row in rows for name in row)
    return [name for name in names if name]


def read_person(name: str) -> WrittenPerson:
    """ "Ada", "ada@example.org", "Ada <ada@example.org>" or "Ada [her id]"."""
    if found := _ADDRESS.fullmatch(name):
        return WrittenPerson(address=found[1])
    if found := _NAMED_ADDRESS.fullmatch(name):
        return WrittenPerson(found[1].strip('" '), found[2])
    if found := _NAMED_ID.fullmatch(name):
        return WrittenPerson(found[1], key=found[2].strip())
    return WrittenPerson(name)
