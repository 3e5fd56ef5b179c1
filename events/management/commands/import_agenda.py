"""Bring a public schedule in, after showing what that would change."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug
from django.db import IntegrityError

from events.imports import load
from events.imports.apply import EventChanged, PreparedImport, short_transaction
from events.imports.diff import new_event, plan_import
from events.imports.plan import ChangeKind, ImportPlan
from events.imports.report import one_line, report_json, report_lines, summary
from events.imports.rows import agenda_of
from events.imports.runs import ImportBusy, end_refused, end_saved, running_import
from events.imports.schedule import BrokenFile, ScheduleFile
from events.models import Event, ImportRun, SessionType
from events.models.base import validate_timezone

WRONG_USAGE = 2


class Command(BaseCommand):
    help = (
        "Import a frab schedule.xml or schedule.json, also those of pretalx, pentabarf and hub, "
        "and JSON of version 2. Shows what is new, changed, removed and "
        "rejected; saves only with --apply, all of it in one transaction. A released schedule is "
        "public: new sessions, and an event made from the file, are published. A session that "
        "the schedule no longer has is cancelled, not deleted, because people may have attended "
        "it; when a later file has it again, it becomes what it was. Fields the file does not "
        "carry (type, status, colours, roles, biographies) stay as managers set them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", metavar="EVENT", help="the event's slug; made when unknown")
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--apply", action="store_true", help="save what is shown")
        parser.add_argument(
            "--timezone",
            metavar="ZONE",
            help="the zone of a new event when the file names none, such as Europe/Berlin",
        )
        parser.add_argument(
            "--session-type",
            metavar="TYPE",
            choices=SessionType.values,
            default=SessionType.WEBCAST.value,
            help=f"what new sessions become: {', '.join(SessionType.values)}. Default: webcast",
        )
        parser.add_argument(
            "--other-schedule",
            action="store_true",
            help="import although the file seems to belong to another event",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            plan = self._run(options)
        except BrokenFile as error:
            self._stop(options, f"{options['file']}: {error} Nothing was changed.", 1)
        except ImportBusy as error:
            self._stop(options, f"{error} Nothing was saved.", 1)
        except (EventChanged, ValidationError, IntegrityError) as error:
            self._stop(
                options,
                f"The event was changed by someone else meanwhile ({error}). "
                "Nothing was saved; run the command again.",
                1,
            )
        if plan.rejected:
            rows = (
                f"{len(plan.rejected)} rejected; see above. Correct the file and import it again."
            )
            raise CommandError(rows, returncode=1)

    def _run(self, options: dict[str, Any]) -> ImportPlan:
        file = self._file(options)
        event = self._event(file, options)
        if not options["apply"]:
            plan = self._plan(file, event, options)
            self._show(plan, options)
            self._conclude(plan, options, applied=False)
            return plan
        with running_import(event.slug, str(options["file"])) as run:
            plan = self._plan(file, event, options)
            self._show(plan, options)
            applied = self._apply(plan, run)
            self._conclude(plan, options, applied)
        return plan

    def _show(self, plan: ImportPlan, options: dict[str, Any]) -> None:
        """Before anything is saved; with --json the one document comes at the end."""
        if not options["json"]:
            for line in report_lines(plan):
                self.stdout.write(line)

    def _conclude(self, plan: ImportPlan, options: dict[str, Any], applied: bool) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(report_json(plan, applied)))
        else:
            self.stdout.write(f"{summary(plan)} {self._outcome(plan, options['apply'])}")

    def _apply(self, plan: ImportPlan, run: ImportRun) -> bool:
        """Save exactly what was shown, or nothing. Returns whether there was anything to save."""
        if not plan.has_readable_rows:
            end_refused(run, "No row could be read.")
            return False
        prepared = PreparedImport(plan)
        with short_transaction():
            end_saved(run, prepared.save(), summary(plan))
        return True

    def _outcome(self, plan: ImportPlan, apply: bool) -> str:
        if not plan.has_readable_rows:
            return "No row could be read, so nothing was saved."
        if not plan.changes_anything:
            return "The event already matches the file; there is nothing to save."
        return "Saved." if apply else "Nothing was saved; add --apply to do it."

    def _plan(self, file: ScheduleFile, event: Event, options: dict[str, Any]) -> ImportPlan:
        return plan_import(
            agenda_of(file, event.zone),
            event,
            options["session_type"],
            other_schedule=options["other_schedule"],
        )

    def _event(self, file: ScheduleFile, options: dict[str, Any]) -> Event:
        """The event, or an unsaved one in the zone that was asked for or the file names."""
        slug, asked = options["event"], options["timezone"]
        event = Event.objects.filter(slug=slug).first()
        if event is None:
            self._check_slug(options)
            return new_event(slug, self._zone(file, options))
        if asked and asked != event.timezone:
            self._stop(
                options,
                f"{slug} is in {event.timezone}; --timezone is only for an event that does not "
                "exist yet. Leave it out.",
                WRONG_USAGE,
            )
        return event

    def _check_slug(self, options: dict[str, Any]) -> None:
        try:
            validate_slug(options["event"])
        except ValidationError:
            self._stop(
                options,
                f"“{options['event']}” cannot be an event's slug. Use letters, digits and "
                "hyphens, such as spring-days-2026.",
                WRONG_USAGE,
            )

    def _zone(self, file: ScheduleFile, options: dict[str, Any]) -> str:
        """The zone that was asked for, else the file's own."""
        asked, written = options["timezone"], file.header.timezone
        if not (asked or written):
            self._stop(
                options,
                f"There is no event {options['event']} yet, and the file names no time zone "
                "(an offset such as +01:00 is not one). Add it, for example "
                "--timezone Europe/Berlin.",
                WRONG_USAGE,
            )
        try:
            validate_timezone(asked or written)
        except ValidationError as error:
            if asked:
                self._stop(options, f"--timezone: {error.messages[0]}", WRONG_USAGE)
            raise BrokenFile(f"{error.messages[0]} Correct it, or give --timezone.") from error
        return asked or written

    def _file(self, options: dict[str, Any]) -> ScheduleFile:
        try:
            return load(options["file"])
        except OSError as error:
            self._stop(options, f"{options['file']}: {error.strerror}.", WRONG_USAGE)

    def _stop(self, options: dict[str, Any], sentence: str, returncode: int) -> NoReturn:
        """End without a change; with --json the reader still gets its document."""
        if options["json"]:
            nothing = {kind.value: 0 for kind in ChangeKind}
            document = {
                **nothing,
                "rejected": [],
                "applied": False,
                "error": one_line(sentence, 500),
            }
            self.stdout.write(json.dumps(document))
        raise CommandError(one_line(sentence, 500), returncode=returncode)
