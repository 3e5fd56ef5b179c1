"""Pages of people who are signed in, put together from what is the same for all of them.

Head, menu and scripts are the same but for a few words of the reader's own, and rendering them
takes longer than all else that is left of a warm page. So they are rendered for somebody who
has gaps for a name and an address, and what belongs there is written in for each answer.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from events.caching.answers import answer, digest_of, has_message, secret_of
from events.caching.cutting import CONTENT, CutPage, cut_page
from events.caching.encoding import KeptPart
from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.offline.keeping import reader_name

_KEPT_S: Final = 900
# What is told of the reader around the content, beside the token of their forms.
_TOLD: Final = ("short", "full", "mail", "manage", "reader")
_TOKEN: Final = "token"  # noqa: S105  (the name of a gap)

_FRAMES: Final[FragmentStore[CutPage]] = FragmentStore(is_shared=False)


class _Reader:
    """Stands in for whoever is signed in; what is told of them are the gaps of these names."""

    is_authenticated = True
    is_anonymous = False
    # Who may use the admin is told in a gap of its own.
    is_staff = False

    def __init__(self, seams: Mapping[str, SafeString]) -> None:
        self._seams = seams

    def __str__(self) -> str:
        return self._seams["full"]

    @property
    def email(self) -> str:
        return self._seams["mail"]

    def get_short_name(self) -> str:
        return self._seams["short"]


def persons_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    version: str,
    content: Sequence[KeptPart],
    digest: str,
) -> HttpResponse:
    """A page of somebody who is signed in: ``template`` with this ``content`` in its place.

    ``context`` is the same at one ``version`` and address, ``digest`` names the content.
    """
    # Nobody signed in, but with a visit: they see another frame, and nothing of anybody is in it.
    known = bool(request.user.is_authenticated)

    def make() -> Fragment[CutPage]:
        gaps = (*_TOLD, _TOKEN, CONTENT) if known else (CONTENT,)
        frame = cut_page(request, template, context, gaps, _as_reader if known else None)
        return Fragment(frame, time.time() + _KEPT_S)

    key = fragment_key("frame", known, get_language(), request.get_full_path(), template, version)
    is_lasting = not has_message(request)
    # A message stands in the frame.
    frame = _FRAMES.get(key, make) if is_lasting else make().content
    told = _told_of(request.user) if known else {}
    own = {name: [KeptPart.once(text)] for name, text in told.items()}
    if known:
        own[_TOKEN] = [KeptPart.once(page_token(request).encode())]
    named = digest_of(frame.digest.encode(), *told.values(), digest.encode(), secret_of(request))
    body = frame.filled({**own, CONTENT: content})
    return answer(request, body, named if is_lasting else "")


def page_token(request: HttpRequest) -> str:
    """The token of all forms in this answer: hiding the secret once is enough."""
    own: Any = request
    if not hasattr(own, "page_token"):
        own.page_token = get_token(request)
    return str(own.page_token)


def _as_reader(seams: Mapping[str, SafeString]) -> dict[str, Any]:
    return {"user": _Reader(seams), "csrf_token": seams[_TOKEN]}


def _told_of(user: Any) -> dict[str, bytes]:
    """What stands in the gaps, as it is written in HTML."""
    told = {
        "short": escape(user.get_short_name()),
        "full": escape(user),
        "mail": escape(user.email),
        "manage": render_to_string("_manage.html") if user.is_staff else "",
        "reader": reader_name(user),
    }
    return {name: text.encode() for name, text in told.items()}
