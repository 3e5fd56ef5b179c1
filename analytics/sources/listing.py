"""What every source answers: rows, and how many the source says there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass
class Listing:
    """All rows of an answer, and how many the source says there are.

    ``asked_at`` is when it was asked, where that is not the moment before the answer is used.
    """

    rows: list[Any] = field(default_factory=list)
    expected: int = 0
    # Minutes of everybody together, as the source itself adds them up; None: it does not say.
    expected_minutes: Decimal | None = None
    asked_at: datetime | None = None

    @property
    def is_complete(self) -> bool:
        """Whether as many rows came as the source counts."""
        return len(self.rows) == self.expected
