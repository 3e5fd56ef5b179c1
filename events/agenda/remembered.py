"""What a visitor chose last time: view, day and filters, kept in a cookie of the agenda alone.

It serves nothing else, names nobody, and goes to no other page than this event's agenda.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from events.agenda.days import is_running
from events.agenda.filters import LISTED, ON, Facet
from events.models import Event
from events.offline.keeping import is_fetched_ahead

COOKIE: Final = "agenda"
COOKIE_AGE_S: Final = 90 * 24 * 3600
# More than anybody chooses; browsers keep some 4,000 bytes.
LONGEST: Final = 500
_ONE: Final = ("view", "across", "day", Facet.FAVOURITES)


def remember_choice(request: HttpRequest, response: HttpResponse) -> None:
    """Keep what this request chose; an address that chooses nothing leaves the earlier choice."""
    chosen = _choice(request.GET)
    text = urlencode(chosen)
    # What the service worker fetches beforehand nobody chose.
    if chosen and not is_fetched_ahead(request) and len(text) <= LONGEST:
        response.set_cookie(
            COOKIE,
            text,
            max_age=COOKIE_AGE_S,
            path=request.path,
            samesite="Lax",
            secure=request.is_secure(),
            httponly=True,
        )


def remembered_choice(request: HttpRequest, event: Event) -> str:
    """The query string of the last choice, empty when there is none.

    While the event runs it opens today, whatever day was looked at before.
    """
    kept = request.COOKIES.get(COOKIE, "")
    if not kept or len(kept) > LONGEST:
        return ""
    runs = is_running(event.starts_on, event.ends_on, event.zone, timezone.now())
    chosen = _choice(QueryDict(kept))
    return urlencode([(name, value) for name, value in chosen if not (runs and name == "day")])


def _choice(query: QueryDict) -> list[tuple[str, str]]:
    one = [(str(name), str(query[name])) for name in _ONE if query.get(name)]
    many = [(str(facet), value) for facet in LISTED for value in query.getlist(facet)]
    reach = [(str(Facet.REACH), ON)] if query.get(Facet.REACH) == ON else []
    return [*one, *many, *reach]
