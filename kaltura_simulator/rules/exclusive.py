"""What Kaltura does for one caller at a time, and the errors that others get meanwhile.

The work itself takes no time here; the fault ``slow_work`` prolongs it, so that these
errors can be seen. Kaltura's: infra/general/kLockBase.php and ResourceReservation.php in
https://github.com/kaltura/server.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.state.locks import LockKey

#: How long a call waits for a lock that another one holds.
ACQUIRE_S = 2.0


@contextmanager
def locked(call: Call, name: str) -> Iterator[None]:
    """A transaction under a named lock; callers who wait too long get LOCK_TIMED_OUT."""
    key = (call.partner, f"lock:{name}")
    if not call.world.locks.acquire(key, _holder(call), ACQUIRE_S):
        raise ApiError("LOCK_TIMED_OUT")
    with _held(call, key):
        yield


@contextmanager
def reserved(call: Call, resource_id: int) -> Iterator[None]:
    """A transaction while a resource is reserved; other sessions get RESOURCE_IS_RESERVED."""
    key, locks = (call.partner, f"resource:{resource_id}"), call.world.locks
    mine = locks.is_held_by(key, _holder(call))
    if not mine and not locks.acquire(key, _holder(call)):
        raise ApiError("RESOURCE_IS_RESERVED", RESOURCE_ID=resource_id)
    with _held(call, key):
        yield


@contextmanager
def _held(call: Call, key: LockKey) -> Iterator[None]:
    """A transaction that releases a lock when it ends."""
    try:
        call.apply_delay()
        with call.store.transaction():
            yield
    finally:
        call.world.locks.release(key)


def _holder(call: Call) -> str:
    return call.session.text if call.session else ""
