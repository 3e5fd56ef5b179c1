"""``manage.py export_attendance EVENT``: attendance as a file, schema 1."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.exports import ExportLevel, ExportTable, attendance_table
from analytics.exports.columns import COLUMNS
from analytics.exports.parquet import is_available
from analytics.exports.presets import shared_presets
from analytics.exports.writing import file_pieces
from analytics.management.arguments import WRONG_USAGE
from analytics.models import FileForm
from events.models import Event
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
        parser.add_argument(
            "--format",
            choices=[form.value for form in FileForm],
            default="csv",
            help="parquet needs pyarrow, which is not among the portal's requirements",
        )
        parser.add_argument(
            "--level", choices=[level.value for level in ExportLevel], default="person"
        )
        parser.add_argument("--output", metavar="FILE", type=Path)
        parser.add_argument(
            "--columns", metavar="NAME,NAME", help="only these columns, in the order of the schema"
        )
        parser.add_argument(
            "--preset",
            metavar="NAME",
            help="the columns, and the level, of a preset that the event's analysts share",
        )
        parser.add_argument(
            "--bom",
            action="store_true",
            help="begin the CSV file with a byte order mark, by which Excel knows UTF-8",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file where it was asked for."""
        form = _form(options)
        table = _table(event_named(options["event"]), options)
        path: Path | None = options["output"]
        if path is None:
            self._print(table, form, options["bom"])
            return
        try:
            with _finished_file(path) as file:
                _write(table, form, file, options["bom"])
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stderr.write(f"Wrote {path}.")

    def _print(self, table: ExportTable, form: FileForm, bom: bool) -> None:
        """To standard output, or to where ``call_command(stdout=...)`` redirected it."""
        out: Any = getattr(self.stdout, "_out", self.stdout)
        if hasattr(out, "buffer"):
            _write(table, form, out.buffer, bom)
        elif form is not FileForm.CSV:
            what = "A workbook" if form is FileForm.XLSX else "Parquet"
            raise CommandError(f"{what} is not text: use --output FILE.", returncode=WRONG_USAGE)
        else:
            for piece in _pieces(table, form, bom):
                out.write(piece.decode())


def _form(options: dict[str, Any]) -> FileForm:
    form = FileForm(options["format"])
    if form is FileForm.PARQUET and not is_available():
        raise CommandError(
            "--format parquet needs pyarrow, which is not installed here. Run “pip install "
            "pyarrow” in the portal's environment, or choose csv or xlsx.",
            returncode=WRONG_USAGE,
        )
    if options["bom"] and form is not FileForm.CSV:
        raise CommandError(
            f"--bom is for CSV files, and --format is {form.value}. Leave it out.",
            returncode=WRONG_USAGE,
        )
    return form


def _table(event: Event, options: dict[str, Any]) -> ExportTable:
    level, columns = ExportLevel(options["level"]), _listed(options["columns"])
    if options["preset"] is not None:
        if columns is not None:
            raise CommandError(
                "--preset and --columns both say which columns. Leave one of them out.",
                returncode=WRONG_USAGE,
            )
        level, columns = _preset(event, options["preset"])
    known = {column.name for column in COLUMNS[level]}
    if unknown := [name for name in columns or () if name not in known]:
        names = ", ".join(column.name for column in COLUMNS[level])
        raise CommandError(
            f"--columns: --level {level} has no {', '.join(map(repr, unknown))}. It has {names}.",
            returncode=WRONG_USAGE,
        )
    return attendance_table(event, level, columns=columns)


def _listed(text: str | None) -> Sequence[str] | None:
    if text is None:
        return None
    names = [name for part in text.split(",") if (name := part.strip())]
    if not names:
        raise CommandError(
            "--columns names none. Write some, separated by commas, or leave it out for all.",
            returncode=WRONG_USAGE,
        )
    return names


def _preset(event: Event, name: str) -> tuple[ExportLevel, Sequence[str]]:
    """The preset's kind of row goes before --level, whose default nobody chose."""
    found = shared_presets(event).filter(name=name).first()
    if found:
        return ExportLevel(found.level), found.columns
    names = ", ".join(map(repr, shared_presets(event).values_list("name", flat=True)))
    others = f"There are {names}." if names else "There are none yet."
    raise CommandError(
        f"--preset: the analysts of {event.slug} share none of the name {name!r}. {others} "
        "Presets are kept and shared on the page of the event's attendance files.",
        returncode=WRONG_USAGE,
    )


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


def _pieces(table: ExportTable, form: FileForm, bom: bool) -> Iterator[bytes]:
    return file_pieces(table, form, made_by="export_attendance", now=timezone.now(), bom=bom)


def _write(table: ExportTable, form: FileForm, file: IO[bytes], bom: bool) -> None:
    """As bytes, so that no platform changes the line ends of RFC 4180."""
    file.writelines(_pieces(table, form, bom))
    file.flush()
