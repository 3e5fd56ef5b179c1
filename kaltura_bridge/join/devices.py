"""A second device: whether somebody may be in one session from two browsers, as the event says.

Decided when a ticket is used up. A browser is known by its sign-in (``tickets.device_of``), so
all its tabs are one device. Where the event does not allow a second, the join page says every
45 seconds that somebody is still there, and goodbye when it is left; whoever is silent for longer
than two such messages has gone. Each message is about the one ticket with which that page came in,
so a tab that is closed says nothing of the others. People on stage and in the team are free to
use several: slides come from one, the camera from another.

Kaltura's rooms have a rule of their own: a person who comes a second time throws the first out,
whatever is chosen here ("Virtual Meeting Rooms" of Kaltura's guides, on user ids).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from events.limits import RateLimit
from events.models import User
from events.roles import StageRole
from kaltura_bridge.join.access import JoinRequest
from kaltura_bridge.join.panels import JoinPanel
from kaltura_bridge.join.tickets import device_of, digest_of
from kaltura_bridge.models import LaunchTicket, SecondDevice

#: The page says this often that somebody is there.
BEAT_S: Final = 45
#: Browsers slow the timers of hidden pages to one a minute; two messages may get lost.
SILENCE: Final = timedelta(seconds=150)
_CALLS: Final = RateLimit("device-calls", amount=300, within_s=600)


def policy_for(asked: JoinRequest) -> SecondDevice:
    """What holds for this person here."""
    if asked.role is not StageRole.ATTENDEE:
        return SecondDevice.ALLOW
    return SecondDevice(asked.destination.second_device or SecondDevice.ALLOW)


@contextmanager
def one_at_a_time(asked: JoinRequest) -> Iterator[None]:
    """Two devices of one person do not come in at the same moment, where that matters."""
    if policy_for(asked) is SecondDevice.ALLOW:
        yield
        return
    with transaction.atomic():
        User.objects.select_for_update().filter(pk=asked.user.pk).values_list("pk").get()
        yield


def admits(asked: JoinRequest, device: str) -> bool:
    """Whether this browser may come in, as far as the person's other ones are concerned."""
    if policy_for(asked) is not SecondDevice.REFUSE:
        return True
    return not _inside(asked, device).exists()


def replace_others(asked: JoinRequest, device: str) -> None:
    """The person came in from here: where there is one device only, no other is in any more.

    Nor comes back by itself: one that had been silent or said goodbye may wake up.
    """
    if policy_for(asked) is not SecondDevice.ALLOW:
        _others(asked, device).update(replaced_at=asked.now)


def _inside(asked: JoinRequest, device: str) -> QuerySet[LaunchTicket]:
    return _others(asked, device).filter(left_at=None, seen_at__gt=timezone.now() - SILENCE)


def _others(asked: JoinRequest, device: str) -> QuerySet[LaunchTicket]:
    """How the person came in from other browsers, as far as that still counts."""
    theirs = LaunchTicket.objects.filter(user=asked.user, session=asked.session, replaced_at=None)
    return theirs.exclude(device=device)


# --- What the page says -------------------------------------------------------------------


def device_panel(request: HttpRequest, asked: JoinRequest) -> JoinPanel | None:
    """Says that somebody is there; for those of whom only one device may be."""
    if policy_for(asked) is SecondDevice.ALLOW:
        return None
    context = {
        "url": reverse("kaltura:here", args=[asked.session.event.slug, asked.session.slug]),
        "token": get_token(request),
        "beat_s": BEAT_S,
    }
    html = render_to_string("kaltura_bridge/_device.html", context)
    return JoinPanel(html, "kaltura_bridge/device.js")


@require_POST
@never_cache
def here(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """One message of a join page: ``do`` is ``here`` or ``left``, ``ticket`` its used-up ticket.

    204: noted. 410: this browser did not come into that session with it, or another took its
    place, which is also the answer about sessions that there are not. 403: not signed in. 429:
    too often. A page that said goodbye and is there after all, as browsers bring pages back, is
    in again.
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    if not _CALLS.allows(request.user.pk):
        return HttpResponse(status=429)
    mine = LaunchTicket.objects.filter(
        digest=digest_of(request.POST.get("ticket", "")),
        user=request.user,
        session__slug=session_slug,
        session__event__slug=event_slug,
        device=device_of(request),
        replaced_at=None,
    )
    now = timezone.now()
    has_left = request.POST.get("do") == "left"
    said = {"left_at": now} if has_left else {"seen_at": now, "left_at": None}
    changed = mine.update(**said)
    return HttpResponse(status=204 if changed else 410)
