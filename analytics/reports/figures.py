"""A number on a page, with what it means: from the dictionary, so that page and file agree."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from analytics.dictionary import TERMS, Term
from analytics.figures.values import REACH_PERCENT, PresenceFigures
from analytics.metrics import TENTH


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


def reached(figures: PresenceFigures) -> tuple[int | None, str]:
    """How many reached the threshold, and beside it the other ones; None where not known."""
    others = _("%(share)d %%: %(number)d")
    found = [
        others % {"share": share, "number": number}
        for share, number in figures.reached.items()
        if share != REACH_PERCENT
    ]
    return figures.reached.get(REACH_PERCENT), ", ".join(found)


def percent(part: int, whole: int) -> str:
    """A share in whole percent; empty when there is no whole."""
    return f"{Decimal(100 * part) / whole:.0f}%" if whole else ""
