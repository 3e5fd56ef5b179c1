"""The report of one session, and the button that pulls it again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.admin.reports.rendering import aggregate_page, is_for_print, report_page
from analytics.admin.scope import loaded_for_analyst, requested_filter, session_for_analyst
from analytics.privacy.modes import rules_from
from analytics.reports.audience import audience_of
from analytics.reports.interactions import interactions_of, knows_interactions
from analytics.reports.people import SessionPeople, people_page
from analytics.reports.people_table import people_lines
from analytics.reports.session import session_report
from analytics.reports.session_charts import rendered_charts
from analytics.roster import PeopleFilter
from analytics.tasks import pull_session

logger = logging.getLogger(__name__)

FILTER_LABELS = {
    PeopleFilter.ALL: gettext_lazy("Everyone"),
    PeopleFilter.ATTENDED: gettext_lazy("Attended"),
    PeopleFilter.ABSENT: gettext_lazy("Registered, did not come"),
    PeopleFilter.GUESTS: gettext_lazy("Guests"),
}


def session_view(request: HttpRequest, pk: int) -> HttpResponse:
    """One session: figures, charts, people."""
    session: Any = loaded_for_analyst(request.user, pk)
    if session is None:
        raise Http404
    rules = rules_from(session.event, getattr(session.event, "attendance_privacy", None))
    if not rules.lists_people:
        return aggregate_page(request, session.event, rules, session)
    show = requested_filter(request)
    stored = getattr(session, "stored_figures", None)
    version = stored.attendance_version if stored else 0
    everyone = SessionPeople(session, show, rules, session.registered_people, version)
    people = people_page(everyone, request.GET.get("page"))
    report = session_report(session, timezone.now())
    return report_page(
        request,
        "analytics/session_report.html",
        title=_("Attendance: %(title)s") % {"title": session.title},
        event=session.event,
        session=session,
        privacy=rules,
        report=report,
        charts=rendered_charts(report, for_print=is_for_print(request)),
        audience=audience_of(session) if session.has_audience else [],
        has_interactions=knows_interactions(report.completeness),
        interactions=interactions_of(session, rules) if request.GET.get("did") else None,
        people=people,
        people_lines=people_lines(session.event, people),
        show=show,
        filters=[
            (value, label, everyone.counts[value], value is show)
            for value, label in FILTER_LABELS.items()
        ],
    )


def session_pull(request: HttpRequest, pk: int) -> HttpResponse:
    """Pull the session now. A worker does it, so the page answers at once."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    session = session_for_analyst(request.user, pk)
    try:
        pull_session.delay(session.pk)
    except Exception:  # the broker's own errors differ by broker
        logger.warning("The broker did not take the pull of %s", session.uuid, exc_info=True)
        messages.error(
            request,
            _(
                "The background worker cannot be reached, so nothing was pulled. "
                "Attendance of recent sessions is also pulled automatically every few minutes."
            ),
        )
    else:
        messages.success(request, _("Asking Kaltura now. Reload this page in a few seconds."))
    return redirect("admin:analytics_session_report", session.pk)


PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("sessions/<int:pk>/", session_view, "analytics_session_report"),
    ("sessions/<int:pk>/pull/", session_pull, "analytics_session_pull"),
]
