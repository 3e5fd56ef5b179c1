"""A number on a page, with what it means: from the dictionary, so that page and file agree."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils.translation import gettext as _

from analytics.dictionary import TERMS, Term
from analytics.figures.values import PresenceFigures
from analytics.metrics import TENTH
from analytics.models.presence import ENOUGH_PERCENT

# Told beside what the event calls long enough.
_BESIDE: Final = (50, 100)


@dataclass(frozen=True)
class Figure:
    """A number on a page. ``value`` is empty when it is not known, or may not be shown."""

    term: Term
    value: str
    detail: str = ""


def figure(name: str, value: object, detail: object = "") -> Figure:
    """The figure of this name in the dictionary; None is a value that is not known."""
    return Figure(TERMS[name], "" if value is None else str(value), str(detail))


def tenths(value: Decimal | float | None, unit: str = "") -> str | None:
    """One decimal, halves up, with its unit; None when it is not known."""
    if value is None:
        return None
    return f"{Decimal(str(value)).quantize(TENTH, ROUND_HALF_UP)}{unit}"


def reached(figures: PresenceFigures, enough: int) -> tuple[int | None, str]:
    """How many were there for ``enough`` percent, and beside it others; None where not known."""
    others = _("%(share)d %%: %(number)d")
    found = [
        others % {"share": share, "number": figures.reached[share]}
        for share in _BESIDE
        if share in figures.reached and share != enough
    ]
    if enough != ENOUGH_PERCENT:
        found.insert(0, _("for %(share)d %%") % {"share": enough})
    return figures.reached.get(enough), ", ".join(found)


def percent(part: int, whole: int) -> str:
    """A share in whole percent; empty when there is no whole."""
    return f"{Decimal(100 * part) / whole:.0f}%" if whole else ""
