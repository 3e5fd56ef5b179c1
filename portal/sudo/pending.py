"""What somebody was about to do when they were asked: kept in their session until they have shown
who they are, and then shown to them once more. Nothing is done by itself.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest

_KEY: Final = "sudo_pending"
_KEPT_S: Final = 1800
#: Forms in several tabs; the oldest goes.
_MOST: Final = 3
_LARGEST: Final = 100_000
_SECRET: Final = re.compile(r"(old|new_)?password\d?")
_TOKEN: Final = "csrfmiddlewaretoken"  # noqa: S105  (the name of a field)


@dataclass(frozen=True)
class PendingRequest:
    """``fields``: of the form, in its order; None where it was only an address."""

    path: str
    what: str
    fields: list[tuple[str, str]] | None
    has_lost: bool


def keep_request(request: HttpRequest, what: str) -> str:
    """Keep it, and give the name by which it is found again."""
    fields, has_lost = None, False
    if request.method == "POST":
        fields = [(name, text) for name, all_of in request.POST.lists() for text in all_of]
        fields = [(name, text) for name, text in fields if name != _TOKEN]
        # What is too large for a session is typed again; so are files chosen again. No password
        # lies in a session.
        has_secret = any(_SECRET.fullmatch(name) and text for name, text in fields)
        is_large = sum(len(n) + len(t) for n, t in fields) > _LARGEST
        has_lost = bool(request.FILES) or is_large or has_secret
    name = secrets.token_urlsafe(9)
    kept = {"path": request.get_full_path(), "what": what, "at": time.time(), "lost": has_lost}
    kept["fields"] = None if has_lost else fields
    living = _living(request)
    recent = dict(sorted(living.items(), key=lambda item: item[1]["at"])[-(_MOST - 1) :])
    request.session[_KEY] = {**recent, name: kept}
    return name


def kept_request(request: HttpRequest, name: str) -> PendingRequest | None:
    """What was kept under this name."""
    kept = _living(request).get(name)
    if kept is None:
        return None
    fields = kept["fields"]
    pairs = None if fields is None else [(str(n), str(t)) for n, t in fields]
    return PendingRequest(kept["path"], kept["what"], pairs, kept["lost"])


def forget_request(request: HttpRequest, name: str) -> None:
    request.session[_KEY] = {n: each for n, each in _living(request).items() if n != name}


def _living(request: HttpRequest) -> dict[str, Any]:
    kept: dict[str, Any] = request.session.get(_KEY, {})
    return {name: each for name, each in kept.items() if time.time() - each["at"] < _KEPT_S}
