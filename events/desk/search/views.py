"""The page of the search, and the list that the box on every page of the admin shows."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.desk.search.results import LONGEST, found_by


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """What was found for ``?q=``; with ``part=1`` only the list."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    context = {"text": text, "groups": found_by(request.user, text), "longest": LONGEST}
    if request.GET.get("part") == "1":
        response = TemplateResponse(request, "admin/events/desk/_found.html", context)
    else:
        frame = {**admin.site.each_context(request), "title": _("Search")}
        response = TemplateResponse(request, "admin/events/desk/search.html", {**frame, **context})
    # Names and addresses must not stay behind in a shared browser.
    response["Cache-Control"] = "no-store"
    return response
