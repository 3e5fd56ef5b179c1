"""Refuses what pages of other sites post (cross-site request forgery, DNS rebinding).

The web pages and ``/_control/`` ask for no password, so a page of another site could make
a visitor's browser post to them. A browser names the origin of such a post. With DNS
rebinding a foreign name points to this machine and would pass as the same origin, so the
host must be one that cannot be rebound.
"""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from kaltura_simulator.web.http import HttpRequest

_SAME_SITE = frozenset({"", "same-origin"})


def refusal(request: HttpRequest) -> str:
    """Why this post is refused; empty when a page of this address sent it."""
    host = request.header("Host")
    if not _is_trusted(_hostname(host), request):
        return (
            f"This simulator does not know the name {host}. "
            "Open it by its IP address, or as localhost."
        )
    origin = request.header("Origin").partition("://")[2]
    if origin != host or request.header("Sec-Fetch-Site") not in _SAME_SITE:
        return "This was sent by a page of another site, or by a program. Programs can use the API."
    return ""


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
