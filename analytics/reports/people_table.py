"""The lines of a session's table of people, as HTML.

Not a template, for the reason that session_table.py gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from analytics.models import SessionAttendance
from analytics.reports.people import PersonLine
from analytics.reports.session_table import NONE, decimals
from events.models import Event


def people_lines(event: Event, people: Iterable[PersonLine]) -> SafeString:
    """A line for each person, in the language that the page is in and the event's zone."""
    # The address is looked up once: it differs by the code alone.
    before, after = reverse("admin:analytics_person_report", args=[event.pk, "CODE"]).rsplit(
        "CODE", 1
    )
    yes, no = map(escape, _("yes,no").split(",")[:2])
    attended = {
        True: escape(_("yes")),
        False: escape(_("no")),
        None: escape(_("yes, still there")),
    }
    nameless = escape(_("No name"))
    times, decimal = _times(event), decimals()
    lines = []
    for person in people:
        shown, seen = person.shown, person.attendance
        address = f' <span class="quiet">{escape(shown.email)}</span>' if shown.email else ""
        came = None if person.attended and seen and seen.open_interval else person.attended
        lines.append(
            f'<tr><th scope="row"><a href="{before}{person.code}{after}">'
            f"{escape(shown.name) or nameless}</a>{address}</th>"
            f"<td>{escape(person.role) or NONE}</td>"
            f"<td>{yes if person.registered else no}</td><td>{attended[came]}</td>"
            f'<td class="when">{times(seen.first_joined_at if seen else None)}</td>'
            f'<td class="when">{times(seen.last_left_at if seen else None)}</td>'
            f"{_numbers(seen, decimal)}</tr>"
        )
    return mark_safe("\n".join(lines))  # noqa: S308  (what people typed is escaped)


def _numbers(seen: SessionAttendance | None, decimal: Callable[[Decimal], str]) -> str:
    """Joins, minutes, share of the plan, attention."""
    if seen is None:
        values = [NONE, decimal(Decimal("0.00")), NONE, NONE]
    else:
        attention = seen.attention_percent
        values = [
            str(seen.join_count or NONE),
            decimal(seen.minutes_present),
            f"{decimal(seen.scheduled_percent)}%",
            NONE if attention is None else f"{decimal(attention)}%",
        ]
    return "".join(f'<td class="num">{value}</td>' for value in values)


def _times(event: Event) -> Callable[[datetime | None], str]:
    zone = event.zone
    return lambda at: NONE if at is None else f"{at.astimezone(zone):%H:%M:%S}"
