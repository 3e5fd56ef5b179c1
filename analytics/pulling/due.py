"""Which sessions a pull asks about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Min

from analytics.models import Coverage, EventPrivacy, Source
from events.models import Event, Session

# How long after its end a session is still asked about.
LOOK_BACK: Final = timedelta(days=3)
# Attendance of a session that has been over for this long rarely changes: ask only so often.
SETTLED_AFTER: Final = timedelta(hours=1)
SETTLED_EVERY: Final = timedelta(hours=1)


def sessions_between(
    since: datetime | None, until: datetime, event: Event | None = None
) -> list[Session]:
    """The sessions whose window, doors-open to the end of the overrun, touches this time."""
    a_day = timedelta(days=1)  # the most that doors or overrun may add
    found = Session.objects.select_related("event").filter(starts_at__lte=until + a_day)
    # Where names were replaced or deleted, attendance is fixed (privacy/retention.py).
    found = found.filter(event__attendance_privacy__retained_at=None)
    if since is not None:
        found = found.filter(ends_at__gte=since - a_day)
    if event is not None:
        found = found.filter(event=event)
    return [
        session
        for session in found.order_by("starts_at", "pk")
        if session.doors_open_at <= until and (since is None or session.doors_close_at >= since)
    ]


def due_sessions(now: datetime) -> list[Session]:
    """What a scheduled pull asks about: running and recent sessions always, settled ones hourly.

    The longest waiting come first, so that a pull that runs out of time leaves none out twice.
    """
    sessions = sessions_between(now - LOOK_BACK, now)
    asked = dict(
        Coverage.objects.filter(session__in=sessions)
        .exclude(source=Source.PORTAL)  # Nobody is asked for what the portal noted itself.
        .order_by()
        .values_list("session")
        .annotate(at=Min("attempted_at"))
    )
    never = datetime.min.replace(tzinfo=now.tzinfo)

    def is_due(session: Session) -> bool:
        settled = session.doors_close_at + SETTLED_AFTER < now
        return not settled or asked.get(session.pk, never) <= now - SETTLED_EVERY

    return sorted(filter(is_due, sessions), key=lambda session: asked.get(session.pk, never))


def without_fixed(sessions: Sequence[Session]) -> list[Session]:
    """Without those of events where names were replaced or deleted: nothing brings them back."""
    fixed = EventPrivacy.objects.filter(
        event__in={session.event_id for session in sessions}, retained_at__isnull=False
    )
    events = set(fixed.values_list("event_id", flat=True))
    return [session for session in sessions if session.event_id not in events]
