"""Keeps pages of other sites away from the console and ``/_control/``.

Neither asks for a password, so a page of another site could make a visitor's browser use
them. A browser names the origin of what a page sends (``Origin``, ``Sec-Fetch-Site``), but
not when it believes that the page is of the same site: with DNS rebinding a foreign name
points to this machine. So the host of every request must be one that cannot be rebound.
"""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from kaltura_simulator.web.http import HttpRequest

_FOREIGN_SITES = frozenset({"cross-site", "same-site"})
_FOREIGN = "This was sent by a page of another site, or by a program. Programs can use the API."


def host_refusal(request: HttpRequest) -> str:
    """Why the host of this request is refused; empty when it cannot be rebound."""
    host = request.header("Host")
    if _is_trusted(_hostname(host), request):
        return ""
    return (
        f"This simulator does not know the name {host}. "
        "Open it by its IP address, as localhost, or by the name given to --bind."
    )


def page_refusal(request: HttpRequest) -> str:
    """Why this page is not shown. Links from other sites may lead to it."""
    is_opened = request.header("Sec-Fetch-Mode") in {"", "navigate"}
    return host_refusal(request) if is_opened else program_refusal(request)


def program_refusal(request: HttpRequest) -> str:
    """Why this is refused; empty for programs, which name no origin, and for our own pages."""
    origin = request.header("Origin")
    is_foreign = request.header("Sec-Fetch-Site") in _FOREIGN_SITES or (
        origin and _address(origin) != request.header("Host")
    )
    return host_refusal(request) or (_FOREIGN if is_foreign else "")


def form_refusal(request: HttpRequest) -> str:
    """Why this post is refused; empty only when one of our own pages sent it."""
    is_foreign = _address(request.header("Origin")) != request.header("Host")
    return program_refusal(request) or (_FOREIGN if is_foreign else "")


def _address(origin: str) -> str:
    return origin.partition("://")[2]


def _hostname(host: str) -> str:
    with suppress(ValueError):
        return urlsplit(f"//{host}").hostname or ""
    return ""


def _is_trusted(name: str, request: HttpRequest) -> bool:
    """An IP address, localhost, a name without a dot, or the name given to ``--bind``."""
    bound = _hostname(request.world.options.bind)
    return bool(name) and (
        "." not in name or name.endswith(".localhost") or name == bound or _is_ip_address(name)
    )


def _is_ip_address(name: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(name))
    return False
