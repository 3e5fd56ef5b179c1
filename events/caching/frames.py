"""Pages of people who are signed in, put together from what is the same for all of them.

Head, menu and scripts are the same but for the account's own menu, and rendering them takes
longer than all else that is left of a warm page.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils.translation import get_language

from events.caching.answers import answer, digest_of, has_message, secret_of, without_passing
from events.caching.cutting import CutPage, cut_page
from events.caching.encoding import KeptPart
from events.caching.fragments import Fragment, FragmentStore, fragment_key

_KEPT_S: Final = 900
_CONTENT: Final = "content"
# What is personal around the content: its name in base.html, and what is written there.
_PERSONAL: Final = {
    "account": "{% include '_account.html' %}",
    "strip": "{% load offline %}{% offline_strip %}",
}

_FRAMES: Final[FragmentStore[CutPage]] = FragmentStore(is_shared=False)


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

    def make() -> Fragment[CutPage]:
        frame = cut_page(request, template, context, (*_PERSONAL, _CONTENT))
        return Fragment(frame, time.time() + _KEPT_S)

    # Nobody signed in, but with a visit: they see another frame.
    known = bool(request.user.is_authenticated)
    key = fragment_key("frame", known, get_language(), request.get_full_path(), template, version)
    is_lasting = not has_message(request)
    # A message stands in the frame.
    frame = _FRAMES.get(key, make) if is_lasting else make().content
    own = {name: [_own(name, request, context)] for name in _PERSONAL}
    named = digest_of(
        frame.digest.encode(),
        *(without_passing(part.text) for [part] in own.values()),
        digest.encode(),
        secret_of(request),
    )
    body = frame.filled({**own, _CONTENT: content})
    return answer(request, body, named if is_lasting else "")


def _own(name: str, request: HttpRequest, context: dict[str, Any]) -> KeptPart:
    return KeptPart.once(_template(name).render(context, request).encode())


@cache
def _template(name: str) -> Any:
    return engines["django"].from_string(_PERSONAL[name])
