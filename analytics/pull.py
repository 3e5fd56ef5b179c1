"""Pulls attendance: asks the sources about sessions, stores the answers, computes attendance.

Safe to repeat, and to run twice at a time: see store.py. Sessions are asked about again
until days after their end, because a running one has no reliable end and reports lag.
A session that fails does not stop the others; it is due again at the next pull.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from analytics.figures.renewal import renew_what_moved
from analytics.figures.summary import compute_ahead
from analytics.models import PullRun, SessionPull, Trigger
from analytics.pulling.due import LOOK_BACK, due_sessions, sessions_between
from analytics.pulling.result import PullResult
from analytics.pulling.sessions import pull_sessions
from events.models import Event, Session

__all__ = [
    "due_sessions",
    "pull_all",
    "pull_attendance",
    "pull_due",
    "pull_one",
    "pull_sessions",
    "sessions_between",
]

# A scheduled pull ends before the next one begins (settings.CELERY_BEAT_SCHEDULE); what is
# left is due then.
BEAT_BUDGET_S: Final = 240
KEEP_HISTORY: Final = timedelta(days=30)


def pull_attendance(
    event: Event | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> PullRun:
    """Pull everything about the sessions in a period, for the command.

    Without ``since``: of an event all sessions so far, else those of the last days.
    """
    now = timezone.now()
    until = until or now
    if since is None and event is None:
        since = until - LOOK_BACK
    run = PullRun(trigger=Trigger.COMMAND, event=event, since=since, until=until, started_at=now)
    return _saved(run, pull_sessions(sessions_between(since, until, event)))


def pull_all(event: Event) -> PullRun:
    """Pull all of an event's sessions so far again, for someone in the admin."""
    now = timezone.now()
    run = PullRun(trigger=Trigger.PERSON, event=event, until=now, started_at=now)
    return _saved(run, pull_sessions(sessions_between(None, now, event)))


def pull_due() -> PullRun | None:
    """Pull what is due by now, for the schedule. None when nothing was."""
    now = timezone.now()
    PullRun.objects.filter(started_at__lt=now - KEEP_HISTORY).delete()
    SessionPull.objects.filter(asked_at__lt=now - KEEP_HISTORY).delete()
    result = pull_sessions(due_sessions(now), BEAT_BUDGET_S)
    renew_what_moved()
    if not result.sessions:
        return None
    run = PullRun(trigger=Trigger.BEAT, since=now - LOOK_BACK, until=now, started_at=now)
    return _saved(run, result)


def pull_one(session: Session) -> PullRun:
    """Pull one session now, for someone in the admin."""
    now = timezone.now()
    run = PullRun(trigger=Trigger.PERSON, event=session.event, until=now, started_at=now)
    return _saved(run, pull_sessions([session], BEAT_BUDGET_S))


def _saved(run: PullRun, result: PullResult) -> PullRun:
    """The record of the pull; then its events' figures are made, so that no page has to."""
    for name in (
        "sessions runs stays totals new changed rejected unmatched_runs incomplete errors"
    ).split():
        setattr(run, name, getattr(result, name))
    run.unmatched_people = len(result.unmatched_people)
    run.finished_at = timezone.now()
    run.save()
    compute_ahead(result.events)
    return run
