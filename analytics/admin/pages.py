"""The report pages: an event's sessions, and one session's people.

Every page asks for the person's own events; a guessed address helps nobody,
and is answered alike whether or not there is such an event.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from analytics.admin import files, privacy
from analytics.admin.scope import event_for_analyst, requested_filter, session_for_analyst
from analytics.models import EventReport
from analytics.privacy.modes import PrivacyRules, rules_of
from analytics.privacy.published import published_event
from analytics.report import (
    event_as_of,
    event_figures,
    registered_count,
    session_report,
    session_rows,
)
from analytics.roster import PeopleFilter
from analytics.tasks import pull_session
from events.models import Event, Session
from events.permissions import ANALYSTS, events_for_team

logger = logging.getLogger(__name__)

PEOPLE_A_PAGE = 50
FILTER_LABELS = {
    PeopleFilter.ALL: "Everyone",
    PeopleFilter.ATTENDED: "Attended",
    PeopleFilter.ABSENT: "Registered, did not come",
    PeopleFilter.GUESTS: "Guests",
}


class ReportChangeList(ChangeList):
    """Rows link to the report, not to a form."""

    def url_for_result(self, result: Any) -> str:
        """The event's report."""
        return reverse("admin:analytics_event_report", args=[result.pk])


@admin.register(EventReport)
class EventReportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The list of events whose reports this person may read, with links to each."""

    list_display = ("title", "starts_on", "ends_on", "timezone", "sessions_link", "csv_link")
    date_hierarchy = "starts_on"
    search_fields = ("title", "slug")
    ordering = ("-starts_on",)
    actions = None

    def get_urls(self) -> list[URLPattern]:
        """The report pages come first: the admin's own ``<path:object_id>/`` would match them."""
        wrap = self.admin_site.admin_view
        pages: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
            ("<int:pk>/", self.event_view, "analytics_event_report"),
            ("sessions/<int:pk>/", self.session_view, "analytics_session_report"),
            ("sessions/<int:pk>/pull/", self.session_pull, "analytics_session_pull"),
        ]
        own = [
            path(route, wrap(view), name=name)
            for route, view, name in [*pages, *files.PAGES, *privacy.PAGES]
        ]
        return own + super().get_urls()

    # --- Who may see what ---------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[EventReport]:
        """The events whose figures this person may read."""
        mine = events_for_team(request.user, ANALYSTS).values("pk")
        return super().get_queryset(request).filter(pk__in=mine)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("events.view_report")

    def has_view_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return request.user.has_perm("events.view_report", obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    # --- The list -----------------------------------------------------------

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with a title of its own instead of 'Select attendance report to view'."""
        return super().changelist_view(
            request, {"title": "Attendance reports", **(extra_context or {})}
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ReportChangeList

    @admin.display(description="report")
    def sessions_link(self, event: EventReport) -> str:
        return format_html(
            '<a href="{}">Open</a>', reverse("admin:analytics_event_report", args=[event.pk])
        )

    @admin.display(description="file")
    def csv_link(self, event: EventReport) -> str:
        return format_html(
            '<a href="{}">CSV</a>', reverse("admin:analytics_event_csv", args=[event.pk])
        )

    # --- The pages ----------------------------------------------------------

    def event_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All sessions of an event with their attendance."""
        event = event_for_analyst(request.user, pk)
        rules = rules_of(event)
        if not rules.lists_people:
            return self._aggregate_page(request, event, rules)
        oldest, newest = event_as_of(event)
        registered = registered_count(event)
        return self._page(
            request,
            "analytics/event_report.html",
            title=f"Attendance: {event.title}",
            event=event,
            privacy=rules,
            figures=event_figures(event, registered),
            registered=registered,
            sessions=session_rows(event),
            oldest=oldest,
            newest=newest,
        )

    def session_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One session: figures, presence over time, people."""
        session = session_for_analyst(request.user, pk)
        rules = rules_of(session.event)
        if not rules.lists_people:
            return self._aggregate_page(request, session.event, rules, session)
        show = requested_filter(request)
        report = session_report(session, show, timezone.now())
        people = Paginator(report.people, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
        return self._page(
            request,
            "analytics/session_report.html",
            title=f"Attendance: {session.title}",
            event=session.event,
            session=session,
            privacy=rules,
            report=report,
            people=people,
            show=show,
            filters=[(value, label, value is show) for value, label in FILTER_LABELS.items()],
        )

    def _aggregate_page(
        self,
        request: HttpRequest,
        event: Event,
        rules: PrivacyRules,
        session: Session | None = None,
    ) -> HttpResponse:
        """The event or one of its sessions, as groups of people only."""
        published = published_event(event, rules)
        rows = [row for row in published.sessions if session in (None, row.session)]
        return self._page(
            request,
            "analytics/aggregate_report.html",
            title=f"Attendance: {session or event}",
            event=event,
            session=session,
            privacy=rules,
            published=published,
            rows=rows,
        )

    def session_pull(self, request: HttpRequest, pk: int) -> HttpResponse:
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
                "The background worker cannot be reached, so nothing was pulled. "
                "Attendance of recent sessions is also pulled automatically every few minutes.",
            )
        else:
            messages.success(request, "Asking Kaltura now. Reload this page in a few seconds.")
        return redirect("admin:analytics_session_report", session.pk)

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        # As AdminSite's own views do, so that {% url "admin:..." %} finds this very site.
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        response = TemplateResponse(request, template, context)
        # Names and e-mail addresses must not stay behind in a shared browser or proxy.
        response["Cache-Control"] = "no-store"
        return response
