"""How long Kaltura gives an answer of ``liveStream.isLive`` again: by the clock, to be moved.

Kaltura's: api_v3/services/LiveStreamService.php. It keeps what a caller was told, so whoever
may watch previews is told apart from everybody else.
"""

from __future__ import annotations

from collections.abc import Callable

from kaltura_simulator.api.call import Call
from kaltura_simulator.media import live
from kaltura_simulator.state.store import Data

OFF_S, ON_S = 5, 30


def kept(call: Call, row: Data, compute: Callable[[], bool]) -> bool:
    """The answer as it was last computed, if that is not too long ago."""
    world = call.world
    if not world.live_cache:
        return compute()
    name = (call.partner, row["id"], live.may_preview(call, row))
    now = call.clock.time()
    until, answer = world.kept_answers.get(name, (0.0, False))
    # After the clock was set back, what was kept is of a time to come.
    if now < until <= now + ON_S:
        return answer
    answer = compute()
    world.kept_answers[name] = (now + (ON_S if answer else OFF_S), answer)
    return answer
