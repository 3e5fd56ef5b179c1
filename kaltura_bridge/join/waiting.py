"""Waiting for a broadcast to begin: the page asks whether viewers see it, and goes in by itself.

The doors of a webcast open before anything is on air. Whoever watches waits on our page then:
Kaltura's would show them nothing, and its way in would have grown old meanwhile. The question
of all who wait is one question to Kaltura (``live.state``), and costs the portal no query: it
names the entry in a signed word that the join page gave to whoever may enter. While the desk
shows viewers something else, nobody waits.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from events.access import Phase, SessionAction
from events.roles import StageRole
from kaltura_bridge.join.access import JoinRequest
from kaltura_bridge.join.destination import KafPage
from kaltura_bridge.live.elsewhere import is_led_elsewhere
from kaltura_bridge.live.state import FRESH_S, LiveState, live_state

#: Pages ask again as soon as Kaltura may be asked anew, by chance up to so much later, lest they
#: all come in one moment. So each knows within some seven seconds of live, and asks seldom.
SPREAD_S: Final = 2.0
# While somebody asks for all, the others look again soon; the longer Kaltura takes, the later.
_SOON_S: Final = 0.25
_SOONEST_S: Final = 1.0
_LATE_S: Final = 2.5
# By so much the clocks of portal and cache may differ.
_MARGIN_S: Final = 0.05
# For so long an answer is said again without a look at what all share (early_on_air.py).
_SAID_AGAIN_S: Final = 0.5
# An answer that is older says nothing any more: then people go in and see for themselves.
_STALE: Final = timedelta(seconds=60)
_BEFORE_THE_END: Final = (Phase.OPEN, Phase.LIVE)
# The same word for all who wait, as the page is the same for all: so it holds when it ends,
# and not when it was given.
_signer = Signer(salt="waiting for a session's broadcast", sep=".")
_LONGEST: Final = timedelta(days=1)


def waits_for_broadcast(asked: JoinRequest) -> bool:
    """Whether this person's page waits until there is something to see.

    Not those on stage, who come to begin it; not in rooms, where people meet before; not while
    there is something else to see; and not after the planned end, when nothing more is
    expected to begin.
    """
    access, destination = asked.access, asked.destination
    if destination.leads_elsewhere:
        return False
    is_broadcast = destination.page is KafPage.ENTRY and access.action is SessionAction.JOIN
    is_viewer = asked.role is StageRole.ATTENDEE
    return is_broadcast and is_viewer and access.phase in _BEFORE_THE_END


def question_url(asked: JoinRequest) -> str:
    """Where the page asks: it names the entry and nobody, and holds until a day after the end."""
    event_slug, session_slug = asked.session.event.slug, asked.session.slug
    ends = int((asked.session.ends_at + _LONGEST).timestamp())
    word = _signer.sign_object([event_slug, session_slug, asked.destination.entry_id, ends])
    return f"{reverse('kaltura:on_air', args=[event_slug, session_slug])}?{urlencode({'of': word})}"


@dataclass(frozen=True)
class OnAirAnswer:
    """What all who wait are told. ``as_of``: when Kaltura was asked, in Unix seconds; None: never.

    ``live``: None when Kaltura has not said for a minute.
    """

    live: bool | None
    as_of: float | None
    holds_until: float

    def again_s(self) -> float:
        """After how many seconds a page asks again."""
        age_s = FRESH_S if self.as_of is None else time.time() - self.as_of
        if age_s < FRESH_S:
            return round(FRESH_S - age_s + _MARGIN_S + _chance(SPREAD_S), 2)
        late_s = min(age_s - FRESH_S, _LATE_S)
        soonest = _SOON_S + late_s * (_SOONEST_S - _SOON_S) / _LATE_S
        return round(soonest + _chance(max(2 * _SOON_S, late_s)), 2)

    def body(self) -> bytes:
        """As it is sent."""
        return json.dumps({"live": self.live, "again_s": self.again_s()}).encode()


_NOTE: Final = "_for_all_who_wait"


def on_air_answer_of(response: Any) -> OnAirAnswer | None:
    """What this response tells all who ask the same; None: it is another response."""
    return getattr(response, _NOTE, None)


@require_GET
@never_cache
def on_air(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """Whether viewers see the broadcast: ``{"live": true|false|null, "again_s": seconds}``.

    null: Kaltura has not said so for a minute. 404 without a word that a join page of this
    session gave.
    """
    said = _answer_about(_entry_named(request.GET.get("of", ""), event_slug, session_slug))
    response = HttpResponse(said.body(), content_type="application/json")
    setattr(response, _NOTE, said)
    return response


def _answer_about(entry_id: str) -> OnAirAnswer:
    state, now = live_state(entry_id), time.time()
    live = is_led_elsewhere(entry_id) or is_live(state)
    as_of = state.as_of.timestamp() if state.as_of else None
    # Kaltura may be asked again then, and whoever comes first does so.
    due = (as_of or 0) + FRESH_S
    is_asked_now = due <= now
    holds_until = now + _SOON_S / 2 if is_asked_now else min(now + _SAID_AGAIN_S, due)
    return OnAirAnswer(live, as_of, holds_until)


def _chance(most_s: float) -> float:
    return random.uniform(0, most_s)  # noqa: S311  (nothing secret)


def _entry_named(word: str, *session: str) -> str:
    try:
        *of, entry_id, ends = _signer.unsign_object(word)
    except BadSignature:
        raise Http404 from None
    if of != list(session) or timezone.now().timestamp() > ends:
        raise Http404
    return str(entry_id)


def is_live(state: LiveState) -> bool | None:
    """What Kaltura last told anybody; None when it answers nobody, and has not for a minute."""
    is_known = state.as_of is not None and timezone.now() - state.as_of <= _STALE
    if not is_known:
        # Without trouble somebody is asking just now, for all who wait.
        return None if state.trouble else False
    return state.viewers_see
