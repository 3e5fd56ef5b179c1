"""What plays now, for pages that are open: a small answer without a query for each viewer.

The join page of a player, and the page that says that a recording is being processed, ask every
half minute. The question names the session in a signed word, so it needs no sign-in, says
nothing of anybody, and its answer is the same for all: made at most once in some seconds in each
process, with an ETag, so that mostly nothing is sent.
"""

from __future__ import annotations

import random
import time
from typing import Final

from django.core.cache import cache
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.urls import reverse
from django.utils.http import parse_etags, quote_etag, urlencode
from django.views.decorators.http import require_GET

from events.models import Session
from kaltura_bridge.watch.playing import WhatPlays, playable

# How soon a page asks again, by what plays; by chance up to a quarter later.
AGAIN_S: Final = {
    WhatPlays.LIVE: 20,
    WhatPlays.PROCESSING: 10,
    WhatPlays.NOTHING: 30,
    WhatPlays.RECORDING: 30,
}
FRESH_S: Final = 5
# A page that is open for longer is reloaded by somebody.
_LIFE_S: Final = 2 * 24 * 3600
_signer = Signer(salt="what plays of a session", sep=".")


def state_url(session: Session) -> str:
    """Where a page of this session asks; the same for all who see one within an hour or two."""
    ends = (int(time.time()) + _LIFE_S) // 3600 * 3600
    word = _signer.sign_object([session.pk, ends])
    address = reverse("kaltura:plays", args=[session.event.slug, session.slug])
    return f"{address}?{urlencode({'of': word})}"


@require_GET
def plays(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """``{"what": "live|recording|processing|nothing", "again_s": seconds}``; 304 where unchanged.

    404 without a word that a page of this session gave.
    """
    what = what_plays(_session_named(request.GET.get("of", "")), event_slug, session_slug)
    etag = quote_etag(what)
    seen = parse_etags(request.headers.get("If-None-Match", ""))
    response: HttpResponse
    if etag in seen:
        response = HttpResponseNotModified()
    else:
        response = JsonResponse({"what": what, "again_s": AGAIN_S[WhatPlays(what)]})
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def what_plays(session_pk: int, event_slug: str, session_slug: str) -> str:
    """What plays of the session, remembered for some seconds for all who ask. Raises Http404."""
    name = f"plays:{session_pk}:{event_slug}:{session_slug}"
    known = cache.get(name)
    if known is None:
        known = _look(session_pk, event_slug, session_slug)
        cache.set(name, known, FRESH_S + random.random())  # noqa: S311  (nothing secret)
    return str(known)


def _look(session_pk: int, event_slug: str, session_slug: str) -> str:
    at = Session.objects.filter(pk=session_pk, slug=session_slug, event__slug=event_slug)
    session = at.select_related("event", "track").first()
    if session is None:
        raise Http404
    return str(playable(session).what)


def _session_named(word: str) -> int:
    try:
        session_pk, ends = _signer.unsign_object(word)
    except BadSignature:
        raise Http404 from None
    if time.time() > ends:
        raise Http404
    return int(session_pk)
