"""Child processes that never outlive the process that started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

_PR_SET_PDEATHSIG: Final = 1


class Child:
    """A process in a process group of its own, so that Ctrl-C stops them in our order."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        log: IO[bytes] | int | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        """Start it. It gets ``stop_signal`` when it is to stop, and when we die."""
        self.name = name
        self.stop_signal = stop_signal
        self.command, self.env = command, env
        self._process = subprocess.Popen(
            command,
            env=None if env is None else dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT if log is not None else None,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            process_group=0,
            preexec_fn=_dies_with_parent(stop_signal),
        )

    @property
    def pid(self) -> int:
        """The process id, which is the group's id too."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """Send the stop signal to the process alone: it stops its own children."""
        if self.exit_code is None:
            self._process.send_signal(self.stop_signal)

    def wait(self, timeout_s: float) -> None:
        """Wait for it to end; after ``timeout_s`` kill its whole process group."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_s)
        # Also after a clean end: whatever it left behind in its group must go.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def _dies_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Linux sends the signal when the parent is gone, however it died: prctl(2)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(stop_signal))

    return prepare
