from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from events.agenda.page import agenda_page
from events.queries import visible_event
from events.zones import remember_zone, zone_for


# A big agenda is a lot of the same words. Django pads and masks against BREACH.
@gzip_page
@require_safe
def agenda(request: HttpRequest, slug: str) -> HttpResponse:
    """The event's programme by day; filters, day and zone live in the query string."""
    event, membership = visible_event(request.user, slug)
    now, zone = timezone.now(), zone_for(request, event)
    context = {
        "event": event,
        "zone": zone,
        "now": now,
        "agenda": agenda_page(event, membership, request.user, request.GET, now, zone),
    }
    response = render(request, "events/agenda.html", context)
    remember_zone(request, response)
    return response
