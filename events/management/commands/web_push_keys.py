"""``manage.py web_push_keys``: the key of notifications in browsers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from events.push.keys import new_key


class Command(BaseCommand):
    """Prints a new key, or writes it into a file of settings that has none."""

    help = "Make the key of notifications in browsers (WEB_PUSH_KEY)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--write", type=Path, metavar="FILE", help="append it to this file, such as .env"
        )

    def handle(self, *args: Any, write: Path | None = None, **options: Any) -> None:
        line = f"WEB_PUSH_KEY={new_key()}"
        if write is None:
            self.stdout.write(line)
            return
        # Another key would end what browsers have subscribed to.
        if settings.WEB_PUSH_KEY or (write.is_file() and _has_key(write)):
            raise CommandError(f"There is a WEB_PUSH_KEY already; {write} stays as it is.")
        with write.open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
        self.stdout.write(f"Wrote WEB_PUSH_KEY into {write}.")


def _has_key(file: Path) -> bool:
    return bool(re.search(r"^WEB_PUSH_KEY=\S", file.read_text(encoding="utf-8"), re.MULTILINE))
