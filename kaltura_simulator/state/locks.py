"""Named locks between callers; lost when the process ends, as those in Kaltura's cache are."""

from __future__ import annotations

import threading

#: An account, and a name within it.
LockKey = tuple[int, str]


class Locks:
    """Who holds which lock."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._holders: dict[LockKey, str] = {}

    def acquire(self, key: LockKey, holder: str, wait_s: float = 0.0) -> bool:
        """Whether ``holder`` got the lock before ``wait_s`` seconds were over."""
        with self._changed:
            free = self._changed.wait_for(lambda: key not in self._holders, wait_s)
            if free:
                self._holders[key] = holder
            return free

    def is_held_by(self, key: LockKey, holder: str) -> bool:
        """Whether ``holder`` has the lock now."""
        with self._changed:
            return self._holders.get(key) == holder

    def release(self, key: LockKey) -> None:
        """Let the next caller have the lock."""
        with self._changed:
            self._holders.pop(key, None)
            self._changed.notify_all()
