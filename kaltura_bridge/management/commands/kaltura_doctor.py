"""``manage.py kaltura_doctor``: check settings and account, a line for each check."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from kaltura_bridge.doctor import ReportLine


class Command(BaseCommand):
    help = (
        "Check every setting against the live account. Changes nothing at Kaltura. "
        "Exit code 1 when a check failed."
    )
    # The doctor reports the settings' own checks itself.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        from kaltura_bridge.doctor.run import has_failed, run_checks  # loads the Kaltura client

        if options["json"]:
            lines = run_checks()
            self.stdout.write(
                json.dumps({"checks": [line.as_json() for line in lines]}, ensure_ascii=False)
            )
        else:
            lines = run_checks(self._print)
        if has_failed(lines):
            sys.exit(1)

    def _print(self, line: ReportLine) -> None:
        fix = f" -> {line.fix}" if line.fix else ""
        self.stdout.write(f"{line.verdict:<8} {line.name}: {line.seen}{fix}")
        self.stdout.flush()
