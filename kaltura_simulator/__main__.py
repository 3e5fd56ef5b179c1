"""``python -m kaltura_simulator``."""

from __future__ import annotations

from kaltura_simulator.command_line import run

if __name__ == "__main__":
    run()
