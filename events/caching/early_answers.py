"""Pages for strangers, sent again before Django looks at the request.

Such a page is the same for everybody who sends no cookie, or only those that hold what was chosen
on our pages (events/caching/strangers.py); Django needs three milliseconds to find that out. So
each web process sends again what it has sent, for half a second: nothing that was asked in that
time is asked again, and a change shows within a second. The time of the answer, and whether the
browser has this very page, are found out each time.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from events.agenda.remembered import COOKIE as AGENDA_COOKIE
from events.caching.answers import TIME_HEADER, tags_in, time_note
from events.caching.strangers import PageForAll, page_for_all
from events.zones import COOKIE as ZONE_COOKIE

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

SECONDS: Final = 0.5
_KEPT: Final = 128
# Longer ones are nobody's, and would fill the memory.
_LONGEST: Final = 600
# What decides how an answer looks to a stranger.
_DECIDING: Final = (
    "wsgi.url_scheme",
    "SERVER_NAME",
    "SERVER_PORT",
    "SCRIPT_NAME",
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_HOST",
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_COOKIE",
    "HTTP_PURPOSE",
    "HTTP_SEC_FETCH_SITE",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
)
# Who sends one of these may be somebody, or wants another answer than a page.
_TELLING: Final = ("HTTP_AUTHORIZATION", "HTTP_RANGE", "CONTENT_LENGTH")
# Cookies that say what was chosen, and nothing of who chose it.
_CHOICES: Final = frozenset({AGENDA_COOKIE, ZONE_COOKIE, settings.LANGUAGE_COOKIE_NAME})

_OK: Final = "200 OK"
_NOT_MODIFIED: Final = "304 Not Modified"
# A 304 says nothing of a body that it has not.
_OF_THE_BODY: Final = frozenset(
    {"content-type", "content-length", "content-encoding", "content-language"}
)

Headers = list[tuple[str, str]]
Asked = tuple[str, ...]


@dataclass(frozen=True)
class _EarlyAnswer:
    """A page as it was sent, with the headers that all of Django's layers gave it."""

    said: PageForAll
    headers: Headers  # without those that differ each time
    until: float  # Unix time

    def send(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """The page with the time as it is now, or that the browser has it."""
        now = (TIME_HEADER, time_note())
        if self.said.page.digest in tags_in(environ.get("HTTP_IF_NONE_MATCH", "")):
            kept = [each for each in self.headers if each[0].lower() not in _OF_THE_BODY]
            start(_NOT_MODIFIED, [*kept, now])
            return []
        filled = self.said.page.filled({})
        is_packed = any(name.lower() == "content-encoding" for name, _ in self.headers)
        body = filled.packed if is_packed else filled.text
        start(_OK, [*self.headers, now, ("Content-Length", str(len(body)))])
        return [body]


class EarlyAnswers:
    """The WSGI application ``app`` behind what it has just sent to all strangers."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._kept: OrderedDict[Asked, _EarlyAnswer] = OrderedDict()
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = _asked(environ)
        if asked is None:
            return self._app(environ, start_response)
        if found := self._find(asked):
            return found.send(environ, start_response)
        return self._ask(asked, environ, start_response)

    def _find(self, asked: Asked) -> _EarlyAnswer | None:
        found = self._kept.get(asked)
        return found if found and found.until > time.time() else None

    def _ask(
        self, asked: Asked, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Django's answer, kept when it says that it is for everybody."""
        started: list[tuple[str, Headers]] = []

        def start(status: str, headers: Headers, *more: Any) -> Any:
            started.append((status, headers))
            return start_response(status, headers, *more)

        asked_at = time.time()
        response = self._app(environ, start)
        said = page_for_all(response)
        if said and started:
            self._keep(asked, said, *started[-1], min(asked_at + SECONDS, said.valid_until))
        return response

    def _keep(
        self, asked: Asked, said: PageForAll, status: str, headers: Headers, until: float
    ) -> None:
        cookies = [text for name, text in headers if name.lower() == "set-cookie"]
        # What an address chooses is remembered for everybody who asks for it.
        names = _names_in("; ".join([text.partition(";")[0] for text in cookies]))
        if status != _OK or not names <= _CHOICES:
            return
        passing = {"content-length", TIME_HEADER.lower()}
        lasting = [each for each in headers if each[0].lower() not in passing]
        with self._lock:
            self._kept[asked] = _EarlyAnswer(said, lasting, until)
            self._kept.move_to_end(asked)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


def _names_in(cookies: str) -> set[str]:
    """The names in a Cookie header."""
    return {each.partition("=")[0].strip() for each in cookies.split(";") if each.strip()}


def _asked(environ: WSGIEnvironment) -> Asked | None:
    """What is asked; None for what only Django can answer."""
    if environ["REQUEST_METHOD"] != "GET" or any(environ.get(name) for name in _TELLING):
        return None
    if not _names_in(environ.get("HTTP_COOKIE", "")) <= _CHOICES:
        return None
    asked = tuple([environ.get(name, "") for name in _DECIDING])
    return asked if sum(map(len, asked)) <= _LONGEST else None
