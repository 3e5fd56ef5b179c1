"""``{% offline_strip %}``: on pages that browsers keep, whose they are and since when."""

from __future__ import annotations

from typing import Any

from django import template

from events.offline.keeping import is_kept, reader_name

register = template.Library()


@register.inclusion_tag("events/_offline_strip.html", takes_context=True)
def offline_strip(context: template.Context) -> dict[str, Any]:
    """Nothing on pages that are not kept. ``reader`` may be there already, as a gap."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    if match is None or not is_kept(match.view_name):
        return {}
    return {"is_kept": True, "reader": context.get("reader") or reader_name(context.get("user"))}
