from __future__ import annotations

from collections.abc import Collection
from typing import Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from events.agenda.chips import PICK, PICKED
from events.agenda.filters import KEPT, LISTED, ON, Facet
from events.agenda.grid import Across
from events.agenda.listing import ProgrammeListing
from events.agenda.page import ALL_DAYS, GRID, VIEWS, AgendaPage, agenda_page
from events.agenda.remembered import remember_choice, remembered_choice
from events.agenda.shared import GapMaker, SharedPage, valid_until
from events.fragments import Fragment, FragmentStore, fragment_key
from events.programme.reading import version_name
from events.queries import bookmarked_slugs, sees_programme, visible_event
from events.zones import EVENT as EVENT_ZONE
from events.zones import remember_zone, zone_for

_PAGES: Final[FragmentStore[SharedPage]] = FragmentStore()
# Nobody who clicks asks for more.
_LONGEST_QUERY: Final = 300


# A big agenda is a lot of the same words. Django pads and masks against BREACH.
@gzip_page
@require_safe
def agenda(request: HttpRequest, slug: str) -> HttpResponse:
    """The event's programme; view, filters, day and zone live in the query string.

    Without any the visitor gets what was chosen last time.
    """
    event, membership = visible_event(request.user, slug)
    if not sees_programme(event, membership):
        return redirect(event)  # Which says how to get to see it.
    if not request.GET and (choice := remembered_choice(request, event)):
        return redirect(f"{request.path}?{choice}")
    zone = zone_for(request, event)
    kept = bookmarked_slugs(request.user, event)
    page = _page(request, ProgrammeListing(event, membership), kept, zone)
    content = page.filled(kept, {"token": _token(request)})
    is_grid = request.GET.get("view") == GRID
    context = {"event": event, "zone": zone, "content": content, "is_grid": is_grid}
    response = render(request, "events/agenda.html", context)
    remember_zone(request, response)
    remember_choice(request, response)
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
    request: HttpRequest, listing: ProgrammeListing, kept: Collection[str], zone: ZoneInfo
) -> SharedPage:
    """The page as everybody gets it who asks the same, rendered once at each version."""
    asked = _asked(request)
    if asked is None:
        return _rendered(request, listing, kept, zone)[0]

    def render_fragment() -> Fragment[SharedPage]:
        page, agenda, until = _rendered(request, listing, (), zone)
        return Fragment(page, until if _is_offered(asked, agenda, zone) else 0)

    name = version_name(listing.event)
    key = fragment_key("agenda", name, listing.scope, zone.key, get_language(), asked)
    return _PAGES.get(key, render_fragment)


def _asked(request: HttpRequest) -> list[tuple[str, str]] | None:
    """The part of the query string that decides what is shown; None when it is one person's own."""
    query = request.GET
    is_own = query.get(Facet.SEARCH) or query.get(Facet.FAVOURITES)
    if is_own or len(query.urlencode()) > _LONGEST_QUERY:
        return None
    chosen = {(str(facet), value) for facet in LISTED for value in query.getlist(facet)}
    kept = {(name, str(query[name])) for name in (*KEPT, Facet.REACH) if query.get(name)}
    return sorted((str(name), value) for name, value in chosen | kept)


def _is_offered(asked: list[tuple[str, str]], agenda: AgendaPage, zone: ZoneInfo) -> bool:
    """Whether a link of the agenda leads here. What somebody made up shall fill no memory."""
    offered = {
        "day": {ALL_DAYS, *(tab.date.isoformat() for tab in agenda.tabs if tab.date)},
        "zone": {zone.key, EVENT_ZONE},
        "view": set(VIEWS),
        "across": {str(each) for each in Across},
        PICK: {str(facet) for facet in PICKED},
        str(Facet.REACH): {ON},
    }
    are_known = all(value in offered[name] for name, value in asked if name in offered)
    return are_known and sorted(agenda.filters.pairs()) == asked


def _rendered(
    request: HttpRequest, listing: ProgrammeListing, kept: Collection[str], zone: ZoneInfo
) -> tuple[SharedPage, AgendaPage, float]:
    """The page, what it was made of, and until when (Unix time) it is right."""
    now, event, gaps = timezone.now(), listing.event, GapMaker()
    found = agenda_page(event, listing.membership, kept, request.GET, now, zone)
    context = {"event": event, "zone": zone, "now": now, "agenda": found, "gaps": gaps}
    html = render_to_string("events/_agenda_shared.html", context)
    until = valid_until(found.timed, now, found.shows_today or bool(found.on_now))
    return gaps.shared(html, found.matching_slugs), found, until
