"""One answer of Kaltura's for everybody who waits for it.

Who asks while the answer is young gets it; of those who come when it is old one asks, in the
background, and all others get the older answer at once. The turn to ask is a key in the cache
that ends by itself, so it is given once in ``fresh_s`` seconds over all web processes,
whatever becomes of whoever has it. Kaltura that hangs therefore holds up nobody, and its last
answer says by ``as_of`` how old it is.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache as once
from typing import Any, Final

from django.core.cache import cache

from kaltura_bridge.api.errors import KalturaError

logger = logging.getLogger(__name__)

# Who has the turn waits this long for the answer before the older one is taken.
WAIT_S: Final = 0.3
# An answer is of no interest to anybody any more.
_KEPT_S: Final = 3600
_AT_ONCE: Final = 8


@dataclass(frozen=True)
class SharedAnswer:
    """What Kaltura said last, when, and what kept it from saying more since then.

    ``value`` and ``as_of`` (Unix seconds) are None when it never answered. ``trouble`` is its
    own code or what became of the request, for people who run the session.
    """

    value: Any = None
    as_of: float | None = None
    trouble: str = ""

    @property
    def moment(self) -> datetime | None:
        """``as_of`` as an aware datetime."""
        return None if self.as_of is None else datetime.fromtimestamp(self.as_of, UTC)


def shared_answer(
    name: str, ask: Callable[[], Any], *, fresh_s: int, wait_s: float = WAIT_S
) -> SharedAnswer:
    """The answer of this name. ``ask`` runs at most once in ``fresh_s`` for all who want it.

    ``ask`` runs in another thread, uses no database, and raises KalturaError.
    """
    if cache.add(_turn(name), 1, fresh_s):
        asking = _askers().submit(_renew, name, ask)
        _wait(asking, wait_s)
    return _kept(name)


def shared_answers(
    names: Sequence[str],
    ask: Callable[[Sequence[str]], Mapping[str, Any]],
    *,
    fresh_s: int,
    at_once: int,
    wait_s: float = WAIT_S,
) -> dict[str, SharedAnswer]:
    """The answers of many names, each as by ``shared_answer``, with which they share them.

    ``ask`` gets those whose turn it is, up to ``at_once`` of them, and answers for each by its
    name, with a KalturaError for those that failed. It waits ``wait_s`` for all together.
    """
    turns = {_turn(name): name for name in names}
    taken = cache.get_many(turns)
    due = [name for turn, name in turns.items() if turn not in taken]
    due = [name for name in due if cache.add(_turn(name), 1, fresh_s)]
    batches = [due[start : start + at_once] for start in range(0, len(due), at_once)]
    wait([_askers().submit(_renew_all, batch, ask) for batch in batches], wait_s)
    kept = cache.get_many([_key(name) for name in names])
    return {name: kept.get(_key(name)) or SharedAnswer() for name in names}


def ask_anew(name: str) -> None:
    """Something changed: whoever comes next asks, whoever asked before."""
    cache.delete(_turn(name))


def _wait(asking: Future[None], wait_s: float) -> None:
    try:
        asking.result(wait_s)
    except NotYet:
        return


def _renew(name: str, ask: Callable[[], Any]) -> None:
    _renew_all([name], lambda names: {name: ask()})


def _renew_all(names: Sequence[str], ask: Callable[[Sequence[str]], Mapping[str, Any]]) -> None:
    try:
        said = ask(names)
    except KalturaError as error:
        said = dict.fromkeys(names, error)
    except Exception:
        logger.exception("Nobody learns how %s stands", ", ".join(names))
        return
    cache.set_many({_key(name): _answer(name, said[name]) for name in names}, _KEPT_S)


def _answer(name: str, said: Any) -> SharedAnswer:
    if not isinstance(said, KalturaError):
        return SharedAnswer(said, time.time())
    answer = replace(_kept(name), trouble=str(getattr(said, "code", "") or said))
    logger.info("Kaltura did not say how %s stands: %s", name, answer.trouble)
    return answer


def _kept(name: str) -> SharedAnswer:
    found: SharedAnswer | None = cache.get(_key(name))
    return found or SharedAnswer()


def _key(name: str) -> str:
    return f"shared:{name}"


def _turn(name: str) -> str:
    return f"shared:{name}:turn"


@once
def _askers() -> ThreadPoolExecutor:
    """Made when first needed, so in each web process after it has forked."""
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="live-state")
