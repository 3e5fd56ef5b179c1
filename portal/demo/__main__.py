"""``python -m portal.demo``: run the whole product on this machine, until Ctrl-C."""

import argparse
import sys
from pathlib import Path

from portal.demo.config import DEFAULT_HOME, DemoConfig
from portal.demo.runner import Demo, DemoError
from portal.demo.welcome import welcome


def main() -> int:
    """Run it. Returns 0 if it was asked to stop, 1 if something went wrong."""
    config = _config()
    try:
        with Demo(config) as demo:
            demo.start()
            print(welcome(config), flush=True)
            demo.watch()
    except DemoError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print("\nStopped. The data is kept for the next run; make demo-reset deletes it.")
    return 0


def _config() -> DemoConfig:
    parser = argparse.ArgumentParser(prog="python -m portal.demo", description=__doc__)
    parser.add_argument("--port", type=_port, default=8000, help="the portal's port")
    parser.add_argument("--kaltura-port", type=_port, default=8090, help="the local Kaltura's port")
    parser.add_argument("--services", action="store_true", help="use PostgreSQL and Redis")
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME, help="where to keep the data")
    given = parser.parse_args()
    if given.port == given.kaltura_port:
        parser.error("PORT and KALTURA_PORT must differ.")
    return DemoConfig(given.port, given.kaltura_port, given.services, given.home.resolve())


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; it should be 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
