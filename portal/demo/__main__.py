"""``python -m portal.demo``: run the whole product here, until Ctrl-C."""

import argparse
import sys
from pathlib import Path

from portal.demo.plan import DEFAULT_HOME, Plan
from portal.demo.runner import Demo, DemoError
from portal.demo.welcome import welcome


def main() -> int:
    """Run it; 0 when it was asked to stop, 1 when something went wrong."""
    plan = _plan()
    try:
        with Demo(plan) as demo:
            demo.start()
            print(welcome(plan), flush=True)
            demo.watch()
    except DemoError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print("\nStopped. The data stays for the next time; make demo-reset starts over.")
    return 0


def _plan() -> Plan:
    parser = argparse.ArgumentParser(prog="python -m portal.demo", description=__doc__)
    parser.add_argument("--port", type=_port, default=8000, help="the portal's port")
    parser.add_argument("--kaltura-port", type=_port, default=8090, help="the local Kaltura's port")
    parser.add_argument("--services", action="store_true", help="use PostgreSQL and Redis")
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME, help="where to keep the data")
    given = parser.parse_args()
    if given.port == given.kaltura_port:
        parser.error("PORT and KALTURA_PORT must differ.")
    return Plan(given.port, given.kaltura_port, given.services, given.home.resolve())


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; it should be 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
