"""``manage.py pull_attendance [EVENT]``: ask the sources who came."""

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
        "rows came than the source counts."
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
        """Pull, say what came of it, end with 1 when something is wrong."""
        from analytics.pull import pull_attendance  # with it comes what speaks to the sources

        since, until = moment("--since", options["since"]), moment("--until", options["until"])
        if since and until and since > until:
            raise CommandError("--since is after --until.", returncode=WRONG_USAGE)
        event = event_named(options["event"]) if options["event"] else None
        run = pull_attendance(event, since, until)
        if options["json"]:
            said = {name: getattr(run, name) for name in COUNTS}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(lines(run)))
        if run.errors or run.incomplete or run.rejected:
            sys.exit(1)


def lines(run: PullRun) -> list[str]:
    """What a pull did, for people."""
    said = [
        f"{run.runs} room runs with {run.stays} stays, {run.totals} webcast viewers: "
        f"{run.new} new, {run.changed} changed."
    ]
    if run.unmatched_people or run.unmatched_runs:
        said.append(
            f"Belong to nobody here: {run.unmatched_people} people (guests), "
            f"{run.unmatched_runs} runs (outside every session's time)."
        )
    if run.rejected:
        said.append(f"{run.rejected} rows could not be read; see Rejected rows in the admin.")
    said += [
        f"Incomplete: {row['source']} {row['run'] or row['place']} counts {row['expected']} rows "
        f"and gave {row['got']}."
        for row in run.incomplete
    ]
    said += [f"Failed: {row['session']}: {row['error']}" for row in run.errors]
    return said
