"""``manage.py kaltura_plan EVENT``: what a sync would do; changes nothing."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.management.arguments import event_named
from kaltura_bridge.sync.plan_report import plan_report


class Command(BaseCommand):
    help = "Show what a sync of the event would do at Kaltura. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", help="the event's slug")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        from kaltura_bridge.sync import service  # loads the Kaltura client

        event = event_named(options["event"])
        try:
            planned = service.plan_event(event)
        except KalturaError as error:
            raise CommandError(f"Kaltura cannot be read: {error}. Nothing was changed.") from error
        report = plan_report(planned)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self.stdout.write(report.as_text())
