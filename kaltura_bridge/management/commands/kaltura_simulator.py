"""``manage.py kaltura_simulator``: lists the local Kaltura among the commands.

``manage.py`` starts it before any setting is read; ``call_command`` comes here.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from kaltura_simulator import command_line
from kaltura_simulator.server import serve


class Command(BaseCommand):
    """Serve a local Kaltura in the foreground until Ctrl-C."""

    help = "Run a local Kaltura: API v3, KAF pages, Newrow analytics."
    # The simulator needs no database and no other part of the portal.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The same options as ``python -m kaltura_simulator``."""
        command_line.add_arguments(parser)

    def handle(self, *args: Any, **given: Any) -> None:
        """Serve."""
        serve(command_line.from_arguments(given))
