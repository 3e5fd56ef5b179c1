"""Everybody waits for one broadcast: when each is told that it has begun, and when each is in."""

from __future__ import annotations

import heapq
import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.bench.web.load import Connection

_CLIENTS: Final = 24
_JSON: Final = {"Accept": "application/json"}


@dataclass(frozen=True)
class WaitingPage:
    """One person's join page: the cookie, and the address with a ticket that it keeps at hand."""

    cookie: str
    frame: str


@dataclass
class Waited:
    """How it went, by the monotonic clock; ``failed``: answers that nobody expected."""

    told: dict[int, float] = field(default_factory=dict)
    entered: dict[int, float] = field(default_factory=dict)
    asked: int = 0
    failed: int = 0


class WaitingPages:
    """So many pages that do what room.js does, some at a time."""

    def __init__(self, port: int, pages: Sequence[WaitingPage], question: str) -> None:
        self._port, self._pages, self._question = port, pages, question
        self.waited = Waited()
        self._lock = threading.Lock()
        now = time.monotonic()
        self._due = [(now + random.uniform(0, 4), number) for number in range(len(pages))]
        heapq.heapify(self._due)

    def run(self, for_s: float) -> Waited:
        """Until all are in, or the time is over."""
        until = time.monotonic() + for_s
        threads = [threading.Thread(target=self._work, args=[until]) for _ in range(_CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.waited

    def _work(self, until: float) -> None:
        line = Connection(self._port)
        while time.monotonic() < until and len(self.waited.entered) < len(self._pages):
            with self._lock:
                is_due = self._due and self._due[0][0] <= time.monotonic()
                number = heapq.heappop(self._due)[1] if is_due else None
            if number is None:
                time.sleep(0.01)
            else:
                self._take_turn(line, number)
        line.close()

    def _take_turn(self, line: Connection, number: int) -> None:
        step: Callable[[Connection, int], float | None]
        step = self._enter if number in self.waited.told else self._ask
        try:
            again_s = step(line, number)
        except OSError:
            self.waited.failed, again_s = self.waited.failed + 1, 3.0
        if again_s is not None:
            with self._lock:
                heapq.heappush(self._due, (time.monotonic() + again_s, number))

    def _ask(self, line: Connection, number: int) -> float | None:
        self.waited.asked += 1
        status, _, body = line.ask(self._question, _JSON)
        if status != 200:
            self.waited.failed += 1
            return 3.0
        found: dict[str, Any] = json.loads(body)
        if found["live"]:
            self.waited.told[number] = time.monotonic()
            return 0.0
        return float(found["again_s"])

    def _enter(self, line: Connection, number: int) -> float | None:
        page = self._pages[number]
        headers = {"Accept": "text/html", "Cookie": page.cookie, "Sec-Fetch-Dest": "iframe"}
        status, answer, _ = line.ask(page.frame, headers)
        if status != 302 or "location" not in answer:
            self.waited.failed += 1
            return None
        self.waited.entered[number] = time.monotonic()
        return None
