"""What the join page's script says: an answer to the question, or that somebody is there.

Every call is a POST with the form's token, by somebody who is signed in and may enter the
session now. It holds no id of anybody and no Kaltura Session; the stay's own token says
nothing outside of its page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from analytics.presence import stays
from analytics.privacy import consent
from analytics.privacy.answering import answer
from events.access import SessionAction
from events.limits import RateLimit
from kaltura_bridge.join.access import JoinRequest, join_request

# A page that is loaded again and again is one person's; more than this is none.
STAYS: Final = RateLimit("presence-stays", amount=30, within_s=600)
CALLS: Final = RateLimit("presence-calls", amount=300, within_s=600)
TOKEN_LENGTH: Final = 64


@require_POST
@never_cache
def presence(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """Take one message of a join page.

    ``do`` is ``yes`` or ``no`` (the person's answer), ``join``, ``beat`` or ``leave``.
    404: there is no such session for this person, or its event asks nobody. 403: not signed
    in, not let in, or no consent. 410: the stay is over. 429: too often.
    """
    asked = join_request(request, event_slug, session_slug)
    if not consent.is_asked_at(asked.session.event):
        raise Http404
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    if not CALLS.allows(asked.user.pk, asked.session.pk):
        return HttpResponse(status=429)
    take = _MESSAGES.get(request.POST.get("do", ""))
    return take(asked, _token(request)) if take else HttpResponse(status=400)


def is_noted(asked: JoinRequest) -> bool:
    """Whether being on this page is presence: the session is live, and the person let in."""
    return asked.access.lets_in and asked.access.action is not SessionAction.WATCH


def _token(request: HttpRequest) -> str:
    token = request.POST.get("stay", "")
    return token if token.isascii() and len(token) <= TOKEN_LENGTH and "\0" not in token else ""


def _yes(asked: JoinRequest, token: str) -> HttpResponse:
    answer(asked.session.event, asked.user, is_given=True)
    return HttpResponse(status=204)


def _no(asked: JoinRequest, token: str) -> HttpResponse:
    """From now on nothing is noted; what was counts on, under no name."""
    stays.end(asked.session, asked.user, token, timezone.now())
    answer(asked.session.event, asked.user, is_given=False)
    return HttpResponse(status=204)


def _may_note(asked: JoinRequest) -> bool:
    """Whether this person's being here is noted now: by the event, the page and their answer."""
    event = asked.session.event
    if not is_noted(asked) or not consent.notes_presence(event):
        return False
    return consent.may_note(consent.answer_of(event, asked.user))


def _join(asked: JoinRequest, token: str) -> HttpResponse:
    if not _may_note(asked):
        return HttpResponse(status=403)
    if not STAYS.allows(asked.user.pk, asked.session.pk):
        return HttpResponse(status=429)
    return JsonResponse({"stay": stays.begin(asked.session, asked.user, asked.now)})


def _beat(asked: JoinRequest, token: str) -> HttpResponse:
    if not _may_note(asked):
        stays.end(asked.session, asked.user, token, asked.now)
        return HttpResponse(status=403)
    there = stays.keep_up(asked.session, asked.user, token, asked.now)
    return HttpResponse(status=204 if there else 410)


def _leave(asked: JoinRequest, token: str) -> HttpResponse:
    stays.end(asked.session, asked.user, token, asked.now)
    return HttpResponse(status=204)


_MESSAGES: Final[dict[str, Callable[[JoinRequest, str], HttpResponse]]] = {
    "yes": _yes,
    "no": _no,
    "join": _join,
    "beat": _beat,
    "leave": _leave,
}
