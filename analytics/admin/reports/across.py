"""The reports about several events: all of one's own, and two things side by side."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.admin.reports.rendering import report_page
from analytics.admin.scope import event_for_analyst, session_for_analyst
from analytics.reports.across import across_page
from analytics.reports.comparison import Compared, comparison_of
from analytics.roster import reported_sessions
from events.models import Event, Session
from events.permissions import ANALYSTS, events_for_team

EVENTS_A_PAGE: Final = 20
_NAMED: Final = re.compile(r"(session|event)-([0-9]{1,9})", re.ASCII)


def across_view(request: HttpRequest) -> HttpResponse:
    """One's own events side by side, the latest first; of one year with ``?year=``."""
    mine = events_for_team(request.user, ANALYSTS).distinct().order_by("-starts_on", "pk")
    years = sorted({day.year for day in mine.values_list("starts_on", flat=True)}, reverse=True)
    asked = request.GET.get("year", "")
    year = next((each for each in years if str(each) == asked), None)
    events = mine.filter(starts_on__year=year) if year else mine
    page = Paginator(events, EVENTS_A_PAGE).get_page(request.GET.get("page"))
    return report_page(
        request,
        "analytics/across_report.html",
        title=_("Attendance across events"),
        report=across_page(list(page), timezone.now()),
        page=page,
        years=years,
        year=year,
    )


def comparison_view(request: HttpRequest) -> HttpResponse:
    """Two sessions or two events, ``?a=session-1&b=session-2``; else a choice of them."""
    one = named(request.user, request.GET.get("a", ""))
    other = named(request.user, request.GET.get("b", ""))
    if one is None:
        return _choice(request, None, list(events_for_team(request.user, ANALYSTS).distinct()))
    if other is None:
        return _choice(request, one, _candidates(request.user, one))
    if isinstance(one, Session) != isinstance(other, Session):
        raise Http404("A session is compared with a session, an event with an event.")
    return report_page(
        request,
        "analytics/comparison.html",
        title=_("%(one)s and %(other)s") % {"one": one, "other": other},
        comparison=comparison_of(one, other),
        names=[f"{_kind(each)}-{each.pk}" for each in (one, other)],
    )


def named(user: Any, text: str) -> Compared | None:
    """The session or event that an address names; None for an empty name.

    Raises Http404 for one that is not there, and alike for one that is not theirs.
    """
    if not text:
        return None
    found = _NAMED.fullmatch(text)
    if found is None:
        raise Http404("There is no such thing to compare.")
    pk = int(found[2])
    return session_for_analyst(user, pk) if found[1] == "session" else event_for_analyst(user, pk)


def _candidates(user: Any, one: Compared) -> list[Compared]:
    if isinstance(one, Session):
        return [each for each in reported_sessions(one.event) if each.pk != one.pk]
    mine = events_for_team(user, ANALYSTS).distinct().order_by("-starts_on")
    return list(mine.exclude(pk=one.pk))


def _choice(request: HttpRequest, one: Compared | None, others: list[Any]) -> HttpResponse:
    return report_page(
        request,
        "analytics/comparison_choice.html",
        title=_("Compare"),
        one=one,
        one_name=f"{_kind(one)}-{one.pk}" if one else "",
        others=[(f"{_kind(each)}-{each.pk}", each) for each in others],
    )


def _kind(thing: Session | Event) -> str:
    return "session" if isinstance(thing, Session) else "event"


PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("across/", across_view, "analytics_across"),
    ("compare/", comparison_view, "analytics_comparison"),
]
