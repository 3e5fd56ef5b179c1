"""What of attendance stands in an event's workspace: its pages, and a panel of the overview."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.models import Coverage
from events.desk.needs import Urgency
from events.desk.overview import OverviewPanel, PanelCount, register_panel
from events.desk.sections import Section, WorkspacePage, page_of, register_page
from events.i18n.dates import moment
from events.models import Event, SessionStatus

_READS: Final = "events.view_report"
_REPORT: Final = page_of("admin:analytics_event_report")
_PAGES: Final = (
    WorkspacePage(Section.ATTENDANCE, gettext_lazy("Report"), _REPORT, _READS, own=("analytics_",)),
    WorkspacePage(
        Section.ATTENDANCE,
        gettext_lazy("Files"),
        page_of("admin:analytics_event_files"),
        _READS,
        own=("analytics_event_files", "analytics_file", "analytics_plan_file", "analytics_preset"),
    ),
    WorkspacePage(
        Section.ATTENDANCE,
        gettext_lazy("Matching"),
        page_of("admin:analytics_matching"),
        _READS,
        own=(
            *("analytics_matching", "analytics_rundecision", "analytics_personlink"),
            "analytics_markedtester",
        ),
    ),
    WorkspacePage(
        Section.ATTENDANCE,
        gettext_lazy("Credits"),
        page_of("admin:analytics_event_credits"),
        _READS,
        own=("analytics_event_credits", "analytics_credit"),
    ),
    WorkspacePage(
        Section.ATTENDANCE,
        gettext_lazy("Privacy"),
        page_of("admin:analytics_event_privacy"),
        _READS,
        own=("analytics_event_privacy",),
    ),
)


def register() -> None:
    """Called once, as the app starts."""
    for page in _PAGES:
        register_page(page)
    register_panel(freshness_panel)


def freshness_panel(user: Any, event: Event) -> OverviewPanel | None:
    """How fresh attendance is, for those who read figures; of people it says nothing."""
    if not user.has_perm(_READS, event):
        return None
    begun = event.sessions.exclude(status=SessionStatus.CANCELLED).filter(
        starts_at__lte=timezone.now()
    )
    found = Coverage.objects.filter(session__event=event).aggregate(
        newest=Max("pulled_at"),
        read=Count("session", filter=Q(pulled_at__isnull=False), distinct=True),
        failing=Count("session", filter=~Q(error=""), distinct=True),
    )
    url = _REPORT(event)
    counts = (
        [PanelCount(found["read"], gettext_lazy("sessions read"), url)] if found["read"] else []
    )
    if found["failing"]:
        label = gettext_lazy("could not be read at the last try")
        counts.append(PanelCount(found["failing"], label, url, Urgency.SOON))
    return OverviewPanel(
        gettext_lazy("Attendance"), counts, _note(event, found["newest"], begun.exists()), url
    )


def _note(event: Event, newest: Any, has_begun: bool) -> str:
    if newest is not None:
        return _("Last read %(moment)s.") % {"moment": moment(newest.astimezone(event.zone))}
    return _("Not read yet.") if has_begun else _("No session has begun yet.")
