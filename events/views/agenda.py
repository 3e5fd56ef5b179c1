from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from events.agenda.chips import PICK, PICKED
from events.agenda.filters import KEPT, LISTED, ON, Facet
from events.agenda.grid import Across
from events.agenda.listing import ProgrammeListing
from events.agenda.main_stage import main_stages
from events.agenda.page import ALL_DAYS, GRID, VIEWS, AgendaPage, agenda_page
from events.agenda.remembered import remember_choice, remembered_choice
from events.agenda.shared import GapMaker, SharedPage, valid_until
from events.caching.cutting import CONTENT, CutPage, cut_page
from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.caching.frames import page_token, persons_page
from events.caching.strangers import is_stranger, reader_of, strangers_page
from events.programme.reading import version_name
from events.queries import bookmarked_slugs, sees_programme, visible_event
from events.zones import EVENT as EVENT_ZONE
from events.zones import remember_zone, zone_for

_TEMPLATE: Final = "events/agenda.html"
_PAGES: Final[FragmentStore[SharedPage]] = FragmentStore()
# Nobody who clicks asks for more.
_LONGEST_QUERY: Final = 300


@require_safe
def agenda(request: HttpRequest, slug: str) -> HttpResponse:
    """The event's programme; view, filters, day and zone live in the query string.

    Without any the visitor gets what was chosen last time.
    """
    event, membership = visible_event(reader_of(request), slug, with_stars=True)
    if not sees_programme(event, membership):
        return redirect(event)  # Which says how to get to see it.
    if not request.GET and (choice := remembered_choice(request, event)):
        return redirect(f"{request.path}?{choice}")
    asking = _Asking(request, ProgrammeListing(event, membership), zone_for(request, event))
    respond = asking.answer_stranger if is_stranger(request) else asking.answer_person
    response = respond()
    remember_zone(request, response)
    remember_choice(request, response)
    return response


@dataclass(frozen=True)
class _Asking:
    """A request for the agenda, and what is known of it."""

    request: HttpRequest
    listing: ProgrammeListing
    zone: ZoneInfo

    def answer_stranger(self) -> HttpResponse:
        """The whole page as all strangers get it."""
        request = self.request

        def render_page() -> Fragment[CutPage]:
            shared = self._page(())
            frame = cut_page(request, _TEMPLATE, self._frame(), (CONTENT,))
            # Its parts are compressed already.
            parts = shared.content.parts((), {"token": ""})
            page = frame.holding(CONTENT, parts, shared.content.digest)
            return Fragment(page, shared.valid_until)

        return strangers_page(request, self._name(), render_page, len(_asked(request) or ()))

    def answer_person(self) -> HttpResponse:
        """The same programme, with the person's own around and laid over it."""
        event = self.listing.event
        kept = frozenset(bookmarked_slugs(self.request.user, event))
        page = self._page(kept).content
        return persons_page(
            self.request,
            _TEMPLATE,
            self._frame(),
            version_name(event),
            page.parts(kept, {"token": _token(self.request)}),
            " ".join([page.digest, *sorted(kept)]),
        )

    def _frame(self) -> dict[str, Any]:
        """What is around the content."""
        is_grid = self.request.GET.get("view") == GRID
        return {"event": self.listing.event, "is_grid": is_grid}

    def _name(self) -> tuple[object, ...] | None:
        """What decides how the content looks; None when it is one person's own."""
        asked = _asked(self.request)
        if asked is None:
            return None
        version = version_name(self.listing.event)
        return ("agenda", version, self.listing.scope, self.zone.key, get_language(), asked)

    def _page(self, kept: Collection[str]) -> Fragment[SharedPage]:
        """The content as everybody gets it who asks the same, rendered once at each version."""
        request, zone = self.request, self.zone
        asked, name = _asked(request), self._name()
        if asked is None or name is None:
            return Fragment(_rendered(request, self.listing, kept, zone)[0], 0)

        def render_fragment() -> Fragment[SharedPage]:
            page, agenda, until = _rendered(request, self.listing, (), zone)
            return Fragment(page, until if _is_offered(asked, agenda, zone) else 0)

        return _PAGES.fragment(fragment_key(*name), render_fragment)


def _token(request: HttpRequest) -> str:
    """What the form of the stars sends along."""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<input type="hidden" name="next" value="{}">',
        page_token(request),
        request.get_full_path(),
    )


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
    context = {
        **{"event": event, "zone": zone, "now": now, "agenda": found, "gaps": gaps},
        "stages": main_stages(event, listing.tracks()),
    }
    html = render_to_string("events/_agenda_shared.html", context)
    until = valid_until(found.timed, now, found.shows_today or bool(found.on_now))
    return gaps.shared(html, found.matching_slugs), found, until
