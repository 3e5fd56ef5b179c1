"""The command line, shared by ``python -m`` and the management command."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from kaltura_simulator import accounts, constants
from kaltura_simulator.world import Options


def _background(text: str) -> float | None:
    """Seconds; None for the word ``lists``."""
    return None if text == "lists" else float(text)


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
    add("--newrow-token", default=token, metavar="T", help="opens the direct analytics door")
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
        choices=accounts.PLANS,
        default=constants.PROVISION,
        help="which accounts there are at first: events (%(default)s), empty, or reach",
    )
    add(
        "--notify-hosts",
        default="",
        metavar="HOST,HOST",
        help="where HTTP notifications may go besides this machine",
    )


def from_arguments(given: Mapping[str, Any]) -> Options:
    """The options as parsed."""
    return Options(
        bind=given["bind"],
        data=given["data"],
        partner_id=given["partner_id"],
        admin_secret=given["admin_secret"],
        user_secret=given["user_secret"],
        newrow_token=given["newrow_token"],
        index_delay_s=given["index_delay"],
        background_s=given["background"],
        provision=given["provision"],
        notify_hosts=given["notify_hosts"],
    )
