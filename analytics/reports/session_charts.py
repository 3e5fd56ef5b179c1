"""The charts of a session's page, rendered once for each version of its attendance.

They hold numbers of people and nothing of the reader but the language, so each process keeps
those that it rendered last.
"""

from __future__ import annotations

import math
from typing import Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from analytics.reports.session import SessionReport
from events.caching.fragments import Fragment, FragmentStore, fragment_key

# Some 40 KiB each. Not shared, so that a new release never shows what an old one rendered.
_KEPT: Final[FragmentStore[SafeString]] = FragmentStore(24, is_shared=False)


def rendered_charts(report: SessionReport, *, for_print: bool) -> SafeString:
    """The charts as HTML; nothing while the page only says why there is nothing yet."""
    if report.guidance:
        return SafeString()

    def render() -> Fragment[SafeString]:
        context = {"charts": report.charts, "for_print": for_print}
        return Fragment(render_to_string("analytics/_charts.html", context), math.inf)

    if not report.version:
        return render().content
    session, schedule = report.session, report.schedule
    key = fragment_key(
        "session charts",
        session.uuid,
        report.version,
        # Another window raises the version, but a moment later.
        schedule.planned,
        schedule.window,
        session.event.timezone,
        get_language(),
        for_print,
    )
    return _KEPT.get(key, render)
