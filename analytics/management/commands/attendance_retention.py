"""``manage.py attendance_retention``: the events whose time for names is over."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from analytics.privacy.retention import RetentionPlan, apply_due, retention_plans


class Command(BaseCommand):
    help = (
        "List the events whose named attendance has a last day, the next due first. With "
        "--apply, carry out what is due: names are replaced or deleted, figures stay. The "
        "scheduler does the same every hour."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What the command line takes."""
        parser.add_argument("--apply", action="store_true", help="carry out what is due")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the list, or what was done."""
        applied: bool = options["apply"]
        plans = apply_due() if applied else retention_plans()
        if options["json"]:
            rows = [plan.as_json() for plan in plans]
            self.stdout.write(json.dumps({"applied": applied, "events": rows}, ensure_ascii=False))
            return
        for plan in plans:
            self.stdout.write(_line(plan, applied))
        if not plans:
            self.stdout.write("Nothing is due." if applied else "No event has a last day.")


def _line(plan: RetentionPlan, applied: bool) -> str:
    when = "done" if applied else f"{'due since' if plan.is_due else 'due on'} {plan.due_on}"
    return (
        f"{plan.event.slug}: {plan.action}, {when}; {plan.people} people, "
        f"{plan.attendance} attendances, {plan.stays} stays, {plan.totals} viewing totals."
    )
