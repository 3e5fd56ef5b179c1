"""``manage.py export_agenda EVENT``: the agenda as a file for other programs."""

from __future__ import annotations

import io
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from events.exports.agenda_table import AGENDA_COLUMNS, agenda_rows
from events.exports.calendars import Calendar
from events.exports.frab_json import to_json
from events.exports.frab_xml import to_xml
from events.exports.schedule import schedule_of
from events.exports.tables import csv_chunks, write_xlsx
from events.models import Event
from events.programme.reading import sequences_of
from events.queries import SHOWN, speaker_names

WRONG_USAGE = 2


class Command(BaseCommand):
    help = (
        "Write the agenda of an event. As attendees see it: schedule.xml or schedule.json of "
        "frab, which import_agenda reads back, and a calendar. As a table with drafts and "
        "cancelled sessions too: CSV and a workbook. Without --output the file goes to standard "
        "output."
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
            self._print(data, options["format"])
            return
        try:
            path.write_bytes(data)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stderr.write(f"Wrote {path}.")

    def _print(self, data: bytes, form: str) -> None:
        """As bytes where there are some, so that no platform changes the line ends."""
        out: Any = getattr(self.stdout, "_out", self.stdout)
        if hasattr(out, "buffer"):
            out.buffer.write(data)
        elif form == "xlsx":
            raise CommandError("A workbook is not text: use --output FILE.", returncode=WRONG_USAGE)
        else:
            out.write(data.decode())


def _csv(event: Event) -> bytes:
    return "".join(csv_chunks(AGENDA_COLUMNS, agenda_rows(event, settings.SITE_URL))).encode()


def _xlsx(event: Event) -> bytes:
    book = io.BytesIO()
    write_xlsx(AGENDA_COLUMNS, agenda_rows(event, settings.SITE_URL), book, "Agenda")
    return book.getvalue()


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


WRITERS = {"csv": _csv, "ics": _ics, "json": _json, "xlsx": _xlsx, "xml": _xml}
