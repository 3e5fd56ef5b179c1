"""What faults do to an HTTP request: in place of it, or to its reply."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from html import escape

from kaltura_simulator.state.faults import Fault
from kaltura_simulator.web.http import HttpResponse, text

_ERROR_PAGE = (
    "<html><head><title>{0} {1}</title></head><body><center><h1>{0} {1}</h1></center></body></html>"
)
_PHRASES = {429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway"}


def instead_of_request(fault: Fault) -> HttpResponse:
    """The answer of a web server that never reached Kaltura's code."""
    return REQUEST_FAULTS[fault.mode](fault)


def changed_reply(response: HttpResponse, faults: Iterable[Fault]) -> HttpResponse:
    """What becomes of a reply whose work is done; faults of other phases do nothing to it."""
    for fault in faults:
        change = REPLY_FAULTS.get(fault.mode)
        if change is not None and not response.hang_up:
            response = change(fault, response)
    return response


def _hang_up(fault: Fault) -> HttpResponse:
    return HttpResponse(hang_up=True)


def _status_429(fault: Fault) -> HttpResponse:
    return _error_page(429, fault)


def _status_5xx(fault: Fault) -> HttpResponse:
    return _error_page(fault.status, fault)


def _error_page(status: int, fault: Fault) -> HttpResponse:
    page = text(_ERROR_PAGE.format(status, _PHRASES.get(status, "Service Unavailable")), status)
    if fault.retry_after is not None:
        page.headers.append(("Retry-After", str(fault.retry_after)))
    return page


def _says_an_error(fault: Fault) -> HttpResponse:
    said = escape(fault.message or "An error occurred")
    body = f"<html><head><title>Kaltura</title></head><body><h1>{said}</h1></body></html>"
    return HttpResponse(body.encode(), 200, "text/html; charset=utf-8")


def _late(fault: Fault, response: HttpResponse) -> HttpResponse:
    time.sleep(fault.seconds)
    return response


def _lost(fault: Fault, response: HttpResponse) -> HttpResponse:
    return HttpResponse(hang_up=True)


def _cut(fault: Fault, response: HttpResponse) -> HttpResponse:
    response.body = response.body[: len(response.body) // 2]
    return response


REQUEST_FAULTS: Mapping[str, Callable[[Fault], HttpResponse]] = {
    "refuse": _hang_up,
    "status_429": _status_429,
    "status_5xx": _status_5xx,
    "error_page": _says_an_error,
}
REPLY_FAULTS: Mapping[str, Callable[[Fault, HttpResponse], HttpResponse]] = {
    "slow_reply": _late,
    "lose_reply": _lost,
    "cut_reply": _cut,
}
