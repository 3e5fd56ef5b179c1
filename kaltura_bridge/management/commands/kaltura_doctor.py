"""``manage.py kaltura_doctor``: everything that settings and account can have wrong."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from kaltura_bridge.doctor import Line


class Command(BaseCommand):
    help = (
        "Check every setting against the live account. Writes nothing at Kaltura. "
        "Exit code 1 when a check failed."
    )
    # The settings' own checks are lines of the doctor.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        from kaltura_bridge.doctor.run import examine, has_failed  # loads the Kaltura client

        if options["json"]:
            lines = examine()
            self.stdout.write(
                json.dumps({"checks": [line.as_json() for line in lines]}, ensure_ascii=False)
            )
        else:
            lines = examine(self._tell)
        if has_failed(lines):
            sys.exit(1)

    def _tell(self, line: Line) -> None:
        fix = f" -> {line.fix}" if line.fix else ""
        self.stdout.write(f"{line.verdict:<8} {line.name}: {line.seen}{fix}")
        self.stdout.flush()
