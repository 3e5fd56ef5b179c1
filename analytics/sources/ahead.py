"""Asks Newrow about the next rooms while the last answer is stored.

Most of a pull is waiting for answers. A few rooms are asked about at a time; what is done with
the answers stays in one thread and in order, as if each had been asked for when it was needed.
A source that does not answer is not pressed: after a failure it is asked one by one again, and
each success lets twice as many go ahead.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self

from django.utils import timezone

from analytics.sources.listing import Listing
from analytics.sources.newrow import NewrowClient, NewrowError, NewrowUnavailable
from analytics.sources.parsing import BadRow, run_row

# Kaltura documents no limit of Newrow's; this many is what a browser would open to one host.
AT_ONCE: Final = 6

# Which runs: the room, and from when to when they may have started (Unix seconds).
RunsQuestion = tuple[str, int, int]


@dataclass
class RoomAnswer:
    """A room's runs with everybody's stays in them, or the errors that came instead."""

    asked_at: datetime
    runs: Listing
    stays: dict[str, Listing | NewrowError] = field(default_factory=dict)


class NewrowAhead:
    """Answers like a NewrowClient, from what was asked ahead; ``questions`` in their order.

    Threads only talk to Newrow: none of them touches the database.
    """

    def __init__(
        self,
        questions: Sequence[RunsQuestion],
        client: Callable[[], NewrowClient] = NewrowClient,
    ) -> None:
        self._waiting = list(dict.fromkeys(questions))
        self._client = client
        self._asked: dict[RunsQuestion, Future[RoomAnswer]] = {}
        self._current: RoomAnswer | None = None
        self._at_once = 1
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="newrow")
        # Connections are kept by thread.
        self._local = threading.local()
        self._clients: list[NewrowClient] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
        for client in self._clients:
            client.__exit__(None, None, None)

    @property
    def asked_at(self) -> datetime | None:
        """When the room was asked about whose runs were read last."""
        return self._current.asked_at if self._current else None

    def runs(self, room: str, since_unix: int, until_unix: int) -> Listing:
        """As NewrowClient.runs."""
        question = (room, since_unix, until_unix)
        self._current = None
        self._ask_more(question)
        try:
            self._current = self._asked.pop(question).result()
        except NewrowError:
            self._at_once = 1
            raise
        self._at_once = min(2 * self._at_once, AT_ONCE)
        self._ask_more()
        return self._current.runs

    def stays(self, room: str, run: str) -> Listing:
        """As NewrowClient.stays, of a run that ``runs`` has just named."""
        answer = self._current.stays[run] if self._current else Listing()
        if isinstance(answer, NewrowError):
            if isinstance(answer, NewrowUnavailable):
                self._at_once = 1
            raise answer
        return answer

    def _ask_more(self, needed: RunsQuestion | None = None) -> None:
        """Keep as many questions on their way as may be; the one that is needed in any case."""
        if needed is not None and needed not in self._asked:
            self._submit(needed)
        while self._waiting and len(self._asked) < self._at_once:
            self._submit(self._waiting[0])

    def _submit(self, question: RunsQuestion) -> None:
        if question in self._waiting:
            self._waiting.remove(question)
        self._asked[question] = self._pool.submit(self._ask, question)

    def _ask(self, question: RunsQuestion) -> RoomAnswer:
        """In a thread: everything there is to know about a room's runs."""
        room, since_unix, until_unix = question
        newrow, asked_at = self._own_client(), timezone.now()
        answer = RoomAnswer(asked_at, newrow.runs(room, since_unix, until_unix))
        for raw in answer.runs.rows:
            if run := _number_of(raw):
                answer.stays[run] = found = _stays(newrow, room, run)
                if isinstance(found, NewrowUnavailable):
                    # It ends the pull of this session, so nobody asks for the others.
                    break
        return answer

    def _own_client(self) -> NewrowClient:
        if not hasattr(self._local, "client"):
            self._local.client = self._client()
            self._clients.append(self._local.client)
        client: NewrowClient = self._local.client
        return client


def _number_of(raw: Any) -> str:
    """The run's number; empty for a run that cannot be read, which is told when it is stored."""
    try:
        return run_row(raw).remote_id
    except BadRow:
        return ""


def _stays(newrow: NewrowClient, room: str, run: str) -> Listing | NewrowError:
    asked_at = timezone.now()
    try:
        listing = newrow.stays(room, run)
    except NewrowError as error:
        return error
    listing.asked_at = asked_at
    return listing
