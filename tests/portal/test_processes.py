"""Children stop when asked, are made to when they refuse, and never outlive their parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from portal.demo.processes import Child

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('deaf', flush=True); time.sleep(60)",
]


def gone_within(pid: int, seconds: float) -> bool:
    """Whether the process ends in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_child_stops_when_asked():
    child = Child("sleeper", SLEEPER)

    child.ask_to_stop()
    child.wait(5)

    assert child.exit_code == -signal.SIGTERM


def test_child_that_refuses_is_killed(tmp_path):
    with (tmp_path / "log").open("wb") as log:
        child = Child("stubborn", STUBBORN, log=log)
    while not (tmp_path / "log").read_text():
        time.sleep(0.02)

    child.ask_to_stop()
    child.wait(0.2)

    assert child.exit_code == -signal.SIGKILL


def test_child_ends_when_its_parent_is_killed():
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time; from portal.demo.processes import Child;"
            f"print(Child('sleeper', {SLEEPER!r}).pid, flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    pid = int(parent.stdout.readline())

    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert gone_within(pid, 5)
    assert os.getpid() != pid
