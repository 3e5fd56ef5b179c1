"""Measure everything, or the topics named, and print it: ``python -m tests.bench --help``.

The database is a new SQLite file, or TEST_DATABASE_URL: an empty one, which stays filled. Three
topics, asked for by themselves, start a PostgreSQL of their own: attendance, web and waiting.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from tests.bench.figures import Table
from tests.bench.stage import event_of, machine, stage

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

# In this order: a sync must come before anybody can join or have been there.
TOPICS = ("agenda", "planner", "import", "sync", "join", "export", "attendance", "simulator")
# By itself: it needs PostgreSQL and Redis, which it starts, and takes some minutes.
WEB = "web"
# Likewise: five hundred people wait for one broadcast.
WAITING = "waiting"
BY_ITSELF = (WEB, WAITING)
# By itself it is measured where it is meant to be large, unless --sqlite says otherwise.
ATTENDANCE = "attendance"
SESSIONS = 1000


def main() -> int:
    """Print the tables as they come, or one JSON document at the end."""
    wish = _arguments()
    began = time.monotonic()
    out, tables = _own_output(), []
    with _services(wish), stage() as kaltura:
        about = machine()
        if not wish.json:
            print(*(f"{name} {value}" for name, value in about.items()), sep=", ", file=out)
        for table in _measured(kaltura, wish.topics or TOPICS, wish.stays):
            tables.append(table)
            if not wish.json:
                print("", *table.lines(), sep="\n", file=out, flush=True)
    seconds = round(time.monotonic() - began)
    if wish.json:
        topics = [table.as_json() for table in tables]
        json.dump({"machine": about, "seconds": seconds, "topics": topics}, out, indent=2)
    print("" if wish.json else f"\nMeasured in {seconds} s.", file=out, flush=True)
    return 0


@contextmanager
def _services(wish: argparse.Namespace) -> Iterator[None]:
    """What the topic needs besides the local Kaltura, before settings are read."""
    is_free = not wish.sqlite and "TEST_DATABASE_URL" not in os.environ
    is_of_web = wish.topics in ([topic] for topic in BY_ITSELF)
    if not is_of_web and not (wish.topics == [ATTENDANCE] and is_free):
        yield
        return
    from tests.bench.web.services import services

    with services():
        yield


def _own_output() -> TextIO:
    """Standard output for us alone; what the programs we start say goes to standard error."""
    sys.stdout.flush()
    own = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return own


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Measure the portal."
    )
    parser.add_argument(
        "topics",
        nargs="*",
        metavar="TOPIC",
        help=f"{', '.join(TOPICS)}; or {' or '.join(BY_ITSELF)}, by itself",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument(
        "--stays",
        type=int,
        metavar="N",
        help="of attendance: how many stays, 2,000 to a session (1,000,000; on SQLite 200,000)",
    )
    parser.add_argument(
        "--sqlite", action="store_true", help="attendance by itself on SQLite, not PostgreSQL"
    )
    wish = parser.parse_args()
    if wish.topics in ([topic] for topic in BY_ITSELF):
        return wish
    if unknown := set(wish.topics) - set(TOPICS):
        *first, last = (*TOPICS, *BY_ITSELF)
        parser.error(
            f"there is no topic {sorted(unknown)[0]!r}; there are {', '.join(first)} and {last}"
        )
    return wish


def _measured(
    kaltura: Simulator, topics: list[str] | tuple[str, ...], stays: int | None
) -> Iterator[Table]:
    """The tables of these topics, in the order that they need each other."""
    if topics == [WEB]:
        from tests.bench.web import measure as web

        yield from web.measure()
    if topics == [WAITING]:
        from tests.bench.web import measure_waiting

        yield from measure_waiting.measure(kaltura)
    for topic in TOPICS:
        if topic in topics:
            yield _measure(topic, kaltura, stays)


def _measure(topic: str, kaltura: Simulator, stays: int | None) -> Table:
    # Only now: these modules need Django's models, and so a prepared environment.
    from tests.bench import agenda, export, imports, join, planner, simulator, sync
    from tests.bench.attendance import measure as attendance

    measures: dict[str, Callable[[], Table]] = {
        "agenda": agenda.measure,
        "planner": planner.measure,
        "import": imports.measure,
        "sync": lambda: sync.measure(kaltura, event_of(SESSIONS)),
        "join": lambda: join.measure(kaltura, event_of(SESSIONS)),
        "export": lambda: export.measure(event_of(SESSIONS)),
        "attendance": lambda: attendance.measure(kaltura, stays),
        "simulator": lambda: simulator.measure(kaltura),
    }
    return measures[topic]()


if __name__ == "__main__":
    sys.exit(main())
