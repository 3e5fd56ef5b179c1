"""The report of one person at one event."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from analytics.admin.reports.rendering import report_page
from analytics.admin.scope import event_for_analyst
from analytics.privacy.modes import rules_of
from analytics.reports.person import attendee_of, person_page


def person_view(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One person's sessions, and every interval that was reported of them."""
    event = event_for_analyst(request.user, pk)
    rules = rules_of(event)
    # Where only groups are shown nobody has a page, whether or not they were there.
    attendee = attendee_of(event, rules, code) if rules.lists_people else None
    if attendee is None:
        raise Http404("There is no such person.")
    person = person_page(event, rules, attendee)
    return report_page(
        request,
        "analytics/person_report.html",
        title=_("Attendance: %(title)s") % {"title": person.shown.name or _("Guest")},
        event=event,
        privacy=rules,
        person=person,
    )


PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("<int:pk>/people/<slug:code>/", person_view, "analytics_person_report"),
]
