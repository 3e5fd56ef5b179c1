"""Unix times as text for people."""

from __future__ import annotations

from datetime import UTC, datetime

#: The end of the year 9999, the last one that ``datetime`` can represent.
MAX_UNIX = 253_402_300_799


def format_time(unix: float, pattern: str) -> str:
    """A time in UTC; one that ``datetime`` cannot represent stays a number."""
    try:
        return datetime.fromtimestamp(unix, UTC).strftime(pattern)
    except (OverflowError, ValueError, OSError):
        return str(int(unix))
