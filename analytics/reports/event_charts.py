"""What an event's page draws, rendered once for each version of its numbers.

As with a session's charts: numbers of people and nothing of the reader but the language.
"""

from __future__ import annotations

import math
from typing import Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.timezone import override
from django.utils.translation import get_language

from analytics.dictionary import TERMS
from analytics.reports.event import EventPage
from events.caching.fragments import Fragment, FragmentStore, fragment_key

_KEPT: Final[FragmentStore[SafeString]] = FragmentStore(12, is_shared=False)


def rendered_over_time(report: EventPage, *, for_print: bool) -> SafeString:
    """People over time and by the hour of the day, as HTML."""

    def render() -> Fragment[SafeString]:
        term = TERMS["event_hour_visits"]
        context = {"report": report, "heat_term": term, "for_print": for_print}
        with override(report.event.zone):
            html = render_to_string("analytics/_over_time.html", context)
        return Fragment(html, math.inf)

    if not report.version:
        return render().content
    key = fragment_key(
        "event over time",
        report.event.uuid,
        report.version,
        sorted(report.tracks.items()),
        report.event.timezone,
        get_language(),
        for_print,
    )
    return _KEPT.get(key, render)
