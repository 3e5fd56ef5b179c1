"""Reading the arguments of this package's commands."""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.management.base import CommandError
from django.utils.dateparse import parse_date, parse_datetime

WRONG_USAGE = 2


def moment(name: str, text: str | None) -> datetime | None:
    """An ISO date or time as given on the command line; UTC where it names no zone."""
    if text is None:
        return None
    try:
        found = parse_datetime(text)
        if found is None and (day := parse_date(text)):
            found = datetime(day.year, day.month, day.day)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(
            f"{name} is {text!r}. Write a time such as 2026-03-29T09:00:00Z, or a day such as "
            "2026-03-29.",
            returncode=WRONG_USAGE,
        )
    return found if found.tzinfo else found.replace(tzinfo=UTC)
