"""What a pull did, and how much of one session it read, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from analytics.models import Source
from analytics.sources.listing import Listing
from analytics.staging import WriteCounts
from events.models import Session


@dataclass
class PullResult:
    """What a pull did, in numbers.

    ``events``: whose sessions were asked about; ``touched``: sessions whose attendance may
    have changed. Both by primary key.
    """

    events: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)
    sessions: int = 0
    runs: int = 0
    stays: int = 0
    totals: int = 0
    new: int = 0
    changed: int = 0
    rejected: int = 0
    unmatched_runs: int = 0
    unmatched_people: set[str] = field(default_factory=set)
    incomplete: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)

    def add(self, written: WriteCounts) -> None:
        self.new += written.new
        self.changed += written.changed

    def note_listing(self, source: Source, place: str, run: str, listing: Listing) -> None:
        """Remember a listing whose rows are fewer or more than the source counts."""
        if not listing.is_complete:
            self.incomplete.append(
                {
                    "source": source.value,
                    "place": place,
                    "run": run,
                    "expected": listing.expected,
                    "got": len(listing.rows),
                }
            )


@dataclass
class SourceCounts:
    """How much of what one source has on a session was read: the counts of a Coverage."""

    expected_runs: int = 0
    pulled_runs: int = 0
    expected_rows: int = 0
    pulled_rows: int = 0
    rejected_rows: int = 0
    disagreement: str = ""
    is_shared: bool = False
    error: str = ""
    written: WriteCounts = field(default_factory=WriteCounts)

    def covered(self) -> dict[str, Any]:
        """What the session's coverage keeps."""
        return {key: value for key, value in vars(self).items() if key != "written"}

    def seen(self) -> dict[str, int | str]:
        """The same as a line of the session's history has it."""
        return {
            "runs": self.pulled_runs,
            "expected_rows": self.expected_rows,
            "pulled_rows": self.pulled_rows,
            "new": self.written.new,
            "changed": self.written.changed,
            "rejected": self.rejected_rows,
            "error": self.error or self.disagreement,
        }


def told(source: Source, session: Session, text: str) -> dict[str, str]:
    """An error as the record of the pull has it."""
    return {"source": source.value, "session": session.slug, "error": text}
