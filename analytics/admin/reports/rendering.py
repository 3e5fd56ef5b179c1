"""A page of the admin about attendance."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from analytics.models import EventReport
from analytics.privacy.modes import PrivacyRules
from analytics.privacy.published import published_event
from events.models import Event, Session


def _frame(request: HttpRequest) -> dict[str, Any]:
    """What Django's own templates ask for, as ``each_context`` says it."""
    site = admin.site
    return {
        "site_title": site.site_title,
        "site_header": site.site_header,
        "site_url": site.site_url,
        "has_permission": site.has_permission(request),
        "is_nav_sidebar_enabled": False,
        "is_popup": False,
    }


def report_page(request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
    """The page, within the admin. ``?print=1`` opens the tables of all charts.

    Without the list of everything at its side: tables and charts need the room, and that list
    costs more queries than most of these pages.
    """
    # As AdminSite's own views do, so that {% url "admin:..." %} finds this very site.
    request.current_app = admin.site.name
    context = {
        **_frame(request),
        "opts": EventReport._meta,
        "for_print": is_for_print(request),
        **context,
    }
    response = TemplateResponse(request, template, context)
    # Names and e-mail addresses must not stay behind in a shared browser or proxy.
    response["Cache-Control"] = "no-store"
    return response


def is_for_print(request: HttpRequest) -> bool:
    """Whether the tables of all charts are open."""
    return request.GET.get("print") == "1"


def aggregate_page(
    request: HttpRequest, event: Event, rules: PrivacyRules, session: Session | None = None
) -> TemplateResponse:
    """The event or one of its sessions, as groups of people only."""
    published = published_event(event, rules)
    return report_page(
        request,
        "analytics/aggregate_report.html",
        title=_("Attendance: %(title)s") % {"title": session or event},
        event=event,
        session=session,
        privacy=rules,
        published=published,
        rows=[row for row in published.sessions if session in (None, row.session)],
    )
