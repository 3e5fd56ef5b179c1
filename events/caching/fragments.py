"""Rendered parts of pages, kept as long as they are right.

A fragment is named by the version of what it shows, so a change needs no invalidation: it
asks for another name. Each process keeps the last ones it used; behind that is the cache
that all processes share. However many ask at once, one renders: within a process the
others wait for it, across processes they look again until it is there.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Generic, TypeVar
from weakref import WeakSet

from django.core.cache import cache

Content = TypeVar("Content")

KEPT: Final = 64
# Another process may have died while it rendered.
RENDERING_S: Final = 5
LOOK_AGAIN_S: Final = 0.02


@dataclass(frozen=True)
class Fragment(Generic[Content]):
    """Something rendered, and until when (Unix time) it is right at this version."""

    content: Content
    valid_until: float


# Goes up when what is kept is of another make: an older release may have kept some of it.
_FORM: Final = 2


def fragment_key(*parts: object) -> str:
    """A name of bounded length for whatever decides what a fragment holds."""
    return f"fragment:{_FORM}:" + sha256("\0".join(map(str, parts)).encode()).hexdigest()[:40]


_STORES: Final[WeakSet[FragmentStore[Any]]] = WeakSet()


def forget_all() -> None:
    """Forget what this process has kept, for measuring; the shared cache is another matter."""
    for store in list(_STORES):
        store.forget()


class FragmentStore(Generic[Content]):
    """The fragments of one kind. Not ``is_shared``: each process makes its own."""

    def __init__(self, at_most: int = KEPT, *, is_shared: bool = True) -> None:
        self.at_most = at_most
        self.is_shared = is_shared
        self._recent: OrderedDict[str, Fragment[Content]] = OrderedDict()
        self._lock = threading.Lock()
        self._rendering: dict[str, threading.Lock] = {}
        _STORES.add(self)

    def forget(self) -> None:
        """Forget all that is kept in this process."""
        with self._lock:
            self._recent.clear()

    def get(self, key: str, render: Callable[[], Fragment[Content]]) -> Content:
        """The content of this name; ``render`` makes it unless it is there."""
        return self.fragment(key, render).content

    def fragment(self, key: str, render: Callable[[], Fragment[Content]]) -> Fragment[Content]:
        """The same, and until when it is right."""
        if found := self._known(key):
            return found
        with self._lock:
            lock = self._rendering.setdefault(key, threading.Lock())
        try:
            with lock:
                make = self._shared if self.is_shared else _rendered
                fragment = self._known(key) or make(key, render)
                if fragment.valid_until > time.time():
                    self._keep(key, fragment)
        finally:
            with self._lock:
                self._rendering.pop(key, None)
        return fragment

    def _known(self, key: str) -> Fragment[Content] | None:
        with self._lock:
            found = self._recent.get(key)
            if found is None or found.valid_until <= time.time():
                return None
            self._recent.move_to_end(key)
            return found

    def _keep(self, key: str, fragment: Fragment[Content]) -> None:
        with self._lock:
            self._recent[key] = fragment
            self._recent.move_to_end(key)
            while len(self._recent) > self.at_most:
                self._recent.popitem(last=False)

    def _shared(self, key: str, render: Callable[[], Fragment[Content]]) -> Fragment[Content]:
        """From the cache of all processes, or rendered by the first of them that asks."""
        until = time.monotonic() + RENDERING_S
        while True:
            found: Fragment[Content] | None = cache.get(key)
            if found and found.valid_until > time.time():
                return found
            if cache.add(f"{key}:rendering", True, RENDERING_S) or time.monotonic() > until:
                break
            time.sleep(LOOK_AGAIN_S)
        try:
            fragment = render()
            if (remaining_s := fragment.valid_until - time.time()) > 0:
                cache.set(key, fragment, int(remaining_s) + 1)
        finally:
            cache.delete(f"{key}:rendering")
        return fragment


def _rendered(key: str, render: Callable[[], Fragment[Content]]) -> Fragment[Content]:
    return render()
