"""The figures at the top of a page, as HTML; not a template, as session_table.py says why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.template.defaultfilters import date
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from analytics.completeness import CompletenessState
from analytics.reports.figures import Figure
from analytics.reports.session_table import NONE, badge


def figure_list(
    figures: Iterable[Figure], as_of: datetime | None, state: CompletenessState | None
) -> SafeString:
    """Each figure with its meaning, since when, and how complete, in the page's time zone."""
    # The same under each of them.
    note = ""
    if as_of:
        note = escape(_("As of %(at)s.") % {"at": date(localtime(as_of), "j M, H:i")}) + " "
    if state:
        note += badge(state)
    items = []
    for each in figures:
        detail = f'<dd class="figure-detail">{escape(each.detail)}</dd>' if each.detail else ""
        items.append(
            f'<div class="figure"><dt>{escape(each.term.label)}</dt>'
            f'<dd class="figure-value">{escape(each.value) or NONE}</dd>{detail}'
            f'<dd class="figure-note">{escape(each.term.definition)}</dd>'
            f'<dd class="figure-note">{note}</dd></div>'
        )
    return mark_safe("\n".join(items))  # noqa: S308  (what people typed is escaped)
