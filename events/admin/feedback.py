"""What attendees said, for those who plan; it names nobody."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from events.admin.filters import EventFilter
from events.admin.registrations import XLSX, attached
from events.admin.scope import PlannedAdmin
from events.exports.feedback import FEEDBACK_COLUMNS, feedback_rows
from events.exports.tables import csv_chunks, write_xlsx
from events.models import SessionFeedback
from events.permissions import PLANNERS


class FeedbackEventFilter(EventFilter):
    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        known = chosen in dict(self.lookup_choices)
        return queryset.filter(session__event=chosen) if known else queryset


@admin.register(SessionFeedback)
class SessionFeedbackAdmin(PlannedAdmin):
    """To read, to export, and to delete what breaks the rules of the house."""

    view_roles = PLANNERS
    event_path = "session__event"
    goes_along = True
    list_display = ("session", "stars", "beginning", "event")
    list_select_related = ("session__event",)
    list_filter = (FeedbackEventFilter, "stars")
    search_fields = ("session__title", "text")
    search_help_text = _("Session or words of the text.")
    # Not by time: who was on the page then may be known.
    ordering = ("session", "stars", "text")
    fields = ("session", "stars", "text")
    actions = ("export_csv", "export_xlsx")
    delete_note = _("The person is not told, and may say something else.")

    @admin.display(description=_("text"), ordering="text")
    def beginning(self, row: SessionFeedback) -> str:
        return Truncator(row.text).chars(120)

    @admin.display(description=_("event"), ordering="session__event__title")
    def event(self, row: SessionFeedback) -> str:
        return row.session.event.title

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        """Back to the list; Django sends whoever may not change rows to the front page."""
        response = super().response_delete(request, obj_display, obj_id)
        is_popup = response.status_code != 302
        return response if is_popup else redirect("admin:events_sessionfeedback_changelist")

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export_csv(
        self, request: HttpRequest, queryset: QuerySet[SessionFeedback]
    ) -> StreamingHttpResponse:
        chunks = csv_chunks(FEEDBACK_COLUMNS, feedback_rows(queryset), bom=True)
        response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
        return attached(response, "feedback.csv")

    @admin.action(description=_("Export as XLSX"), permissions=["view"])
    def export_xlsx(
        self, request: HttpRequest, queryset: QuerySet[SessionFeedback]
    ) -> HttpResponse:
        file = io.BytesIO()
        write_xlsx(FEEDBACK_COLUMNS, feedback_rows(queryset), file, "Feedback")
        return attached(HttpResponse(file.getvalue(), content_type=XLSX), "feedback.xlsx")
