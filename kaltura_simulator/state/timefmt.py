"""Unix times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

#: The end of the year 9999, the last one that a calendar here knows.
LAST = 253_402_300_799


def shown(unix: float, form: str) -> str:
    """A moment in UTC; a number that is no moment of our calendar stays a number."""
    try:
        return datetime.fromtimestamp(unix, UTC).strftime(form)
    except (OverflowError, ValueError, OSError):
        return str(int(unix))
