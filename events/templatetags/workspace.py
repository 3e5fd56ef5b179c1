"""The workspace of an event around the admin's pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from events.desk.here import Workspace, workspace_of

register = template.Library()


@register.simple_tag(takes_context=True)
def workspace(context: Context) -> Workspace | None:
    """The workspace that this page stands in, or None. Found once for each page."""
    request: Any = context.get("request")
    if request is None or not hasattr(request, "user"):
        return None
    if not hasattr(request, "_workspace"):
        page: Any = context.flatten()
        request._workspace = workspace_of(request, page)
    found: Workspace | None = request._workspace
    return found
