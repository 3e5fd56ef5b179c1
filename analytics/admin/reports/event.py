"""The report of an event, or of what its filters take of it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.admin.reports.rendering import aggregate_page, report_page
from analytics.admin.scope import event_for_analyst
from analytics.dictionary import TERMS
from analytics.privacy.modes import rules_from
from analytics.reports.event import event_page


def event_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The sessions of an event, or of one of its tracks or days, with their attendance."""
    event = event_for_analyst(request.user, pk)
    rules = rules_from(event, getattr(event, "attendance_privacy", None))
    if not rules.lists_people:
        return aggregate_page(request, event, rules)
    return report_page(
        request,
        "analytics/event_report.html",
        title=_("Attendance: %(title)s") % {"title": event.title},
        event=event,
        privacy=rules,
        heat_term=TERMS["event_hour_visits"],
        report=event_page(event, request.GET.dict(), timezone.now()),
    )


PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("<int:pk>/", event_view, "analytics_event_report"),
]
