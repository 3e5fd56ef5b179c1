"""Two programs with eight threads each write for half a minute: nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kaltura_simulator.testing import Simulator

ROOT = Path(__file__).parents[2]
PROGRAMS, THREADS, SECONDS = ("a", "b"), 8, 30
#: What tells an object apart, besides its id.
SHOWN = {
    "category": lambda row: f"{row['name']}|{row.get('description', '')}",
    "entry": lambda row: row["name"],
    "schedule_event": lambda row: row["referenceId"],
    "metadata": lambda row: row["xml"],
    "category_entry": lambda row: "",
}


def program(kaltura: Simulator, name: str, seconds: float, threads: int) -> subprocess.Popen[bytes]:
    """One of the programs, running."""
    words = [kaltura.url, name, str(seconds), str(threads)]
    command = [sys.executable, "-m", "tests.kaltura_simulator.support.hammer", *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def logs_of(*running: subprocess.Popen[bytes]) -> list[dict[str, Any]]:
    """The logs of all threads of these programs, when they are done."""
    answers = [one.communicate(timeout=SECONDS + 60)[0] for one in running]
    assert [one.returncode for one in running] == [0] * len(running)
    return [log for answer in answers for log in json.loads(answer)]


def key_of(kind: str, row: dict[str, Any]) -> str:
    if kind == "category_entry":
        return f"{row['categoryId']}:{row['entryId']}"
    return str(row["id"])


def held(kaltura: Simulator, kind: str) -> list[tuple[str, str]]:
    """What exists: every object by its id, with its values."""
    return [(key_of(kind, row), SHOWN[kind](row)) for row in kaltura.objects(kind)]


@pytest.mark.proof
def test_hammering_by_two_programs_loses_nothing(kaltura: Simulator):
    before = {kind: {key_of(kind, row) for row in kaltura.objects(kind)} for kind in SHOWN}

    logs = logs_of(*[program(kaltura, name, SECONDS, THREADS) for name in PROGRAMS])

    assert len(logs) == len(PROGRAMS) * THREADS
    assert [surprise for log in logs for surprise in log["surprises"]] == []
    shared = Counter(name for log in logs for name in log["shared"])
    assert set(shared.values()) == {1}
    after = {kind: held(kaltura, kind) for kind in SHOWN}
    for kind, rows in after.items():
        told = [pair for log in logs for pair in log["kept"].get(kind, {}).items()]
        made = [row for row in rows if row[0] not in before[kind]]
        own = [row for row in made if not row[1].startswith("shared-")]
        assert sorted(own) == sorted(told)
    names = [text.partition("|")[0] for _, text in after["category"]]
    assert sorted(name for name in names if name.startswith("shared-")) == sorted(shared)
    gone = {key for log in logs for key in log["gone"]}
    assert gone & {key for key, _ in after["entry"]} == set()
    # Every thread made progress: none starved while others worked.
    assert min(log["calls"] for log in logs) > 20


@pytest.fixture
def own() -> Iterator[Simulator]:
    """A simulator that the test may kill."""
    simulator = Simulator.start()
    yield simulator
    simulator.stop()


def test_hammering_loses_nothing_that_was_acknowledged_before_a_kill(own: Simulator):
    running = program(own, "k", 4, 4)
    deadline = time.monotonic() + 30
    while len(own.objects("category")) < 20:
        assert time.monotonic() < deadline
        time.sleep(0.05)

    own.kill()
    logs = logs_of(running)
    own.launch()

    for kind in SHOWN:
        told = {pair for log in logs for pair in log["kept"].get(kind, {}).items()}
        assert told
        assert told - set(held(own, kind)) == set()
    # The only thing that callers saw of the kill is a broken connection.
    surprises = {text.partition(":")[0] for log in logs for text in log["surprises"]}
    assert surprises == {"KalturaClientException"}
