"""What those hear who wait for a broadcast, said again before Django looks at the request.

Hundreds of pages ask within a second or two, each the same, and at the moment in which it turns
true the portal has better things to do: to let them in. So each web process says again what it
has said, for a moment; only after how many seconds to ask again is drawn for each anew. The
answer is about nobody, and whoever asks has shown a word that Django has checked; another word
is another question.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from kaltura_bridge.join.waiting import OnAirAnswer, on_air_answer_of

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_PATH_ENDS: Final = "/join/on-air/"
_KEPT: Final = 64
# Longer ones are nobody's, and would fill the memory.
_LONGEST: Final = 1500
# What decides how Django answers; cookies and languages do not.
_DECIDING: Final = (
    "wsgi.url_scheme",
    "SERVER_NAME",
    "SERVER_PORT",
    "SCRIPT_NAME",
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_HOST",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
)
_OTHERWISE: Final = ("HTTP_AUTHORIZATION", "HTTP_RANGE", "CONTENT_LENGTH")
_LENGTH: Final = "content-length"
# Django takes the cookie of a session that ended away from whoever sends it, and from nobody else.
_COOKIE: Final = "set-cookie"
_OK: Final = "200 OK"

Headers = list[tuple[str, str]]
Asked = tuple[str, ...]


@dataclass(frozen=True)
class _Said:
    answer: OnAirAnswer
    headers: Headers  # as all of Django's layers gave them, but for the length


class EarlyOnAir:
    """The WSGI application ``app`` behind what it has just told those who wait."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._said: OrderedDict[Asked, _Said] = OrderedDict()
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = _asked(environ)
        if asked is None:
            return self._app(environ, start_response)
        said = self._said.get(asked)
        if said is None or said.answer.holds_until <= time.time():
            return self._ask(asked, environ, start_response)
        body = said.answer.body()
        start_response(_OK, [*said.headers, ("Content-Length", str(len(body)))])
        return [body]

    def _ask(
        self, asked: Asked, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        started: list[tuple[str, Headers]] = []

        def start(status: str, headers: Headers, *more: Any) -> Any:
            started.append((status, headers))
            return start_response(status, headers, *more)

        response = self._app(environ, start)
        answer = on_air_answer_of(response)
        if answer and started and _is_for_all(*started[-1]):
            self._keep(asked, answer, started[-1][1])
        return response

    def _keep(self, asked: Asked, answer: OnAirAnswer, headers: Headers) -> None:
        lasting = [each for each in headers if each[0].lower() != _LENGTH]
        with self._lock:
            self._said[asked] = _Said(answer, lasting)
            self._said.move_to_end(asked)
            while len(self._said) > _KEPT:
                self._said.popitem(last=False)


def _is_for_all(status: str, headers: Headers) -> bool:
    return status == _OK and all(name.lower() != _COOKIE for name, _text in headers)


def _asked(environ: WSGIEnvironment) -> Asked | None:
    """What is asked; None for what only Django can answer."""
    if environ["REQUEST_METHOD"] != "GET" or not environ["PATH_INFO"].endswith(_PATH_ENDS):
        return None
    if any(environ.get(name) for name in _OTHERWISE):
        return None
    asked = tuple([environ.get(name, "") for name in _DECIDING])
    return asked if sum(map(len, asked)) <= _LONGEST else None
