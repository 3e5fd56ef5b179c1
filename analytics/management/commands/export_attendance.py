"""``manage.py export_attendance EVENT``: attendance as a file, schema 1."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.exports import (
    ExportLevel,
    ExportTable,
    attendance_csv,
    attendance_table,
    attendance_xlsx,
)
from kaltura_bridge.management.arguments import event_named


class Command(BaseCommand):
    help = (
        "Write the attendance of an event: a row for each registered or seen person and "
        "session, or with --level stay a row for each interval as reported. Without --output "
        "the file goes to standard output."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What the command line takes."""
        parser.add_argument("event", metavar="EVENT", help="the event's slug")
        parser.add_argument("--format", choices=["csv", "xlsx"], default="csv")
        parser.add_argument(
            "--level", choices=[level.value for level in ExportLevel], default="person"
        )
        parser.add_argument("--output", metavar="FILE", type=Path)
        parser.add_argument(
            "--bom",
            action="store_true",
            help="begin the CSV file with a byte order mark, by which Excel knows UTF-8",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file where it was asked for."""
        table = attendance_table(event_named(options["event"]), ExportLevel(options["level"]))
        path: Path | None = options["output"]
        if path is None:
            self._print(table, options["format"], options["bom"])
            return
        try:
            with _finished_file(path) as file:
                _write(table, options["format"], file, options["bom"])
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stderr.write(f"Wrote {path}.")

    def _print(self, table: ExportTable, form: str, bom: bool) -> None:
        """To standard output, or to where ``call_command(stdout=...)`` redirected it."""
        out: Any = getattr(self.stdout, "_out", self.stdout)
        if hasattr(out, "buffer"):
            _write(table, form, out.buffer, bom)
        elif form == "xlsx":
            raise CommandError("A workbook is not text: use --output FILE.", returncode=2)
        else:
            for piece in attendance_csv(table, bom=bom):
                out.write(piece)


@contextmanager
def _finished_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that is there under its name once it is whole; half of one is deleted."""
    if path.exists() and not path.is_file():  # A pipe, a terminal.
        with path.open("wb") as file:
            yield file
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write(table: ExportTable, form: str, file: IO[bytes], bom: bool) -> None:
    """As bytes, so that no platform changes the line ends of RFC 4180."""
    if form == "xlsx":
        file.writelines(attendance_xlsx(table, made_by="export_attendance", now=timezone.now()))
    else:
        for piece in attendance_csv(table, bom=bom):
            file.write(piece.encode())
    file.flush()
