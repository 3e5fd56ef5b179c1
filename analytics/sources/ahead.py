"""Asks the sources about the next sessions while the last answer is stored.

Most of a pull is waiting for answers. A few questions are on their way at a time; what is done
with the answers stays in one thread and in order, as if each had been asked for when it was
needed. A source that does not answer is not pressed: after a failure it is asked one by one
again, and each success lets twice as many go ahead.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar

from django.conf import settings
from django.utils import timezone

from analytics.sources.kaltura_reports import WEBCAST, PersonReport, ViewerReports
from analytics.sources.listing import Listing
from analytics.sources.newrow import NewrowClient, NewrowError, NewrowUnavailable
from analytics.sources.parsing import BadRow, run_row

if TYPE_CHECKING:
    import requests

# Kaltura documents no limit of Newrow's; this many is what a browser would open to one host.
AT_ONCE: Final = 6

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")
# Which runs: the room, and from when to when they may have started (Unix seconds).
RunsQuestion = tuple[str, int, int]
# Whose viewers: the entries with ``|`` between, planned start and end, how long after it.
ViewersQuestion = tuple[str, datetime, datetime, timedelta]


class AskedAhead(Generic[Question, Answer]):
    """The answers to ``questions``, some of which are asked before they are needed.

    ``ask`` runs in threads, at most ``at_once`` at a time, and must not touch the database.
    """

    def __init__(
        self,
        questions: Sequence[Question],
        ask: Callable[[Question], Answer],
        at_once: int,
        name: str,
    ) -> None:
        self._waiting = list(dict.fromkeys(questions))
        self._ask = ask
        self._asked: dict[Question, Future[Answer]] = {}
        self._most = at_once
        self._at_once = 1
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix=name)

    def answer(self, question: Question) -> Answer:
        """The answer, or whatever ``ask`` raised instead of one."""
        self._ask_more(question)
        try:
            answer = self._asked.pop(question).result()
        except Exception:
            self.slow_down()
            raise
        self._at_once = min(2 * self._at_once, self._most)
        self._ask_more()
        return answer

    def slow_down(self) -> None:
        """Ask one by one, until the source answers again."""
        self._at_once = 1

    def stop(self) -> None:
        """Ask nothing more, and wait for what is on its way."""
        self._pool.shutdown(cancel_futures=True)

    def _ask_more(self, needed: Question | None = None) -> None:
        """Keep as many questions on their way as may be; the one that is needed in any case."""
        if needed is not None and needed not in self._asked:
            self._submit(needed)
        while self._waiting and len(self._asked) < self._at_once:
            self._submit(self._waiting[0])

    def _submit(self, question: Question) -> None:
        if question in self._waiting:
            self._waiting.remove(question)
        self._asked[question] = self._pool.submit(self._ask, question)


# --- Meeting rooms --------------------------------------------------------------------------


@dataclass
class RoomAnswer:
    """A room's runs with everybody's stays in them, or the errors that came instead."""

    asked_at: datetime
    runs: Listing
    stays: dict[str, Listing | NewrowError] = field(default_factory=dict)


class NewrowAhead:
    """Answers like a NewrowClient, from what was asked ahead; ``questions`` in their order."""

    def __init__(
        self,
        questions: Sequence[RunsQuestion],
        client: Callable[[], NewrowClient] = NewrowClient,
    ) -> None:
        self._client = client
        self._ahead = AskedAhead(questions, self._ask, AT_ONCE, "newrow")
        self._current: RoomAnswer | None = None
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
        self._ahead.stop()
        for client in self._clients:
            client.__exit__(None, None, None)

    @property
    def asked_at(self) -> datetime | None:
        """When the room was asked about whose runs were read last."""
        return self._current.asked_at if self._current else None

    def runs(self, room: str, since_unix: int, until_unix: int) -> Listing:
        """As NewrowClient.runs."""
        self._current = None
        self._current = self._ahead.answer((room, since_unix, until_unix))
        return self._current.runs

    def stays(self, room: str, run: str) -> Listing:
        """As NewrowClient.stays, of a run that ``runs`` has just named."""
        answer = self._current.stays[run] if self._current else Listing()
        if isinstance(answer, NewrowError):
            if isinstance(answer, NewrowUnavailable):
                self._ahead.slow_down()
            raise answer
        return answer

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


# --- Webcasts and recordings ----------------------------------------------------------------


class ViewersAhead:
    """Answers like ViewerReports of ``about``, from what was asked ahead.

    As many at a time as the setting KALTURA_REPORTS_AT_ONCE says.
    """

    def __init__(self, questions: Sequence[ViewersQuestion], about: PersonReport = WEBCAST) -> None:
        self.about = about
        self.asked_at: datetime | None = None
        at_once = settings.KALTURA_REPORTS_AT_ONCE
        self._ahead = AskedAhead(questions, self._ask, at_once, "reports")
        self._local = threading.local()
        self._connections: list[requests.Session] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ahead.stop()
        for connections in self._connections:
            connections.close()

    def viewers(
        self, entries: str, starts_at: datetime, ends_at: datetime, after: timedelta
    ) -> Listing:
        """As ViewerReports.viewers; ``asked_at`` of the listing is when it was asked."""
        self.asked_at = None
        listing = self._ahead.answer((entries, starts_at, ends_at, after))
        self.asked_at = listing.asked_at
        return listing

    def _ask(self, question: ViewersQuestion) -> Listing:
        """In a thread: all pages of the report."""
        reports, asked_at = self._own_reports(), timezone.now()
        listing = reports.viewers(*question)
        listing.asked_at = asked_at
        return listing

    def _own_reports(self) -> ViewerReports:
        if not hasattr(self._local, "reports"):
            # Only if needed, and never in the web process: it loads the Kaltura client.
            from kaltura_bridge.api.client import thread_connections

            self._local.reports = ViewerReports(about=self.about)
            self._connections.append(thread_connections())
        reports: ViewerReports = self._local.reports
        return reports
