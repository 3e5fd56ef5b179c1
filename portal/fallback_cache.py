"""The cache in Redis, and in the process's own memory while Redis does not answer.

What the portal keeps there are rate limits and heartbeats. Without Redis people can still
sign in; limits then count in each web process by itself, which is looser by the number of
processes but is no open door.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

# While Redis is away only one request in so many seconds waits to find out.
_ASK_AGAIN_S: Final = 2.0
_TIMEOUT_S: Final = 1.0
_Answer = TypeVar("_Answer")


class Outage:
    """Whether Redis answers, as the threads of this process have found."""

    def __init__(self) -> None:
        """At first nothing speaks against it."""
        self._lock = threading.Lock()
        self._ask_at = 0.0
        self.is_on = False

    def may_ask(self) -> bool:
        """Whether to try Redis; while it is away, for one caller every two seconds."""
        if not self.is_on:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._ask_at:
                return False
            self._ask_at = now + _ASK_AGAIN_S
            return True

    def begin(self, error: Exception) -> None:
        """Redis did not answer."""
        with self._lock:
            self._ask_at = time.monotonic() + _ASK_AGAIN_S
            began, self.is_on = not self.is_on, True
        if began:
            logger.error(
                "Redis does not answer (%s). Until it does, rate limits count in each process.",
                type(error).__name__,
            )

    def end(self) -> bool:
        """Redis answered; True when it had not before."""
        with self._lock:
            ended, self.is_on = self.is_on, False
        if ended:
            logger.warning("Redis answers again.")
        return ended


class FallbackCache(BaseCache):
    """Redis, or memory while Redis is away. ``outage`` tells which."""

    # Django makes a cache for each thread; they share what they know of each server.
    _outages: ClassVar[dict[str, Outage]] = {}

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        """``server`` and ``params`` as for Django's RedisCache."""
        super().__init__(params)
        # redis-py would try four times, with pauses that add up to seconds.
        quick = {"socket_connect_timeout": _TIMEOUT_S, "socket_timeout": _TIMEOUT_S}
        options = {**quick, "retry": Retry(NoBackoff(), 1), **params.get("OPTIONS", {})}
        self._redis = RedisCache(server, {**params, "OPTIONS": options})
        self._memory = LocMemCache(f"without {server}", params)
        self.outage = self._outages.setdefault(server, Outage())

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Store unless there is one."""
        return self._try(lambda cache: cache.add(key, value, timeout, version))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The value, or ``default``."""
        return self._try(lambda cache: cache.get(key, default, version))

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Store it."""
        self._try(lambda cache: cache.set(key, value, timeout, version))

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep it for longer; False when there is none."""
        return self._try(lambda cache: cache.touch(key, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget it; False when there was none."""
        return self._try(lambda cache: cache.delete(key, version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Count up at once; ValueError when there is no such key."""
        return self._try(lambda cache: cache.incr(key, delta, version))

    def has_key(self, key: Any, version: int | None = None) -> bool:
        """Whether there is a value."""
        return self._try(lambda cache: cache.has_key(key, version))

    def clear(self) -> None:
        """Forget everything, in memory too."""
        self._memory.clear()
        self._try(lambda cache: cache.clear())

    def _try(self, call: Callable[[BaseCache], _Answer]) -> _Answer:
        if not self.outage.may_ask():
            return call(self._memory)
        try:
            answer = call(self._redis)
        except (RedisError, OSError) as error:
            self.outage.begin(error)
            return call(self._memory)
        if self.outage.end():
            self._memory.clear()
        return answer
