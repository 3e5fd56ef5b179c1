"""Attendance in the background. Thin: each task calls one function, and may run twice.

Celery knows tasks by the names of these functions; messages on their way and
settings.CELERY_BEAT_SCHEDULE hold those names, so they stay.

Web processes import this to wake workers. What asks the sources is imported by the tasks
themselves: with it come HTTP and validation libraries of some ten megabytes.
"""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from analytics import feedback_request
from analytics.exports.making import make_due
from analytics.exports.schedules import start_due
from analytics.figures.renewal import renew
from analytics.figures.summary import compute_ahead, events_of
from analytics.matching.settle import rematch
from analytics.presence import stays
from analytics.privacy.at_kaltura import ask_due
from analytics.privacy.retention import apply_due
from events.models import Event, Session


@shared_task
def pull_attendance() -> None:
    """Ask the sources about the sessions that are due."""
    from analytics.pull import pull_due

    pull_due()


@shared_task
def pull_session(session_pk: int) -> None:
    """Ask the sources about one session now, because someone in the admin asked for it."""
    from analytics.pull import pull_one

    if session := Session.objects.filter(pk=session_pk).select_related("event").first():
        pull_one(session)


@shared_task
def ask_erasures() -> None:
    """Ask Kaltura to forget those who were erased here, where it has not answered yet."""
    ask_due()


@shared_task
def pull_event(event_pk: int) -> None:
    """Ask the sources about all of an event's sessions again: someone in the admin asked."""
    from analytics.pull import pull_all

    if event := Event.objects.filter(pk=event_pk).first():
        pull_all(event)


@shared_task
def count_presence() -> None:
    """End the stays whose join pages are gone, and count what is new on others."""
    counted = stays.count_presence(timezone.now())
    compute_ahead(events_of(counted))


@shared_task
def apply_retention() -> None:
    """Replace or delete the names of events whose time for them is over."""
    apply_due()


@shared_task
def make_attendance_files() -> None:
    """Make the files that are planned for now or waited for; sweep away what has expired."""
    start_due(timezone.now())
    make_due()


@shared_task
def ask_for_feedback() -> None:
    """Write the mails to people who were at an event that is over."""
    feedback_request.ask(timezone.now())


@shared_task
def renew_figures(session_pks: list[int]) -> None:
    """Match sessions again and compute those whose version has moved. Asks no source.

    Whoever calls raised the version of these sessions, so a second message about them finds
    nothing to do; matching raises that of the others that it concerns.
    """
    touched = set(session_pks)
    for session in Session.objects.filter(pk__in=session_pks).select_related("event"):
        touched |= rematch(session)
    renew(touched)
    compute_ahead(events_of(touched))
