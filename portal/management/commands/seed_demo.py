"""``manage.py seed_demo``: demo data, or a made-up event of any size."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from events.models import Event
from portal.seed import captions, conferences, recordings, synthetic
from portal.seed.attendance import seed_attendance
from portal.seed.local_kaltura import LocalKaltura, NoLocalKaltura
from portal.seed.people import PASSWORD

DEMO_VISITS: Final = 240
# How many live and coming sessions are synced right here; the worker does the others.
AT_ONCE: Final = 12
LOCAL_HOSTS: Final = {"localhost", "127.0.0.1", "::1", "testserver"}


class Command(BaseCommand):
    help = (
        "Demo data, the same every time. Without numbers: two real conferences, one of them going "
        "on right now, with people, and with attendance of the sessions that are over (if the "
        "local Kaltura answers). With numbers: an event “synthetic” of that size. "
        "Existing data is kept; only what is missing is added."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sessions", type=_number, metavar="N", help="sessions of “synthetic”")
        parser.add_argument(
            "--attendees", type=_number, metavar="N", help="how many attendees “synthetic” has"
        )
        parser.add_argument(
            "--attendance",
            type=_number,
            metavar="N",
            help="visits to past sessions: added to the local Kaltura and pulled from there",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _require_local_site()
        now = timezone.now()
        sessions, attendees = options["sessions"], options["attendees"]
        if sessions is None and attendees is None:
            self._demo(options["attendance"], now)
        else:
            event = synthetic.seed_synthetic(sessions or 0, attendees or 0, now)
            self._report(event)
            if options["attendance"]:
                self._attendance(event, options["attendance"], now)
                self._subscribe()

    def _demo(self, visits: int | None, now: datetime) -> None:
        events = conferences.seed_conferences(now)
        for event in events:
            self._report(event)
        if conferences.is_over(events, now):
            self.stdout.write(
                "The demo event has ended, so nothing is live. To start over: make demo-reset"
            )
            return
        try:
            self._attendance(events[0], DEMO_VISITS if visits is None else visits, now)
            self._record(events[0], now)
            self._subscribe()
        except CommandError as error:
            if visits is not None:
                raise
            self.stdout.write(f"No attendance: {error}")

    def _record(self, event: Event, now: datetime) -> None:
        """Recordings, and captions of them."""
        kaltura = LocalKaltura()
        try:
            with kaltura.lists_at_once():
                recorded = recordings.seed_recordings(
                    event, recordings.recorded_sessions(event, now)
                )
                captioned = captions.seed_captions(event) if recorded else 0
        except NoLocalKaltura as error:
            raise CommandError(str(error)) from error
        if recorded:
            self.stdout.write(f"Recordings: {recorded}, {captioned} of them with captions.")

    def _attendance(self, event: Event, visits: int, now: datetime) -> None:
        also = (
            conferences.next_sessions(event, now, AT_ONCE) if event.slug != synthetic.SLUG else []
        )
        try:
            done = seed_attendance(event, visits, now, also)
        except NoLocalKaltura as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Attendance of {done.sessions} sessions: {done.visits} visits added, "
            f"{done.stays} pulled."
        )

    def _subscribe(self) -> None:
        """Subscribe last, so that Kaltura does not notify us of what we have just made there."""
        from portal.seed.notifications import subscribe_to_notifications  # loads the Kaltura client

        if changed := subscribe_to_notifications():
            self.stdout.write(f"Notifications: {changed} templates now call this portal.")

    def _report(self, event: Event) -> None:
        self.stdout.write(
            f"{event.title} (/e/{event.slug}/): {event.sessions.count()} sessions, "
            f"{event.registrations.count()} registered, {event.starts_on} to {event.ends_on}."
        )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number; it should be 0 or more")
    return int(text)


def _require_local_site() -> None:
    """Refuse to make accounts with a known password on a public portal."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    if not settings.DEMO and host not in LOCAL_HOSTS:
        raise CommandError(
            f"seed_demo makes accounts with the public password {PASSWORD}, and this portal runs "
            f"at {host} (SITE_URL). Run it on localhost, or with DEMO=true.",
            returncode=2,
        )
