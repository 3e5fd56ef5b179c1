"""How often somebody may do something, counted where all processes of the portal count."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True)
class RateLimit:
    """So many times within so many seconds, for each of whom it is asked about."""

    name: str
    amount: int
    within_s: int

    def allows(self, *whom: object) -> bool:
        """Count once more, and say whether that was still within the limit.

        The time begins with the first. Both steps are atomic in every cache that the portal
        uses, so what comes at once is counted one by one.
        """
        digest = hashlib.sha256(repr(whom).encode()).hexdigest()
        key = f"limit:{self.name}:{digest}"
        cache.add(key, 0, self.within_s)
        try:
            return cache.incr(key) <= self.amount
        except ValueError:  # Its time was over between the two: this is the first again.
            cache.add(key, 1, self.within_s)
            return True
