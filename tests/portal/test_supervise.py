"""What ends by itself is started again; what cannot start says so; who asks is obeyed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.portal.test_processes import gone_within

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def supervised(code: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """The supervisor over a Python program that appends its process id to ``folder/pids``."""
    begin = f"import os, sys, time; print(os.getpid(), file=open({str(folder / 'pids')!r}, 'a'));"
    command = [sys.executable, "-m", "portal.supervise", sys.executable, "-c", begin + code]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def pids(folder: Path, number: int) -> list[int]:
    """The first process ids, once there are so many."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        file = folder / "pids"
        found = [int(line) for line in file.read_text().split()] if file.exists() else []
        if len(found) >= number:
            return found
        time.sleep(0.05)
    raise AssertionError(f"Fewer than {number} starts.")


def test_killed_program_is_started_again(tmp_path):
    with supervised("time.sleep(60)", tmp_path) as supervisor:
        [first] = pids(tmp_path, 1)
        os.kill(first, signal.SIGKILL)
        second = pids(tmp_path, 2)[1]
        os.kill(second, signal.SIGTERM)
        third = pids(tmp_path, 3)[2]
        supervisor.terminate()

        assert supervisor.wait(10) == 0
        assert gone_within(third, 1)
        assert supervisor.stderr.read().splitlines() == [
            f"{sys.executable} ended (killed by SIGKILL); starting it again.",
            f"{sys.executable} ended (killed by SIGTERM); starting it again.",
        ]


def test_program_that_cannot_start_gives_its_exit_code(tmp_path):
    with supervised("sys.exit('REDIS_URL is malformed.')", tmp_path) as supervisor:
        assert supervisor.wait(30) == 1
        assert supervisor.stderr.read() == "REDIS_URL is malformed.\n"


def test_program_that_does_not_stop_is_killed_when_asked_twice(tmp_path):
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    code = f"{deaf} open({str(tmp_path / 'deaf')!r}, 'w'); time.sleep(60)"
    with supervised(code, tmp_path) as supervisor:
        [pid] = pids(tmp_path, 1)
        while not (tmp_path / "deaf").exists():
            time.sleep(0.02)
        supervisor.terminate()
        time.sleep(0.3)
        still_there = Path(f"/proc/{pid}").exists()
        supervisor.terminate()

        assert (still_there, supervisor.wait(10)) == (True, 0)
        assert gone_within(pid, 1)


def test_program_goes_with_its_supervisor(tmp_path):
    with supervised("time.sleep(60)", tmp_path) as supervisor:
        [pid] = pids(tmp_path, 1)
        supervisor.kill()

        assert gone_within(pid, 5)
