"""``manage.py export_agenda EVENT``: the agenda as a file for other programs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from events.exports.calendars import Calendar
from events.exports.frab_json import to_json
from events.exports.frab_xml import to_xml
from events.exports.schedule import schedule_of
from events.models import Event
from events.programme.reading import sequences_of
from events.queries import SHOWN, speaker_names

WRONG_USAGE = 2


class Command(BaseCommand):
    help = (
        "Write the agenda of an event as attendees see it: schedule.xml or schedule.json of "
        "frab, which import_agenda reads back, or a calendar. Without --output the file goes to "
        "standard output."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", metavar="EVENT", help="the event's slug")
        parser.add_argument("--format", choices=sorted(WRITERS), required=True)
        parser.add_argument("--output", metavar="FILE", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        event = Event.objects.filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"There is no event {options['event']}.", returncode=WRONG_USAGE)
        data = WRITERS[options["format"]](event)
        path: Path | None = options["output"]
        if path is None:
            # As bytes where there are some, so that no platform changes the line ends.
            out: Any = getattr(self.stdout, "_out", self.stdout)
            out.buffer.write(data) if hasattr(out, "buffer") else out.write(data.decode())
            return
        try:
            path.write_bytes(data)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stderr.write(f"Wrote {path}.")


def _xml(event: Event) -> bytes:
    return to_xml(schedule_of(event, settings.SITE_URL))


def _json(event: Event) -> bytes:
    return to_json(schedule_of(event, settings.SITE_URL))


def _ics(event: Event) -> bytes:
    sessions = event.sessions.filter(status__in=SHOWN).select_related("event", "track")
    return Calendar(
        event.title,
        event.timezone,
        sessions.order_by("starts_at", "pk"),
        settings.SITE_URL,
        speaker_names(event),
        sequences_of(event),
    ).to_ical()


WRITERS = {"xml": _xml, "json": _json, "ics": _ics}
