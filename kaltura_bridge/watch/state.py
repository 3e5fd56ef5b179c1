"""What plays now, for pages that are open: a small answer with an ETag, mostly not sent at all.

The join page of a player, and the page that says that a recording is being processed, ask every
half minute. The question names session and person in a signed word, so it needs no cookie. Who may
come in is asked anew each time, by the rules of the page itself; what plays is the same for all,
and looked at once in some seconds in each process.
"""

from __future__ import annotations

import random
import time
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.urls import reverse
from django.utils.http import parse_etags, quote_etag, urlencode
from django.views.decorators.http import require_GET

from events.access import Denial
from events.models import Session, User
from events.queries import ProgrammeHidden
from kaltura_bridge.join.access import JoinRequest, join_request_of
from kaltura_bridge.watch.playing import WhatPlays, playable

# How soon a page asks again, by what plays; by chance up to a quarter later.
AGAIN_S: Final = {
    WhatPlays.LIVE: 20,
    WhatPlays.PROCESSING: 10,
    WhatPlays.NOTHING: 30,
    WhatPlays.RECORDING: 30,
}
FRESH_S: Final = 5
#: Whose page stays open: who is in, and who saw it end and waits for what is left of it.
_STAYS: Final = (None, Denial.PROCESSING, Denial.OVER)
# A page that is open for longer is reloaded by somebody.
_LIFE_S: Final = 2 * 24 * 3600
_signer = Signer(salt="what plays of a session", sep=".")


def state_url(asked: JoinRequest) -> str:
    """Where this person's page of this session asks."""
    session, ends = asked.session, (int(time.time()) + _LIFE_S) // 3600 * 3600
    word = _signer.sign_object([session.pk, asked.user.pk or 0, ends])
    address = reverse("kaltura:plays", args=[session.event.slug, session.slug])
    return f"{address}?{urlencode({'of': word})}"


@require_GET
def plays(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """``{"what": "live|recording|processing|nothing", "again_s": seconds}``; 304 where unchanged.

    404 without a word that a page of this session gave, and for whoever would not get that page
    any more.
    """
    session_pk, user_pk = _named(request.GET.get("of", ""))
    _check(_user(user_pk), session_pk, event_slug, session_slug)
    what = what_plays(session_pk, event_slug, session_slug)
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


def _user(pk: int) -> User | AnonymousUser:
    user = User.objects.filter(pk=pk, is_active=True).first() if pk else AnonymousUser()
    if user is None:
        raise Http404
    return user


def _check(user: User | AnonymousUser, session_pk: int, event_slug: str, session_slug: str) -> None:
    """Raises Http404 for whom the page would not let in, nor say that there is no more yet."""
    try:
        asked = join_request_of(user, event_slug, session_slug)
    except ProgrammeHidden:
        raise Http404 from None
    if asked.session.pk != session_pk or asked.access.denial not in _STAYS:
        raise Http404


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


def _named(word: str) -> tuple[int, int]:
    """The session and the person of a word."""
    try:
        session_pk, user_pk, ends = _signer.unsign_object(word)
    except (BadSignature, ValueError):  # the second: of a page from before an update
        raise Http404 from None
    if time.time() > ends:
        raise Http404
    return int(session_pk), int(user_pk)
