"""``manage.py kaltura_orphans``: what carries our key at Kaltura and has no owner here."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kaltura_bridge.models import OrphanScan

NOTE = (
    "Another portal on the same account would look just the same. Delete only what you know: "
    "kaltura_orphans --delete KIND:ID (as listed; may be repeated)."
)


class Command(BaseCommand):
    help = (
        "List the objects at Kaltura that carry this portal's reference and have no owner here, "
        "and doubles of those that have one. Exit code 1 when there are any. With --delete, "
        "delete what is named and stands in the last list, unless it has changed since; exit "
        "code 1 when something was not deleted. Nothing is ever deleted otherwise."
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
        runs.look(scan)
        if scan.error:
            raise CommandError(scan.error)
        lines = [_line(row) for row in scan.orphans]
        lines.append(NOTE if scan.orphans else "There are no orphans.")
        self._say({"orphans": scan.orphans} if as_json else lines)
        if scan.orphans:
            sys.exit(1)

    def _delete(self, chosen: list[str], as_json: bool) -> None:
        from kaltura_bridge.orphans import runs  # loads the Kaltura client

        scan = OrphanScan.objects.filter(finished_at__isnull=False, error="").first()
        if scan is None:
            raise CommandError("Nothing was listed yet: run kaltura_orphans first.", returncode=2)
        scan.chosen, scan.chosen_at, scan.chosen_by = chosen, timezone.now(), None
        scan.removed_at = None
        scan.save(update_fields=["chosen", "chosen_at", "chosen_by", "removed_at"])
        removals = runs.delete_chosen(scan)
        found = {"removals": scan.removals, "orphans": scan.orphans}
        self._say(found if as_json else [_outcome(row) for row in scan.removals])
        if not all(removal.deleted for removal in removals):
            sys.exit(1)

    def _say(self, said: dict[str, Any] | list[str]) -> None:
        whole = "\n".join(said) if isinstance(said, list) else json.dumps(said, ensure_ascii=False)
        self.stdout.write(whole)


def _line(row: dict[str, Any]) -> str:
    age = f"{row['age_days']} days old, last changed {row['updated_at']}"
    return f"{row['kind']}:{row['remote_id']} “{row['name']}”, {row['reason']}, {age}, {row['key']}"


def _outcome(row: dict[str, Any]) -> str:
    return f"{row['kind']}:{row['remote_id']} {row['reason'] or 'deleted'}"
