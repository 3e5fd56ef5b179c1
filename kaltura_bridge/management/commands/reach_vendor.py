"""``manage.py reach_vendor``: take orders of captions from other accounts, and deliver them."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

if TYPE_CHECKING:
    from kaltura_bridge.reach.features import Feature
    from kaltura_bridge.reach.rounds import RoundReport


class Command(BaseCommand):
    help = (
        "The vendor's side of REACH: takes the jobs that wait for REACH_VENDOR_PARTNER_ID, has "
        "an engine make captions, and delivers them. Runs until it is stopped; may be stopped, "
        "or killed, at any time, and run several times at once. "
        "Exit code 1 when a job failed or Kaltura does not answer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")
        parser.add_argument(
            "--engine", default=settings.REACH_VENDOR_ENGINE, help="sidecar, local, module:Class"
        )
        parser.add_argument(
            "--engine-option",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="such as folder=/srv/subtitles; may be given several times",
        )
        parser.add_argument("--most", type=int, default=100, help="jobs in a round (100)")
        parser.add_argument("--only", default="", help="captions,live-caption,...; empty: all")
        parser.add_argument("--every", type=float, default=30, help="seconds between rounds (30)")
        parser.add_argument("--json", action="store_true", help="with --once: one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        from kaltura_bridge.api.errors import KalturaError  # loads the Kaltura client
        from kaltura_bridge.reach.account import VendorAccount, VendorNotSetUp
        from kaltura_bridge.reach.engines.base import EngineUnavailable
        from kaltura_bridge.reach.engines.registry import engine_named
        from kaltura_bridge.reach.rounds import VendorRound

        if options["json"] and not options["once"]:
            raise CommandError("--json needs --once.", returncode=2)
        only = _features(options["only"])
        try:
            engine = engine_named(options["engine"], _options(options["engine_option"]))
            account = VendorAccount()
        except (EngineUnavailable, VendorNotSetUp) as error:
            raise CommandError(str(error), returncode=2) from error
        while True:
            round_ = VendorRound(account, engine, options["engine"], options["most"], only)
            try:
                report = round_.run()
            except KalturaError as error:
                if options["once"]:
                    raise CommandError(str(error), returncode=1) from error
                self.stderr.write(str(error))
                report = round_.report
            self._print(report, options["json"])
            if options["once"]:
                sys.exit(1 if report.failed else 0)
            time.sleep(max(1.0, options["every"]))

    def _print(self, report: RoundReport, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
            return
        for task in report.ready:
            self.stdout.write(f"ready     task {task}")
        for task in report.scheduled:
            self.stdout.write(f"scheduled task {task}")
        for word in ("failed", "withdrawn", "waiting"):
            for task, reason in getattr(report, word):
                self.stdout.write(f"{word:<9} task {task}: {reason}")
        self.stdout.flush()


def _options(given: list[str]) -> dict[str, str]:
    """NAME=VALUE as a dictionary, those of the settings first."""
    found: dict[str, str] = {}
    for each in (*settings.REACH_VENDOR_ENGINE_OPTIONS, *given):
        name, equals, value = each.partition("=")
        if not (name and equals):
            raise CommandError(f"An option is NAME=VALUE, not “{each}”.", returncode=2)
        found[name] = value
    return found


def _features(text: str) -> frozenset[Feature]:
    from kaltura_bridge.reach.features import Feature

    known = {feature.word: feature for feature in Feature if feature is not Feature.OTHER}
    words = [word.strip() for word in text.split(",") if word.strip()]
    wrong = [word for word in words if word not in known]
    if wrong:
        raise CommandError(
            f"There is no kind of work “{wrong[0]}”. There are: {', '.join(known)}.", returncode=2
        )
    return frozenset(known[word] for word in words)
