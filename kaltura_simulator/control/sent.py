"""What a control request may hold: checked here, once for all controls."""

from __future__ import annotations

import sqlite3
from math import isfinite
from typing import Any, Final

from kaltura_simulator.web.http import HttpRequest

#: What an unusable request runs into; its answer is a 400 with the text.
UNUSABLE: Final = (
    *(ValueError, TypeError, LookupError, OverflowError, RecursionError),
    *(sqlite3.ProgrammingError, sqlite3.InterfaceError),
)


def sent_object(request: HttpRequest) -> dict[str, Any]:
    """The body as a JSON object. Raises ValueError when it is anything else."""
    sent = request.json
    if not isinstance(sent, dict):
        raise ValueError("send a JSON object")
    return sent


def number(sent: dict[str, Any], name: str, least: float, most: float) -> float:
    """A finite number of a request. Raises KeyError or ValueError naming it."""
    value = float(sent[name])
    if not isfinite(value) or not least <= value <= most:
        raise ValueError(f"{name!r} must be from {least:.0f} to {most:.0f}")
    return value
