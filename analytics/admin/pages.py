"""The reports' section of the admin: the list of events, and the addresses of all pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.admin import credits, privacy
from analytics.admin.files import downloads, page, plans, presets
from analytics.admin.reports import across, event, pdf, person, session
from analytics.models import EventReport
from events.models import Event
from events.permissions import ANALYSTS, events_for_team

PAGES = [
    *event.PAGES,
    *session.PAGES,
    *person.PAGES,
    *across.PAGES,
    *pdf.PAGES,
    *downloads.PAGES,
    *page.PAGES,
    *plans.PAGES,
    *presets.PAGES,
    *privacy.PAGES,
    *credits.PAGES,
]


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
        own = [path(route, wrap(view), name=name) for route, view, name in PAGES]
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
            request, {"title": _("Attendance reports"), **(extra_context or {})}
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The report. Other parts of the admin link to the form of a row, which this has not."""
        event = self.get_object(request, unquote(object_id))
        if event is None or request.method not in ("GET", "HEAD"):
            return super().change_view(request, object_id, form_url, extra_context)
        return redirect("admin:analytics_event_report", event.pk)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ReportChangeList

    @admin.display(description=gettext_lazy("report"))
    def sessions_link(self, event: EventReport) -> str:
        return format_html(
            '<a href="{}">Open</a>', reverse("admin:analytics_event_report", args=[event.pk])
        )

    @admin.display(description=gettext_lazy("file"))
    def csv_link(self, event: EventReport) -> str:
        return format_html(
            '<a href="{}">CSV</a>', reverse("admin:analytics_event_csv", args=[event.pk])
        )
