from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from events.agenda.filters import LISTED, Facet
from events.agenda.page import ALL_DAYS, AgendaPage, agenda_page
from events.agenda.shared import GapMaker, SharedPage, valid_until
from events.fragments import Fragment, FragmentStore, fragment_key
from events.models import Event
from events.programme.reading import version_name
from events.queries import bookmarked_slugs, sees_programme, visible_event
from events.roles import EventMembership
from events.zones import EVENT as EVENT_ZONE
from events.zones import remember_zone, zone_for

_PAGES: Final[FragmentStore[SharedPage]] = FragmentStore()
# Nobody who clicks asks for more.
_LONGEST_QUERY: Final = 300


# A big agenda is a lot of the same words. Django pads and masks against BREACH.
@gzip_page
@require_safe
def agenda(request: HttpRequest, slug: str) -> HttpResponse:
    """The event's programme by day; filters, day and zone live in the query string."""
    event, membership = visible_event(request.user, slug)
    if not sees_programme(event, membership):
        return redirect(event)  # Which says how to get to see it.
    zone = zone_for(request, event)
    page = _page(request, event, membership, zone)
    content = page.filled(bookmarked_slugs(request.user, event), {"token": _token(request)})
    context = {"event": event, "zone": zone, "content": content}
    response = render(request, "events/agenda.html", context)
    remember_zone(request, response)
    return response


def _token(request: HttpRequest) -> str:
    """What the form of the stars sends along."""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<input type="hidden" name="next" value="{}">',
        get_token(request),
        request.get_full_path(),
    )


def _page(
    request: HttpRequest, event: Event, membership: EventMembership, zone: ZoneInfo
) -> SharedPage:
    """The page as everybody gets it who asks the same, rendered once at each version."""
    asked = _asked(request)
    if asked is None:
        return _rendered(request, event, membership, zone)[0]

    def render_fragment() -> Fragment[SharedPage]:
        page, agenda, until = _rendered(request, event, membership, zone)
        return Fragment(page, until if _is_offered(asked, agenda, zone) else 0)

    scope = "team" if membership.is_team else "shown"
    key = fragment_key("agenda", version_name(event), scope, zone.key, get_language(), asked)
    return _PAGES.get(key, render_fragment)


def _asked(request: HttpRequest) -> list[tuple[str, str]] | None:
    """The part of the query string that decides what is shown; None when it is one person's own."""
    query = request.GET
    is_own = query.get(Facet.SEARCH) or query.get(Facet.FAVOURITES)
    if is_own or len(query.urlencode()) > _LONGEST_QUERY:
        return None
    chosen = {(str(facet), value) for facet in LISTED for value in query.getlist(facet)}
    kept = {(name, str(query[name])) for name in ("day", "zone") if query.get(name)}
    return sorted(chosen | kept)


def _is_offered(asked: list[tuple[str, str]], agenda: AgendaPage, zone: ZoneInfo) -> bool:
    """Whether a link of the agenda leads here. What somebody made up shall fill no memory."""
    days = {tab.date.isoformat() if tab.date else ALL_DAYS for tab in agenda.tabs}
    values = dict(asked)
    return (
        sorted(agenda.filters.pairs()) == asked
        and values.get("day", ALL_DAYS) in {*days, ALL_DAYS}
        and values.get("zone", zone.key) in {zone.key, EVENT_ZONE}
    )


def _rendered(
    request: HttpRequest, event: Event, membership: EventMembership, zone: ZoneInfo
) -> tuple[SharedPage, AgendaPage, float]:
    """The page, what it was made of, and until when (Unix time) it is right."""
    now: datetime = timezone.now()
    # Only who filters by favourites gets another choice of sessions than everybody.
    user = request.user if request.GET.get(Facet.FAVOURITES) else AnonymousUser()
    found, gaps = agenda_page(event, membership, user, request.GET, now, zone), GapMaker()
    context = {"event": event, "zone": zone, "now": now, "agenda": found, "gaps": gaps}
    html = render_to_string("events/_agenda_shared.html", context)
    until = valid_until(found.cards, now, found.shows_today)
    return gaps.shared(html, found.matching_slugs), found, until
