"""``manage.py pull_attendance [EVENT]``: ask the sources who attended."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analytics.management.arguments import WRONG_USAGE, moment
from analytics.models import PullRun
from kaltura_bridge.management.arguments import event_named

COUNTS = (
    "runs stays totals new changed rejected unmatched_people unmatched_runs incomplete errors"
).split()


class Command(BaseCommand):
    help = (
        "Pull attendance from the meeting rooms and the webcast reports. Safe to repeat. "
        "Without EVENT: the sessions of the last three days. With EVENT and no --since: all its "
        "sessions so far. Exit code 1 when a source failed, a row could not be read, or fewer "
        "rows came than the source says it has."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What the command line takes."""
        parser.add_argument("event", metavar="EVENT", nargs="?", help="the event's slug")
        parser.add_argument(
            "--since", metavar="ISO", help="sessions still open then or later; UTC without a zone"
        )
        parser.add_argument("--until", metavar="ISO", help="sessions whose doors opened by then")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Pull, print the result, exit with 1 if anything went wrong."""
        # Imported here: it loads the sources, which --help can do without.
        from analytics.pull import pull_attendance

        since, until = moment("--since", options["since"]), moment("--until", options["until"])
        if since and until and since > until:
            raise CommandError("--since is after --until.", returncode=WRONG_USAGE)
        event = event_named(options["event"]) if options["event"] else None
        run = pull_attendance(event, since, until)
        if options["json"]:
            counts = {name: getattr(run, name) for name in COUNTS}
            self.stdout.write(json.dumps(counts, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(summary_lines(run)))
        if run.errors or run.incomplete or run.rejected:
            sys.exit(1)


def summary_lines(run: PullRun) -> list[str]:
    """What a pull did, in sentences."""
    lines = [
        f"{run.runs} room runs with {run.stays} stays, {run.totals} webcast viewers: "
        f"{run.new} new, {run.changed} changed."
    ]
    if run.unmatched_people or run.unmatched_runs:
        lines.append(
            f"Unmatched: {run.unmatched_people} people (guests), "
            f"{run.unmatched_runs} room runs (outside every session's time)."
        )
    if run.rejected:
        lines.append(f"{run.rejected} rows could not be read: see Rejected rows in the admin.")
    lines += [
        f"Incomplete: {row['source']} {row['run'] or row['place']} returned {row['got']} of "
        f"{row['expected']} rows."
        for row in run.incomplete
    ]
    lines += [f"Failed: {row['session']}: {row['error']}" for row in run.errors]
    return lines
