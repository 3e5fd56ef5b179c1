"""All dates of a series that the visitor may know of."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.queries import listed_events_for
from events.views.home import shelves_of


@require_safe
def series_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Its events by where they stand in time; without any that the visitor sees it is not there."""
    found = listed_events_for(request.user).filter(series__slug=slug, is_template=False)
    events = list(found.select_related("programme_version", "series"))
    if not events:
        raise Http404(_("There is no such series."))
    context = {"series": events[0].series, "shelves": shelves_of(events, timezone.now())}
    return render(request, "events/series.html", context)
