"""The command line: of ``python -m kaltura_simulator`` and of the portal's ``manage.py``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from kaltura_simulator import constants
from kaltura_simulator.options import SimulatorOptions
from kaltura_simulator.server import serve


def run(arguments: Sequence[str] | None = None, prog: str = "kaltura_simulator") -> None:
    """Read the command line (that of the process, unless given) and serve until stopped."""
    parser = argparse.ArgumentParser(
        prog=prog, description="A local Kaltura: API v3, KAF pages, Newrow analytics."
    )
    add_arguments(parser)
    serve(from_arguments(vars(parser.parse_args(arguments))))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare every option with its default."""
    bind = f"{constants.HOST}:{constants.PORT}"
    add = parser.add_argument
    add("--bind", default=bind, metavar="HOST:PORT", help=f"where to listen ({bind})")
    add("--data", default=constants.DATA_FILE, metavar="FILE", help="where to keep everything")
    add("--partner-id", type=int, default=constants.PARTNER_ID, metavar="N", help="the account")
    add("--admin-secret", default=constants.ADMIN_SECRET, metavar="S", help="signs sessions")
    add("--user-secret", default=constants.USER_SECRET, metavar="S", help="starts user sessions")
    token = constants.NEWROW_TOKEN
    add("--newrow-token", default=token, metavar="T", help="for the direct analytics API")
    add(
        "--index-delay",
        type=float,
        default=constants.INDEX_DELAY_S,
        metavar="SECONDS",
        help="how far lists lag behind writes",
    )
    add(
        "--background",
        type=_background,
        default=constants.BACKGROUND_S,
        metavar="SECONDS",
        help="how long work goes on behind a move or a delete; lists: as long as those lag",
    )
    add(
        "--provision",
        choices=constants.PROVISION_PLANS,
        default=constants.PROVISION,
        help="which accounts there are at first: events (%(default)s), empty, or reach",
    )
    add(
        "--notify-hosts",
        default="",
        metavar="HOST,HOST",
        help="where HTTP notifications may go, HOST or HOST:PORT; nowhere else",
    )
    add(
        "--fetch-hosts",
        default="",
        metavar="HOST,HOST",
        help="from where pictures and captions may be fetched, HOST or HOST:PORT; nowhere else",
    )
    add(
        "--live-cache",
        choices=("on", "off"),
        default="on",
        help="keep the answers of liveStream.isLive, 5 s while off air and 30 s while on air",
    )


def _background(text: str) -> float | None:
    """Seconds; None for the word ``lists``."""
    return None if text == "lists" else float(text)


def from_arguments(parsed: Mapping[str, Any]) -> SimulatorOptions:
    """The options as parsed."""
    return SimulatorOptions(
        bind=parsed["bind"],
        data=parsed["data"],
        partner_id=parsed["partner_id"],
        admin_secret=parsed["admin_secret"],
        user_secret=parsed["user_secret"],
        newrow_token=parsed["newrow_token"],
        index_delay_s=parsed["index_delay"],
        background_s=parsed["background"],
        provision=parsed["provision"],
        notify_hosts=parsed["notify_hosts"],
        fetch_hosts=parsed["fetch_hosts"],
        live_cache=parsed["live_cache"] == "on",
    )
