"""``manage.py kaltura_orphans``: objects at Kaltura with our key that nothing here uses."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kaltura_bridge.models import OrphanScan

NOTE = (
    "Objects of another portal on the same account look just the same. Delete only what you "
    "recognise: kaltura_orphans --delete KIND:ID (as listed; may be repeated)."
)


class Command(BaseCommand):
    help = (
        "List the objects at Kaltura that have a portal's reference but are not used here, and "
        "duplicates of those that are. Exit code 1 when there are any. With --delete, delete "
        "the named objects of the last list, unless they have changed since; exit code 1 when "
        "something was not deleted. Nothing is ever deleted otherwise."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument(
            "--delete",
            action="append",
            default=[],
            metavar="KIND:ID",
            help="an object of the last list, for example entry:1_abcd2345; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["delete"]:
            self._delete(options["delete"], options["json"])
        else:
            self._list(options["json"])

    def _list(self, as_json: bool) -> None:
        from kaltura_bridge.orphans import runs  # loads the Kaltura client

        scan = OrphanScan.objects.create()
        runs.run_scan(scan)
        if scan.error:
            raise CommandError(scan.error)
        lines = [_line(row) for row in scan.orphans]
        lines.append(NOTE if scan.orphans else "There are no orphans.")
        self._print({"orphans": scan.orphans} if as_json else lines)
        if scan.orphans:
            sys.exit(1)

    def _delete(self, chosen: list[str], as_json: bool) -> None:
        from kaltura_bridge.orphans import runs  # loads the Kaltura client

        scan = OrphanScan.objects.filter(finished_at__isnull=False, error="").first()
        if scan is None:
            raise CommandError("There is no list yet: run kaltura_orphans first.", returncode=2)
        scan.chosen, scan.chosen_at, scan.chosen_by = chosen, timezone.now(), None
        scan.removed_at = None
        scan.save(update_fields=["chosen", "chosen_at", "chosen_by", "removed_at"])
        removals = runs.delete_chosen(scan)
        found = {"removals": scan.removals, "orphans": scan.orphans}
        self._print(found if as_json else [_outcome(row) for row in scan.removals])
        if not all(removal.deleted for removal in removals):
            sys.exit(1)

    def _print(self, output: dict[str, Any] | list[str]) -> None:
        whole = (
            "\n".join(output)
            if isinstance(output, list)
            else json.dumps(output, ensure_ascii=False)
        )
        self.stdout.write(whole)


def _line(row: dict[str, Any]) -> str:
    age = f"{row['age_days']} days old, last changed {row['updated_at']}"
    ref, key = f"{row['kind']}:{row['remote_id']}", row["key"] or "no reference"
    return f"{ref} “{row['name']}”, {row['reason']}, {age}, {key}"


def _outcome(row: dict[str, Any]) -> str:
    return f"{row['kind']}:{row['remote_id']} {row['reason'] or 'deleted'}"
