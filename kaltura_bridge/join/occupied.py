"""A room that several sessions share, while another of them is on in it.

Doors open before the one before is over, and managers may plan two at a time (the plan warns of
it). Whoever comes then would stand in the other session without knowing it, so the page says
whose turn it is, and lets them in all the same if they wish.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from events.access import status_of
from events.agenda.listing import ProgrammeListing
from events.models import Session, SessionStatus
from kaltura_bridge.join.access import JoinRequest
from kaltura_bridge.join.page import on_main_stage

# In the address of a join page: its reader knows whose turn it is.
_ALL_THE_SAME = "anyway"


def whose_turn(asked: JoinRequest) -> Session | None:
    """Whose session is on in the shared room now, if it is not the one asked for. No query.

    Of two at a time it is the one that began first.
    """
    here = asked.session
    if not asked.destination.is_shared or asked.is_recording:
        return None
    listed = ProgrammeListing(here.event, asked.membership).sessions()
    on = [
        each
        for each in listed
        if (each.track_id, each.session_type) == (here.track_id, here.session_type)
        and status_of(each) == SessionStatus.PUBLISHED
        and each.starts_at <= asked.now < each.ends_at
    ]
    first = min(on, key=lambda each: (each.starts_at, each.pk), default=here)
    return None if first == here else first


def occupied_page(request: HttpRequest, asked: JoinRequest) -> HttpResponse | None:
    """Whose turn it is, with the way in; None where nobody has to be asked."""
    if _ALL_THE_SAME in request.GET or (other := whose_turn(asked)) is None:
        return None
    query = request.GET.copy()
    query[_ALL_THE_SAME] = "1"
    context = {
        "event": asked.session.event,
        "session": asked.session,
        "other": other,
        "on_main_stage": on_main_stage(request),
        "in_url": f"{request.path}?{query.urlencode()}",
    }
    return render(request, "kaltura_bridge/occupied.html", context, status=409)
