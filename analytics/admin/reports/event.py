"""The report of an event, or of what its filters take of it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.admin.reports.rendering import aggregate_page, is_for_print, report_page
from analytics.admin.scope import loaded_event_for_analyst
from analytics.privacy.modes import rules_from
from analytics.reports.event import event_page
from analytics.reports.event_charts import rendered_over_time


def event_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The sessions of an event, or of one of its tracks or days, with their attendance."""
    event = loaded_event_for_analyst(request.user, pk)
    if event is None:
        raise Http404
    rules = rules_from(event, getattr(event, "attendance_privacy", None))
    if not rules.lists_people:
        return aggregate_page(request, event, rules)
    report = event_page(event, request.GET.dict(), timezone.now())
    return report_page(
        request,
        "analytics/event_report.html",
        title=_("Attendance: %(title)s") % {"title": event.title},
        event=event,
        privacy=rules,
        report=report,
        over_time=rendered_over_time(report, for_print=is_for_print(request)),
    )


PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("<int:pk>/", event_view, "analytics_event_report"),
]
