"""The work that Kaltura does on categories after it has answered.

Renaming what was moved locks the account's categories; bringing the figures above a
deleted one in step does not. Either takes as long as the search index lags, unless the
simulator was told otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError

_LOCK, _LATER = "category_lock", "category_figures"


def take(call: Call) -> None:
    """Lock the account's categories until the work behind a move is done."""
    delay = call.world.background_s
    if delay:
        call.store.set_setting(f"{_LOCK}:{call.partner}", call.clock.steady() + delay)


def refuse(call: Call) -> None:
    """Refuse to touch the tree while it is locked."""
    if call.store.setting(f"{_LOCK}:{call.partner}", 0.0) > call.clock.steady():
        raise ApiError("CATEGORIES_LOCKED")


def later(call: Call, key: int, work: Callable[[int], None]) -> None:
    """Leave a category's figures to the background, or do the work when there is none."""
    delay = call.world.background_s
    if not delay:
        work(key)
        return
    name = f"{_LATER}:{call.partner}"
    waiting = call.store.setting(name, {})
    call.store.set_setting(name, waiting | {str(key): call.clock.steady() + delay})


def catch_up(call: Call, work: Callable[[int], None]) -> None:
    """Do the work on figures whose time has come."""
    name = f"{_LATER}:{call.partner}"
    waiting: dict[str, float] = call.store.setting(name, {})
    due = [key for key, at in waiting.items() if at <= call.clock.steady()]
    for key in due:
        work(int(key))
    if due:
        call.store.set_setting(name, {k: at for k, at in waiting.items() if k not in due})
