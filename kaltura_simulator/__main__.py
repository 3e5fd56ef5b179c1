"""``python -m kaltura_simulator``."""

from __future__ import annotations

import argparse

from kaltura_simulator import options
from kaltura_simulator.server import serve


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="kaltura_simulator", description="A local Kaltura.")
    options.add_arguments(parser)
    serve(options.from_arguments(vars(parser.parse_args())))


if __name__ == "__main__":
    main()
