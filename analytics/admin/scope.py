"""What a request to a report page or file asks for, among what the person may read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from analytics.roster import PeopleFilter
from events.models import Event, Session
from events.permissions import ANALYSTS, events_for_team


def event_for_analyst(user: Any, pk: int) -> Event:
    """The event, if this person may read its figures; Http404 otherwise, there or not."""
    events = events_for_team(user, ANALYSTS).distinct()
    # What every page asks of an event's choices comes along.
    return get_object_or_404(events.select_related("attendance_privacy", "presence_setting"), pk=pk)


def session_for_analyst(user: Any, pk: int) -> Session:
    """The session with its event and track, as ``event_for_analyst``."""
    return get_object_or_404(sessions_for_analyst(user).select_related("event", "track"), pk=pk)


def sessions_for_analyst(user: Any) -> QuerySet[Session]:
    """The sessions whose figures this person may read."""
    return Session.objects.filter(event__in=events_for_team(user, ANALYSTS).values("pk"))


def requested_filter(request: HttpRequest) -> PeopleFilter:
    """Whom the page or file lists; everyone if ``show`` is missing or unknown."""
    asked = request.GET.get("show", "")
    return PeopleFilter(asked) if asked in set(PeopleFilter) else PeopleFilter.ALL
