"""The join page: what is the same for all people of a role, and what is one person's own.

When a keynote begins, thousands of people open this page within a minute. So it is rendered once
at each version of the programme, with gaps for what differs, and kept by each web process.
"""

from __future__ import annotations

import time
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.access import desk_rights
from events.agenda.listing import ProgrammeListing
from events.agenda.marks import counted_down
from events.caching.answers import has_message
from events.caching.cutting import CutPage, cut_page
from events.caching.encoding import KeptPart
from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.models import Session
from events.programme.reading import version_name
from events.queries import next_for
from events.roles import StageRole
from kaltura_bridge.join import tickets
from kaltura_bridge.join.access import JoinRequest
from kaltura_bridge.join.panels import panels_for
from kaltura_bridge.join.waiting import question_url, waits_for_broadcast
from kaltura_bridge.watch.frames import look_of
from kaltura_bridge.watch.state import state_url

_KEPT_S: Final = 900
_TEMPLATE: Final = "kaltura_bridge/join.html"
# In the address of a join page that stands in the frame of a main stage.
_ON_MAIN_STAGE: Final = "stage"
_PAGES: Final[FragmentStore[CutPage]] = FragmentStore(is_shared=False)


def join_page(request: HttpRequest, asked: JoinRequest) -> HttpResponse:
    """The page for somebody who is let in."""
    own, is_staged = _own_parts(request, asked), on_main_stage(request)
    # The same for all who wait, and empty for who goes in at once.
    on_air_url = question_url(asked) if waits_for_broadcast(asked) else ""

    def render() -> Fragment[CutPage]:
        context = {
            **_shared_context(asked),
            "on_air_url": on_air_url,
            "on_main_stage": is_staged,
        }
        page = cut_page(request, _TEMPLATE, context, tuple(own))
        return Fragment(page, time.time() + _KEPT_S)

    version = version_name(asked.session.event)
    asks = (asked.role, asked.is_recording, on_air_url, asked.destination.player, is_staged)
    key = fragment_key("join", get_language(), request.path, version, *asks)
    # A message is for one person, and stands in the page.
    page = render().content if has_message(request) else _PAGES.get(key, render)
    parts = {name: [KeptPart.once(text.encode())] for name, text in own.items()}
    return HttpResponse(page.filled(parts).text)


def _shared_context(asked: JoinRequest) -> dict[str, Any]:
    session, look = asked.session, look_of(asked)
    return {
        "event": session.event,
        "session": session,
        "allow": look.allow,
        "kaf_origin": look.origin,
        "is_player": look.is_player,
        "role": asked.role.label,
        "on_stage": asked.role != StageRole.ATTENDEE,
        "runs_it": desk_rights(asked.role) is not None,
        "recording": asked.is_recording,
    }


def _own_parts(request: HttpRequest, asked: JoinRequest) -> dict[str, str]:
    """What stands in the gaps, as it is written in HTML."""
    panels = panels_for(request, asked)
    scripts = [(static(panel.script),) for panel in panels if panel.script]
    return {
        "me": escape(asked.user.name or _("Guest")),
        "left": _time_left(asked),
        # A main stage says by itself what comes next.
        "next": "" if on_main_stage(request) else _next_notice(asked),
        "panels": "".join(panel.html for panel in panels),
        "frame": escape(with_ticket("kaltura:frame", asked, request)),
        # For whoever watches in a player; it is of no use to others.
        "plays": escape(state_url(asked)),
        "scripts": format_html_join("", '<script type="module" src="{}"></script>', scripts),
    }


def _time_left(asked: JoinRequest) -> str:
    starts_at = asked.session.starts_at
    if asked.is_recording or asked.now >= starts_at:
        return ""
    left = counted_down(_("Starts in {}"), starts_at, asked.now)
    return format_html('<span class="stage-count">{}</span>', left)


def on_main_stage(request: HttpRequest) -> bool:
    """Whether the page stands in the frame of a main stage, which has a head of its own."""
    return _ON_MAIN_STAGE in request.GET


def staged_url(asked: JoinRequest) -> str:
    """The join page as it stands in the frame of a main stage."""
    return f"{asked.url}?{_ON_MAIN_STAGE}=1"


def with_ticket(name: str, asked: JoinRequest, request: HttpRequest) -> str:
    """The address of this name, with a new ticket."""
    address = reverse(name, args=[asked.session.event.slug, asked.session.slug])
    query = {"ticket": tickets.issue(asked.user, asked.session)}
    if on_main_stage(request):
        query[_ON_MAIN_STAGE] = "1"
    return f"{address}?{urlencode(query)}"


# --- What comes next ------------------------------------------------------------------------


def _next_notice(asked: JoinRequest) -> str:
    if asked.is_recording:
        return ""
    found = _next_session(asked)
    if found is None:
        return ""
    context = {"event": asked.session.event, "next_session": found}
    return render_to_string("kaltura_bridge/_next.html", context)


def _next_session(asked: JoinRequest) -> Session | None:
    """What the person keeps as a favourite at this event and starts next."""
    event = asked.session.event
    if (pk := next_for(event)) is None:
        return None
    listed = ProgrammeListing(event, asked.membership).sessions()
    return next((session for session in listed if session.pk == pk), None)
