"""``python -m tests.dictionary_table``: write the tables of docs/attendance.md from the dictionary."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from analytics.dictionary import Term, TermGroup

PATH: Final = Path(__file__).resolve().parent.parent / "docs" / "attendance.md"
MARK: Final = (
    "<!-- What follows is written by `python -m tests.dictionary_table` "
    "from analytics/dictionary.py. -->\n"
)
TITLES: Final = {
    "session": "Figures of a session",
    "event": "Figures of an event, a track or several events",
    "completeness": "Completeness",
    "column": "Columns of the files",
}


def page(written: str) -> str:
    """The page as it should be: what somebody wrote by hand, then the tables."""
    head, mark, _ = written.partition(MARK)
    return f"{head}{mark}{''.join(tables())}"


def tables() -> Iterator[str]:
    """A table for each group of terms."""
    from analytics.dictionary import TERMS, TermGroup

    for group in (TermGroup(name) for name in TITLES):
        yield "\n" + table(group, [term for term in TERMS.values() if term.group is group])


def table(group: TermGroup, terms: list[Term]) -> str:
    rows = [
        f"## {TITLES[group]}",
        "",
        "| Name | On pages | Definition | Source | Unit | Rounding |",
        "|---|---|---|---|---|---|",
    ]
    for term in terms:
        cells = (term.label, term.definition, term.source, term.unit, term.rounding)
        rows.append(f"| `{term.name}` | {' | '.join(str(cell) for cell in cells)} |")
    return "\n".join(rows) + "\n"


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    PATH.write_text(page(PATH.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"Wrote {PATH.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
