"""``manage.py kaltura_sync EVENT``: bring an event in sync with Kaltura."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from kaltura_bridge.management.arguments import event_named
from kaltura_bridge.sync.sync_report import sync_report


class Command(BaseCommand):
    help = (
        "Compare the event with Kaltura and bring it in sync. With --wait, return when every "
        "object is in sync or has failed, when Kaltura refuses the account, or after that many "
        "seconds. Exit code 1 when something has failed, when Kaltura cannot be reached or "
        "refuses us, or with --wait when something is still waiting."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", help="the event's slug")
        parser.add_argument("--wait", type=float, default=0.0, metavar="SECONDS")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        from kaltura_bridge.sync import service  # loads the Kaltura client

        event = event_named(options["event"])
        work = service.sync_event(event, options["wait"])
        report = sync_report(service.targets_of(event), work)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self.stdout.write(report.as_text())
        if report.failed or report.reason or (options["wait"] and report.waiting):
            sys.exit(1)
