"""What a request to a report page or file asks for, among what the person may read."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from analytics.reports.session import loaded, registered_people
from analytics.roster import PeopleFilter
from events.caching.prepared import PreparedQuery
from events.models import Event, Session, User
from events.permissions import ANALYSTS, events_for_team


def event_for_analyst(user: Any, pk: int) -> Event:
    """The event, if this person may read its figures; Http404 otherwise, there or not."""
    return get_object_or_404(_events_for_analyst(user), pk=pk)


def _events_for_analyst(user: Any) -> QuerySet[Event]:
    events = events_for_team(user, ANALYSTS).distinct()
    # What every page asks of an event's choices comes along.
    return events.select_related("attendance_privacy", "presence_setting")


def session_for_analyst(user: Any, pk: int) -> Session:
    """The session with its event and track, as ``event_for_analyst``."""
    return get_object_or_404(sessions_for_analyst(user).select_related("event", "track"), pk=pk)


def sessions_for_analyst(user: Any) -> QuerySet[Session]:
    """The sessions whose figures this person may read."""
    return Session.objects.filter(event__in=events_for_team(user, ANALYSTS).values("pk"))


# No account, no event and no session has these numbers.
_SOMEBODY: Final = -9_111_111
_THIS_ONE: Final = -9_222_222


@cache
def _prepared_session(*, is_superuser: bool) -> PreparedQuery[Session]:
    reader = User(pk=_SOMEBODY, is_superuser=is_superuser)
    return PreparedQuery(Session, lambda: loaded(sessions_for_analyst(reader)).filter(pk=_THIS_ONE))


def loaded_for_analyst(user: Any, pk: int) -> Session | None:
    """As ``session_for_analyst``, with all that a report needs; None for Http404."""
    prepared = _prepared_session(is_superuser=user.is_superuser)
    return prepared.first({_SOMEBODY: user.pk, _THIS_ONE: pk})


@cache
def _prepared_event(*, is_superuser: bool) -> PreparedQuery[Event]:
    reader = User(pk=_SOMEBODY, is_superuser=is_superuser)
    return PreparedQuery(
        Event,
        lambda: (
            _events_for_analyst(reader)
            .filter(pk=_THIS_ONE)
            .annotate(registered_people=registered_people(OuterRef("pk")))
        ),
    )


def loaded_event_for_analyst(user: Any, pk: int) -> Event | None:
    """As ``event_for_analyst``, with ``registered_people``; None for Http404."""
    prepared = _prepared_event(is_superuser=user.is_superuser)
    return prepared.first({_SOMEBODY: user.pk, _THIS_ONE: pk})


def requested_filter(request: HttpRequest) -> PeopleFilter:
    """Whom the page or file lists; everyone if ``show`` is missing or unknown."""
    asked = request.GET.get("show", "")
    return PeopleFilter(asked) if asked in set(PeopleFilter) else PeopleFilter.ALL
