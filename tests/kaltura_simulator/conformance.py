"""``python -m tests.kaltura_simulator.conformance``: replay a real Kaltura server's steps at the simulator.

Starts a fresh simulator, makes its account the one that was recorded, and runs the scripts of
``tests/kaltura_simulator/recordings``. The last line of each says how many steps passed. The exit code is 0
when exactly the steps in ``DIFFERENCES`` failed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kaltura_simulator import constants
from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import call, ks_of

FOLDER = Path(__file__).parent / "recordings"
SCRIPTS = ("flows.py", "flows_more.py", "flows_live.py")
#: The recordings tell the account's id from other numbers only when it has five digits.
PARTNER_ID = 10101
PARTNER_NAME = "Oracle sandbox"
BACKGROUND_S = "1"
#: Steps whose answers differ here, and why; docs/simulator.md explains them.
DIFFERENCES: dict[str, str] = {}
_LAST_LINE = re.compile(r"(\d+) passed, (\d+) failed, \d+ differences")


@dataclass(frozen=True)
class ScriptRun:
    """The outcome of one script: its steps, those that failed, what it printed, and its last line."""

    names: frozenset[str]
    failed: frozenset[str]
    printed: str
    last_line: str

    @property
    def steps(self) -> int:
        """How many steps were compared; 0 when the script did not come to its end."""
        found = _LAST_LINE.fullmatch(self.last_line)
        return int(found[1]) + int(found[2]) if found else 0


@contextmanager
def recorded_account() -> Iterator[Simulator]:
    """A fresh simulator whose account is what the recorded one was.

    It has no REACH, but two more partners have; its oldest video has a length of 0, which is what
    Kaltura answers as long as it does not know the length; lists are never behind.
    """
    simulator = Simulator.start(
        "--provision", "reach", "--background", BACKGROUND_S, partner_id=PARTNER_ID
    )
    try:
        call(simulator, "partner.update", ks=ks_of(simulator), partner={"name": PARTNER_NAME})
        simulator.set_length(constants.READY_VIDEOS[0][0], 0)
        yield simulator
    finally:
        simulator.stop()


def run(simulator: Simulator, script: str) -> ScriptRun:
    """Run the steps of one script."""
    command = [sys.executable, str(FOLDER / script), "check", simulator.url]
    command += [str(simulator.partner_id), simulator.admin_secret, simulator.user_secret]
    env = {**os.environ, "RECORDINGS_REACH": _other_partners(simulator)}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env=env
    )
    lines = (done.stdout + done.stderr).strip().splitlines() or ["It printed nothing."]
    failed = (line.removeprefix("FAIL ") for line in lines if line.startswith("FAIL "))
    return ScriptRun(names(script), frozenset(failed), "\n".join(lines), lines[-1])


def names(script: str) -> frozenset[str]:
    """The names of the steps that were recorded with a script."""
    golden = script.replace("flows", "golden").replace(".py", ".json")
    return frozenset(json.loads((FOLDER / golden).read_text("utf-8")))


def _other_partners(simulator: Simulator) -> str:
    """``CUSTOMER SECRET VENDOR SECRET``: the two other partners."""
    words = []
    for partner in sorted(set(simulator.state()["partners"]) - {simulator.partner_id}):
        rows = simulator.control("GET", "objects", kind="partner", partner=partner)["objects"]
        words += [str(partner), str(rows[0]["adminSecret"])]
    return " ".join(words)


def main() -> int:
    """Run all scripts, print what differs, and return 1 if that is not what is known to."""
    failed: set[str] = set()
    complete = True
    with recorded_account() as simulator:
        for script in SCRIPTS:
            result = run(simulator, script)
            failed |= result.failed
            complete = complete and result.steps > 0
            print(result.printed if result.failed or not result.steps else result.last_line)
    for name in sorted(failed & DIFFERENCES.keys()):
        print(f"known: {name}: {DIFFERENCES[name]}")
    for name in sorted(DIFFERENCES.keys() - failed):
        print(f"passes, though listed as a difference: {name}")
    return int(not complete or failed != DIFFERENCES.keys())


if __name__ == "__main__":
    sys.exit(main())
