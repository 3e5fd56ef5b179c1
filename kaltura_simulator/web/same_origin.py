"""Who may post here: a page of this very address, and nobody else's page.

The face and the control ask for no password, so a page of another site could make a
visitor's browser post to them. Such a post names its origin. A site whose name is bent
to point at this machine would pass as the same origin, so the address must be one that
nobody can bend.
"""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from kaltura_simulator.web.http import Request

_SAME_SITE = frozenset({"", "same-origin"})


def refusal(request: Request) -> str:
    """Why this post is not taken; empty when a page of this address sent it."""
    host = request.header("Host")
    if not _is_own(_name_of(host), request):
        return (
            f"This simulator does not know the name {host}. "
            "Open it by its IP address, or as localhost."
        )
    sent_from = request.header("Origin").partition("://")[2]
    if sent_from != host or request.header("Sec-Fetch-Site") not in _SAME_SITE:
        return "Another site's page sent this, or a program. Programs have the API."
    return ""


def _name_of(host: str) -> str:
    with suppress(ValueError):
        return urlsplit(f"//{host}").hostname or ""
    return ""


def _is_own(name: str, request: Request) -> bool:
    """An address in numbers, a name of one's own network, or the one that was bound."""
    bound = _name_of(request.world.options.bind)
    return bool(name) and (
        "." not in name or name.endswith(".localhost") or name == bound or _is_number(name)
    )


def _is_number(name: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(name))
    return False
