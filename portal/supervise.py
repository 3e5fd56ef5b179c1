"""``python -m portal.supervise PROGRAM ...``: keep a program running.

For ``make run``, ``make worker`` and ``make beat``; an installation leaves this to its
service manager. A program that ends by itself is started again, after a pause that grows
while it keeps ending. SIGTERM or Ctrl-C stop both, a second one at once.
"""

import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import Final

from portal.demo.processes import Child

# Ended with an error before this on its first run: its settings are wrong, and it has said so.
_TRIAL_S: Final = 30.0
# A run longer than this was a good one.
_GOOD_RUN_S: Final = 60.0
_PAUSES_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
_TICK_S: Final = 0.05


class Supervisor:
    """One program, run again and again."""

    def __init__(self, command: Sequence[str], trial_s: float = _TRIAL_S) -> None:
        """Nothing runs before ``run``."""
        self._command = command
        self._trial_s = trial_s
        self._asked = 0

    def run(self) -> int:
        """Return 0 when asked to stop, else the exit code of a program that cannot start."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask)
        failures = first = 0
        while True:
            began = time.monotonic()
            code = self._run_once()
            if self._asked:
                return 0
            lasted_s = time.monotonic() - began
            if not first and code > 0 and lasted_s < self._trial_s:
                return code
            first = 1
            failures = 0 if lasted_s > _GOOD_RUN_S else failures + 1
            self._pause(code, _PAUSES_S[min(failures, len(_PAUSES_S) - 1)])

    def _run_once(self) -> int:
        child = Child(self._command[0], self._command)
        told = 0
        while child.exit_code is None:
            if self._asked > told:
                told = self._asked
                child.ask_to_stop()
            if told > 1:
                break
            time.sleep(_TICK_S)
        child.wait(0)
        return child.exit_code or 0

    def _pause(self, code: int, seconds: float) -> None:
        print(f"{self._command[0]} ended ({_how(code)}); starting it again.", file=sys.stderr)
        deadline = time.monotonic() + seconds
        while not self._asked and time.monotonic() < deadline:
            time.sleep(_TICK_S)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked += 1


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m portal.supervise PROGRAM [ARGUMENT ...]")
    sys.exit(Supervisor(sys.argv[1:]).run())
