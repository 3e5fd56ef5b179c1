"""``python -m kaltura_bridge.simulator``."""

from __future__ import annotations

import argparse

from kaltura_bridge.simulator import options
from kaltura_bridge.simulator.server import serve


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="kaltura_simulator", description="A local Kaltura.")
    options.add_arguments(parser)
    serve(options.from_arguments(vars(parser.parse_args())))


if __name__ == "__main__":
    main()
