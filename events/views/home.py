from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.agenda.days import is_over, is_running
from events.models import Event, EventStatus
from events.queries import listed_events_for

PAST_SHOWN = 12


@dataclass(frozen=True)
class Shelves:
    """The events of the home page by where they stand in time."""

    now: list[Event]
    upcoming: list[Event]
    past: list[Event]


def shelves_of(events: list[Event], now: datetime) -> Shelves:
    """``events`` come by their first day; the past is shown latest first."""
    running = [e for e in events if is_running(e.starts_on, e.ends_on, e.zone, now)]
    live = [event for event in running if event.status != EventStatus.CANCELLED]
    rest = [event for event in events if event not in live]
    upcoming = [event for event in rest if not is_over(event.ends_on, event.zone, now)]
    past = [event for event in rest if event not in upcoming]
    return Shelves(live, upcoming, past[::-1])


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The events this visitor may know of."""
    listed = listed_events_for(request.user).select_related("programme_version")
    shelves = shelves_of(list(listed), timezone.now())
    past = shelves.past if request.GET.get("past") == "all" else shelves.past[:PAST_SHOWN]
    context = {"shelves": shelves, "past": past, "more_past": len(shelves.past) - len(past)}
    return render(request, "events/home.html", context)
