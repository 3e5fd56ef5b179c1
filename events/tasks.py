"""Background work of the events. The database is the queue; tasks only look into it."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from events.agenda.also_starred import count_stars
from events.files.sweep import sweep
from events.news import changed, day_ahead, soon, whole_event
from events.outbox.sending import send_due
from events.outbox.sweeping import sweep_outbox
from events.push.sending import send_pushes_due
from events.registration.places import settle, unsettled_events

# Below the task's time limit; beat goes on with what is left.
LONGEST_S = 120


@shared_task(name="events.send_mails")
def send_mails() -> None:
    """Send the mails that are due."""
    send_due(for_s=LONGEST_S)


@shared_task(name="events.sweep_mails")
def sweep_mails() -> None:
    """Forget mails that were settled long ago."""
    sweep_outbox(timezone.now())


@shared_task(name="events.send_pushes")
def send_pushes() -> None:
    """Send the notifications that are due; apart from mails, so that neither holds up the other."""
    send_pushes_due(for_s=LONGEST_S)


@shared_task(name="events.settle_places")
def settle_places() -> None:
    """Let people move up where a place became free without anybody noticing."""
    for event in unsettled_events():
        settle(event)


@shared_task(name="events.write_news")
def write_news() -> None:
    """Write the mails about what is coming up and what has changed."""
    now = timezone.now()
    changed.tell_changes(now)
    whole_event.tell_notices(now)
    soon.remind(now)


@shared_task(name="events.write_day_ahead")
def write_day_ahead() -> None:
    """Write the mails about tomorrow."""
    day_ahead.remind(timezone.now())


@shared_task(name="events.sweep_files")
def sweep_files() -> None:
    """Delete uploaded files that nothing names any more."""
    sweep()


@shared_task(name="events.count_stars")
def count_all_stars() -> None:
    """Find out which sessions the same people starred."""
    count_stars()
