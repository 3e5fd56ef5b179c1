"""Several names in one cell, so that ``imports/tables/people.py`` reads back the same names."""

from __future__ import annotations

import re
from collections.abc import Iterable


def join_names(names: Iterable[str]) -> str:
    """Between commas; a name that holds one stands in quotation marks."""
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    if not re.search(r'[,;"]', name):
        return name
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
