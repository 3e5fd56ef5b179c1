"""Fill the portal with something to look at, or with as much as a bench needs."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from events.models import Event
from portal.seed import conferences, synthetic
from portal.seed.attendance import NoLocalKaltura, seed_attendance
from portal.seed.people import PASSWORD

DEMO_VISITS: Final = 240
# Sessions live now or next which are brought in step here; the rest is the worker's.
AT_ONCE: Final = 12
LOCAL_HOSTS: Final = {"localhost", "127.0.0.1", "::1", "testserver"}


class Command(BaseCommand):
    help = (
        "Demo data, the same each time. Without numbers: two real conferences, one of them going "
        "on right now, with people and with attendance of the sessions that are over (when the "
        "local Kaltura answers). With numbers: an event “synthetic” of that size. "
        "What is there already is kept; only what is missing is added."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sessions", type=_number, metavar="N", help="sessions of “synthetic”")
        parser.add_argument(
            "--attendees", type=_number, metavar="N", help="attendees of “synthetic”"
        )
        parser.add_argument(
            "--attendance",
            type=_number,
            metavar="N",
            help="visits to sessions that are over, put into the local Kaltura and pulled from it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _refuse_strangers()
        now = timezone.now()
        sessions, attendees = options["sessions"], options["attendees"]
        if sessions is None and attendees is None:
            self._demo(options["attendance"], now)
        else:
            event = synthetic.seed_synthetic(sessions or 0, attendees or 0, now)
            self._tell(event)
            if options["attendance"]:
                self._attendance(event, options["attendance"], now)

    def _demo(self, visits: int | None, now: datetime) -> None:
        events = conferences.seed_conferences(now)
        for event in events:
            self._tell(event)
        if conferences.is_over(events, now):
            self.stdout.write(
                "The days of the demo are over, so nothing is live. Start over: make demo-reset"
            )
            return
        try:
            self._attendance(events[0], DEMO_VISITS if visits is None else visits, now)
        except CommandError as error:
            if visits is not None:
                raise
            self.stdout.write(f"No attendance: {error}")

    def _attendance(self, event: Event, visits: int, now: datetime) -> None:
        also = (
            conferences.next_sessions(event, now, AT_ONCE) if event.slug != synthetic.SLUG else []
        )
        try:
            done = seed_attendance(event, visits, now, also)
        except NoLocalKaltura as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Attendance of {done.sessions} sessions: {done.visits} visits put in, "
            f"{done.stays} pulled."
        )
        self._notices()

    def _notices(self) -> None:
        """Last, so that nobody is told of what was only just put there."""
        from portal.seed.notices import ask_for_notices  # loads the Kaltura client

        if changed := ask_for_notices():
            self.stdout.write(f"Notifications: {changed} of Kaltura's templates call this portal.")

    def _tell(self, event: Event) -> None:
        self.stdout.write(
            f"{event.title} (/e/{event.slug}/): {event.sessions.count()} sessions, "
            f"{event.registrations.count()} registered, {event.starts_on} to {event.ends_on}."
        )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number; it should be 0 or more")
    return int(text)


def _refuse_strangers() -> None:
    """Accounts with a known password belong on nobody's public portal."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    if not settings.DEMO and host not in LOCAL_HOSTS:
        raise CommandError(
            f"seed_demo makes accounts with the password {PASSWORD}, and SITE_URL says that this "
            f"portal is {host}. Run it on localhost, or with DEMO=true.",
            returncode=2,
        )
