"""The simulator's clock: real time until it is moved or stopped."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass


@dataclass
class Clock:
    """Unix seconds as the local Kaltura sees them.

    ``offset_s`` is added to real time; ``frozen_at`` stops the clock there.
    ``skipped_s`` is the sum of all jumps forward: background work (the search
    index catching up) runs on real time plus what was skipped, so that a frozen
    clock does not hold it back and a jump forward finishes it.
    """

    offset_s: float = 0.0
    frozen_at: float | None = None
    skipped_s: float = 0.0

    def time(self) -> float:
        """Now, with its fraction."""
        return self.frozen_at if self.frozen_at is not None else time.time() + self.offset_s

    def now(self) -> int:
        """Now in whole Unix seconds, as Kaltura stores it."""
        return int(self.time())

    def steady(self) -> float:
        """Time by which background work is measured: never goes back."""
        return time.time() + self.skipped_s

    def advance(self, seconds: float) -> None:
        """Jump by ``seconds``; a frozen clock stays frozen at the new moment."""
        if self.frozen_at is not None:
            self.frozen_at += seconds
        else:
            self.offset_s += seconds
        self.skipped_s += max(0.0, seconds)

    def set(self, unix: float) -> None:
        """Show ``unix`` now, and run on from there unless frozen."""
        self.advance(unix - self.time())

    def freeze(self) -> None:
        """Stop at the present moment."""
        self.frozen_at = self.time()

    def run(self) -> None:
        """Run on from the moment shown."""
        self.offset_s, self.frozen_at = self.time() - time.time(), None

    def real(self) -> None:
        """Back to real time."""
        self.offset_s, self.frozen_at = 0.0, None

    def state(self) -> dict[str, float | None]:
        """What must be saved to show the same time after a restart."""
        return asdict(self)

    def restore(self, state: dict[str, float | None]) -> None:
        """Restore a saved state."""
        self.offset_s = state.get("offset_s") or 0.0
        self.frozen_at = state.get("frozen_at")
        self.skipped_s = state.get("skipped_s") or 0.0
