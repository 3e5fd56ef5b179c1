"""The HTTP responses of all KAF pages: logged, open to faults, with the same headers."""

from __future__ import annotations

from collections.abc import Callable

from kaltura_simulator.api import ks
from kaltura_simulator.kaf import pages
from kaltura_simulator.kaf.access import session_of_account
from kaltura_simulator.kaf.refusals import PageRefused
from kaltura_simulator.web.access_log import RequestLog, with_faults
from kaltura_simulator.web.html import Html
from kaltura_simulator.web.http import HttpRequest, HttpResponse

#: The pages are framed by other sites and load nothing from anywhere else.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action {targets}; frame-ancestors *"
)

#: Renders the page, and a text for the request log about what it shows; raises PageRefused.
Render = Callable[[RequestLog], "tuple[Html, str]"]


def page_response(
    request: HttpRequest, name: str, render: Render, targets: str = "'self'"
) -> HttpResponse:
    """The page that ``render`` makes, or the page that says why not.

    ``name`` is the page's name in faults and in the request log, ``targets`` what its
    forms may be sent to.
    """
    log = RequestLog(request, "kaf", name)
    return with_faults(request, log, lambda: _rendered(log, render, targets))


def _rendered(log: RequestLog, render: Render, targets: str) -> HttpResponse:
    try:
        page, summary = render(log)
    except PageRefused as refusal:
        log.finish(refusal.reason, f"{refusal.status}: {refusal.sentence}")
        return refusal_response(refusal)
    log.finish("ok", summary)
    return html_response(page, targets=targets)


def session_for_page(request: HttpRequest, text: str, log: RequestLog) -> ks.Ks:
    """The valid session of a page request, added to the log; raises PageRefused."""
    if request.method != "GET":
        raise PageRefused("method")
    session = session_of_account(request, text)
    log.params, log.user, log.partner = session.privileges, session.user, session.partner
    return session


def session_in_path(request: HttpRequest, prefix: str, log: RequestLog) -> ks.Ks:
    """The session in the path after ``prefix``; raises PageRefused."""
    return session_for_page(request, request.path[len(prefix) :].partition("/")[0], log)


def refusal_response(refusal: PageRefused) -> HttpResponse:
    """The page that says why a page may not be opened."""
    return html_response(pages.refused(refusal), refusal.status)


def html_response(page: Html, status: int = 200, targets: str = "'self'") -> HttpResponse:
    """A page with the headers that all of them have."""
    headers = [
        ("Content-Security-Policy", _POLICY.format(targets=targets)),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return HttpResponse(page.encode("utf-8", "replace"), status, headers=headers)
