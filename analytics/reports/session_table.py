"""The lines of an event's table of sessions, as HTML.

Not a template: an event may have hundreds of sessions with a dozen values each, and each tag of
a template costs more than the value that it writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.dateformat import format as written_date
from django.utils.formats import get_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from analytics.completeness import CompletenessState, SessionCompleteness
from analytics.figures.values import SessionFigures
from events.models import Session

# As the page writes days and times elsewhere.
STARTS = "D j M, H:i"
#: What stands where there is nothing.
NONE = "–"


@dataclass(frozen=True)
class SessionRow:
    """A session in an event's table."""

    session: Session
    figures: SessionFigures
    completeness: SessionCompleteness


def session_lines(rows: Iterable[SessionRow]) -> SafeString:
    """A line for each session, in the language that the page is in and the event's zone."""
    decimal, registered = decimals(), _("%(came)s of %(of)s")
    # Many begin at the same moment, and there are few types.
    types: dict[str, str] = {}
    starts: dict[datetime, str] = {}
    badges = {state: badge(state) for state in CompletenessState}
    # The address is looked up once: it differs by the number alone.
    before, after = reverse("admin:analytics_session_report", args=[0]).rsplit("0", 1)
    lines = []
    for row in rows:
        session, figures = row.session, row.figures
        kind = session.session_type
        if kind not in types:
            types[kind] = escape(session.get_session_type_display())
        at = session.starts_at
        if at not in starts:
            starts[at] = escape(written_date(at.astimezone(session.event.zone), STARTS))
        title = escape(session.title)
        came = registered % {"came": figures.registered_attended, "of": figures.registered}
        lines.append(
            f'<tr><td class="when">{starts[at]}</td>'
            f'<th scope="row"><a href="{before}{session.pk}{after}">{title}</a></th>'
            f"<td>{types[kind]}</td>"
            f'<td class="num">{figures.attended}</td>'
            f'<td class="num">{escape(came)}</td>'
            f'<td class="num">{figures.guests}</td>'
            f'<td class="num">{figures.peak if figures.peak_at else NONE}</td>'
            f'<td class="num">{decimal(figures.mean_minutes)}</td>'
            f'<td class="num">{decimal(figures.median_minutes)}</td>'
            f'<td class="num">{decimal(figures.total_minutes)}</td>'
            f"<td>{badges[row.completeness.state]}</td></tr>"
        )
    return mark_safe("\n".join(lines))  # noqa: S308  (what people typed is escaped)


def badge(state: CompletenessState) -> str:
    """As ``analytics/_badge.html``."""
    return f'<span class="badge badge-{state.tone.value}">{escape(state.label)}</span>'


def decimals() -> Callable[[Decimal | None], str]:
    """How the page's language writes a number with decimals; a dash for none."""
    separator = escape(get_format("DECIMAL_SEPARATOR"))
    return lambda value: NONE if value is None else str(value).replace(".", separator)
