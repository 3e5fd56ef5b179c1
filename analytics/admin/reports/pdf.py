"""The reports of an event and of a session as PDF files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from analytics.admin.scope import event_for_analyst, sessions_for_analyst
from analytics.privacy.modes import rules_of
from analytics.reports.pdf import event_pdf, session_pdf
from analytics.reports.session import loaded, session_report
from events.exports.pdf import FontMissing


def event_pdf_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The event's report, narrowed as its page is."""
    event = event_for_analyst(request.user, pk)
    try:
        body = event_pdf(event, rules_of(event), request.GET.dict(), timezone.now())
    except FontMissing as problem:
        messages.error(request, str(problem))
        return redirect("admin:analytics_event_report", pk)
    return _download(body, f"{event.slug}-attendance")


def session_pdf_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The session's report."""
    session: Any = get_object_or_404(loaded(sessions_for_analyst(request.user)), pk=pk)
    rules, now = rules_of(session.event), timezone.now()
    report = session_report(session, now) if rules.lists_people else None
    try:
        body = session_pdf(session, rules, report, now)
    except FontMissing as problem:
        messages.error(request, str(problem))
        return redirect("admin:analytics_session_report", pk)
    return _download(body, f"{session.event.slug}-{session.slug}-attendance")


def _download(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("<int:pk>/attendance.pdf", event_pdf_view, "analytics_event_pdf"),
    ("sessions/<int:pk>/attendance.pdf", session_pdf_view, "analytics_session_pdf"),
]
