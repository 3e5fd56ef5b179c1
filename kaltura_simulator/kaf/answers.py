"""How every page here answers: shown or refused, written down, and with the same headers."""

from __future__ import annotations

from collections.abc import Callable

from kaltura_simulator.api import ks
from kaltura_simulator.kaf import pages
from kaltura_simulator.kaf.admission import session_here
from kaltura_simulator.kaf.refusals import Refused
from kaltura_simulator.web.access_log import Noted, troubled
from kaltura_simulator.web.html import Html
from kaltura_simulator.web.http import Request, Response

#: The pages stand in other sites' iframes and load nothing from anywhere else.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action {targets}; frame-ancestors *"
)

#: Makes the page, and says for the book of requests what it showed; raises Refused.
Show = Callable[[Noted], "tuple[Html, str]"]


def opened(request: Request, name: str, show: Show, targets: str = "'self'") -> Response:
    """The page that ``show`` makes, or why it may not be seen.

    ``name`` is what faults and the book of requests call it, ``targets`` where its forms
    may go.
    """
    noted = Noted(request, "kaf", name)
    return troubled(request, noted, lambda: _shown(noted, show, targets))


def _shown(noted: Noted, show: Show, targets: str) -> Response:
    try:
        page, words = show(noted)
    except Refused as refusal:
        noted.write(refusal.reason, f"{refusal.status}: {refusal.sentence}")
        return refused(refusal)
    noted.write("ok", words)
    return answer(page, targets=targets)


def read_session(request: Request, text: str, noted: Noted) -> ks.Ks:
    """The living session ``text`` of somebody who opens a page; raises Refused."""
    if request.method != "GET":
        raise Refused("method")
    session = session_here(request, text)
    noted.params, noted.user, noted.partner = session.privileges, session.user, session.partner
    return session


def session_behind(request: Request, prefix: str, noted: Noted) -> ks.Ks:
    """The session that stands in the path after ``prefix``; raises Refused."""
    return read_session(request, request.path[len(prefix) :].partition("/")[0], noted)


def refused(refusal: Refused) -> Response:
    """The page of somebody who may not enter."""
    return answer(pages.refused(refusal), refusal.status)


def answer(page: Html, status: int = 200, targets: str = "'self'") -> Response:
    """A page with what all of them tell the browser."""
    headers = [
        ("Content-Security-Policy", _POLICY.format(targets=targets)),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return Response(page.encode("utf-8", "replace"), status, headers=headers)
