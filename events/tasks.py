"""Background work of the events. The database is the queue; tasks only look into it."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from events.agenda.also_starred import count_stars
from events.files.sweep import sweep
from events.history.keeping import forget_old_versions
from events.history.recording import record_first_versions
from events.incoming.arriving import sweep_incoming
from events.incoming.sources import look_at_all
from events.incoming.work import work_on_all
from events.messages.mails import owe_mails
from events.messages.sending import end_expired
from events.news import changed, day_ahead, soon, whole_event
from events.outbox.sending import send_due
from events.outbox.sweeping import sweep_outbox
from events.push.sending import send_pushes_due
from events.registration.places import settle, unsettled_events
from events.speakers import availability, calendar
from events.trash.keeping import empty_trash

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
    """Write the mails about what is coming up and what has changed, and end what is over."""
    now = timezone.now()
    owe_mails()
    end_expired(now)
    changed.tell_changes(now)
    whole_event.tell_notices(now)
    soon.remind(now)
    calendar.tell_stage_calendars(now)
    availability.remind_of_hours(now)


@shared_task(name="events.write_day_ahead")
def write_day_ahead() -> None:
    """Write the mails about tomorrow."""
    day_ahead.remind(timezone.now())


@shared_task(name="events.sweep_files")
def sweep_files() -> None:
    """Delete uploaded files that nothing names any more, and what waited too long for an import."""
    sweep()
    sweep_incoming()


@shared_task(name="events.read_incoming")
def read_incoming_files() -> None:
    """Read the files that people brought, and import what they said yes to."""
    ends = time.monotonic() + LONGEST_S
    work_on_all(lambda: time.monotonic() > ends)


@shared_task(name="events.look_at_schedules")
def look_at_schedules() -> None:
    """Look at the addresses of schedules that are due."""
    ends = time.monotonic() + LONGEST_S
    look_at_all(lambda: time.monotonic() > ends)


@shared_task(name="events.count_stars")
def count_all_stars() -> None:
    """Find out which sessions the same people starred."""
    count_stars()


@shared_task(name="events.keep_history")
def keep_history() -> None:
    """Record objects that are older than their history, and forget what is too old."""
    record_first_versions()
    forget_old_versions(timezone.now())


@shared_task(name="events.empty_trash")
def empty_old_trash() -> None:
    """Delete for good what has been in the trash for long enough."""
    empty_trash(timezone.now())
