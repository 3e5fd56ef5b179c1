"""How fresh attendance is, for the admin's first page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from analytics.models import Coverage
from events.desk.needs import MOST, Need, Urgency
from events.permissions import ANALYSTS, events_for_team

_RECENT: Final = timedelta(days=7)


def attendance_trouble(user: Any) -> Iterator[Need]:
    """Sessions of the last week whose attendance could not be read at the last try."""
    now = timezone.now()
    mine = events_for_team(user, ANALYSTS).order_by().values("pk")
    rows = (
        Coverage.objects.filter(session__event__in=mine)
        .exclude(error="")
        .filter(session__ends_at__gt=now - _RECENT, session__starts_at__lte=now)
        .order_by()
        .values_list("session__event", "session__event__title")
        .annotate(failing=Count("session", distinct=True))
    )
    for pk, title, failing in rows.order_by("-failing", "session__event__title")[:MOST]:
        text = ngettext(
            "Attendance of %(n)d session could not be read",
            "Attendance of %(n)d sessions could not be read",
            failing,
        )
        url = reverse("admin:analytics_event_report", args=[pk])
        yield Need(Urgency.SOON, text % {"n": failing}, url, title)
