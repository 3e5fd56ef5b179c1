"""What a file says about itself: of what, when, by whom, how complete, in which schema."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from analytics.completeness import completeness_of, total_of
from analytics.dictionary import TERMS
from analytics.exports.columns import SCHEMA
from analytics.exports.rows import ExportTable
from analytics.figures.summary import figures_of
from events.exports.tables import CellValue

# What it is about, its value, what that means.
Fact = tuple[CellValue, CellValue, CellValue]


def facts_of(table: ExportTable, *, made_by: str, now: datetime) -> list[Fact]:
    """The facts, then a line for each column with its definition."""
    still_open = {pk: found.open_intervals for pk, found in figures_of(table.sessions).items()}
    total = total_of(completeness_of(table.sessions, now, still_open).values())
    facts: list[Fact] = [
        (_("schema"), SCHEMA, _("Columns keep their names and order; new ones go to the end.")),
        (_("event"), table.event.title, table.event.slug),
        (_("session"), table.session.title if table.session else _("all"), None),
        (_("a row is"), table.level.value, None),
        (_("people"), table.show.value, None),
        (_("columns"), len(table.chosen), ", ".join(table.columns)),
        (_("made at"), now, _("UTC")),
        (_("made by"), made_by, None),
        (_("data as of"), total.oldest, _("The oldest pull that these rows rest on, in UTC.")),
        (_("completeness"), str(total.state.label), None),
        (_("privacy"), table.rules.mode.value, table.rules.notice),
    ]
    return [*facts, *_columns(table.columns)]


def _columns(names: Sequence[str]) -> list[Fact]:
    return [
        (term.name, f"{term.unit}; {term.rounding}; {term.source}", str(term.definition))
        for term in (TERMS[name] for name in names if name in TERMS)
    ]
