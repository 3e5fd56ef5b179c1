"""The work that Kaltura does on categories after it has answered.

Renaming what was moved locks the account's categories; counting again above a deleted
one does not. Either takes as long as the search index lags, unless the simulator was
told otherwise (``--background``).
"""

from __future__ import annotations

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.rules import categories

_LOCK, _RECOUNT = "category_lock", "category_figures"


def lock(call: Call) -> None:
    """Lock the account's categories until the work behind a move is done."""
    delay = call.world.background_s
    if delay:
        call.store.set_setting(f"{_LOCK}:{call.partner}", call.clock.steady() + delay)


def refuse_if_locked(call: Call) -> None:
    """Refuse to touch the tree while it is locked."""
    if call.store.setting(f"{_LOCK}:{call.partner}", 0.0) > call.clock.steady():
        raise ApiError("CATEGORIES_LOCKED")


def recount_later(call: Call, key: int) -> None:
    """Count a category's entries in the background, or now when that takes no time."""
    delay = call.world.background_s
    if not delay:
        categories.count_entries(call, key)
        return
    name = f"{_RECOUNT}:{call.partner}"
    waiting = call.store.setting(name, {})
    call.store.set_setting(name, waiting | {str(key): call.clock.steady() + delay})


def recount_due(call: Call) -> None:
    """Count the entries of those categories whose time has come."""
    name = f"{_RECOUNT}:{call.partner}"
    waiting: dict[str, float] = call.store.setting(name, {})
    due = [key for key, at in waiting.items() if at <= call.clock.steady()]
    for key in due:
        categories.count_entries(call, int(key))
    if due:
        call.store.set_setting(name, {k: at for k, at in waiting.items() if k not in due})
