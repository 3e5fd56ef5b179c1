"""What Kaltura does for one caller at a time, and how it refuses those who come meanwhile.

The work itself takes no time here. The fault ``slow_work`` makes it last, so that what
happens between two callers can be seen.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError

#: How long Kaltura waits for a lock that somebody else holds.
GRAB_S = 2.0
Key = tuple[int, str]


class Held:
    """Who holds what; lost when the process ends, as Kaltura's own cache is."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._holders: dict[Key, str] = {}

    def take(self, key: Key, holder: str, wait_s: float = 0.0) -> bool:
        """Whether ``holder`` got it before ``wait_s`` seconds were over."""
        with self._changed:
            free = self._changed.wait_for(lambda: key not in self._holders, wait_s)
            if free:
                self._holders[key] = holder
            return free

    def is_with(self, key: Key, holder: str) -> bool:
        """Whether ``holder`` has it now."""
        with self._changed:
            return self._holders.get(key) == holder

    def give_back(self, key: Key) -> None:
        """Let the next one have it."""
        with self._changed:
            self._holders.pop(key, None)
            self._changed.notify_all()


@contextmanager
def locked(call: Call, name: str) -> Iterator[None]:
    """A transaction under a named lock. Whoever waits too long gets LOCK_TIMED_OUT."""
    key, held = (call.partner, f"lock:{name}"), call.world.held
    if not held.take(key, _holder(call), GRAB_S):
        raise ApiError("LOCK_TIMED_OUT")
    try:
        call.linger()
        with call.store.transaction():
            yield
    finally:
        held.give_back(key)


@contextmanager
def reserved(call: Call, resource_id: int) -> Iterator[None]:
    """A transaction while a resource is reserved; other sessions get RESOURCE_IS_RESERVED."""
    key, held = (call.partner, f"resource:{resource_id}"), call.world.held
    mine = held.is_with(key, _holder(call))
    if not mine and not held.take(key, _holder(call)):
        raise ApiError("RESOURCE_IS_RESERVED", RESOURCE_ID=resource_id)
    try:
        call.linger()
        with call.store.transaction():
            yield
    finally:
        held.give_back(key)


def _holder(call: Call) -> str:
    return call.session.text if call.session else ""
