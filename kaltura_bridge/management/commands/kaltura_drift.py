"""``manage.py kaltura_drift EVENT``: what was changed at Kaltura; changes nothing."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.management.arguments import event_named
from kaltura_bridge.sync.drift import drift_rows


class Command(BaseCommand):
    help = (
        "Show, by object and field, where Kaltura differs from what the portal last wrote. "
        "Changes nothing. Exit code 1 when something differs."
    )

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
        rows = drift_rows(planned.operations)
        if options["json"]:
            self.stdout.write(json.dumps({"drifted": rows}, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_line(row) for row in rows) or "No drift.")
        if rows:
            sys.exit(1)


def _line(row: dict[str, str]) -> str:
    return (
        f"{row['object']}: {row['field']} is “{row['theirs']}” at Kaltura, "
        f"“{row['ours']}” in the plan, last written “{row['last_pushed']}”"
    )
