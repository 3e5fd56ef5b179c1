"""The lock on an account's categories while Kaltura renames what was moved.

The work behind it takes as long as the search index lags.
"""

from __future__ import annotations

from kaltura_bridge.simulator.call import Call
from kaltura_bridge.simulator.errors import ApiError

_NAME = "category_lock"


def take(call: Call) -> None:
    """Lock the account's categories until the work behind a move is done."""
    delay = call.store.index_delay_s
    if delay:
        call.store.set_setting(f"{_NAME}:{call.partner}", call.clock.steady() + delay)


def refuse(call: Call) -> None:
    """Refuse to touch the tree while it is locked."""
    if call.store.setting(f"{_NAME}:{call.partner}", 0.0) > call.clock.steady():
        raise ApiError("CATEGORIES_LOCKED")
