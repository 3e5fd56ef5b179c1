"""Everybody comes in at once: thousands of people join one session within a minute."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Final

from tests.bench.web.load import Connection

_CLIENTS: Final = 48
_FRAME: Final = re.compile(r'<iframe[^>]* src="([^"]+)"')
_REFUSALS: Final = (429, 503)


@dataclass
class Crowd:
    """How they fared: let through to Kaltura's page, told to wait, or shown an error."""

    joined: int = 0
    refused: int = 0
    failed: int = 0
    took: list[float] = field(default_factory=list)


def everybody_joins(port: int, path: str, cookies: Sequence[str], within_s: float) -> Crowd:
    """Each of these visitors opens the join page and the frame in it, evenly over the time."""
    crowd, lock = Crowd(), threading.Lock()
    due: queue.SimpleQueue[tuple[float, str] | None] = queue.SimpleQueue()
    began = time.monotonic()
    for number, cookie in enumerate(cookies):
        due.put((began + number * within_s / len(cookies), cookie))

    def come() -> None:
        connection = Connection(port)
        while (next_one := due.get()) is not None:
            at, cookie = next_one
            time.sleep(max(0.0, at - time.monotonic()))
            outcome = _join(connection, path, cookie)
            with lock:
                # From when they meant to come: who waits for a free client waits, too.
                crowd.took.append(time.monotonic() - at)
                setattr(crowd, outcome, getattr(crowd, outcome) + 1)
        connection.close()

    threads = [threading.Thread(target=come) for _ in range(_CLIENTS)]
    for thread in threads:
        due.put(None)
        thread.start()
    for thread in threads:
        thread.join()
    return crowd


def _join(connection: Connection, path: str, cookie: str) -> str:
    headers = {"Cookie": cookie, "Accept": "text/html"}
    try:
        status, _, page = connection.ask(path, headers)
        if status in _REFUSALS:
            return "refused"
        frame = _FRAME.search(page.decode())
        if status != 200 or frame is None:
            return "failed"
        status, answer, _ = connection.ask(unescape(frame[1]), headers)
    except OSError:
        return "failed"
    if status in _REFUSALS:
        return "refused"
    return "joined" if status == 302 and "location" in answer else "failed"
