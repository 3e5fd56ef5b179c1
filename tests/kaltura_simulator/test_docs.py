"""The examples of docs/simulator.md and of the simulator's README work as printed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from kaltura_simulator.state.faults import MODES
from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import call, client_of, code_of, ks_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "simulator.md"
README = ROOT / "kaltura_simulator" / "README.md"


def test_docs_curl_script_works_as_printed(kaltura: Simulator, tmp_path: Path):
    script = re.findall(r"```sh\n(K=.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]
    script = script.replace("http://127.0.0.1:8090", kaltura.url)
    done = subprocess.run(
        ["bash", "-euc", script], capture_output=True, text=True, timeout=30, check=True
    )
    assert [row["name"] for row in kaltura.objects("category")][-1] == "Conference"
    assert [row["name"] for row in kaltura.objects("liveStream")] == ["Keynote"]
    assert '"totalCount": 2' in done.stdout
    assert "<code>CATEGORY_NOT_FOUND</code>" in done.stdout


def test_readme_examples_of_curl_and_python_work_as_printed(kaltura: Simulator, tmp_path: Path):
    text = README.read_text("utf-8").replace("http://127.0.0.1:8090", kaltura.url)
    shell, python = (
        re.findall(rf"```{tag}\n(.*?)```", text, re.DOTALL) for tag in ("sh", "python")
    )
    curl, fault, clock = shell[1:]
    listed = subprocess.check_output(["bash", "-euc", curl], text=True, timeout=30)
    client, testing = python
    printed = subprocess.check_output([sys.executable, "-c", client], text=True, timeout=60)
    subprocess.run(["bash", "-euc", fault + clock], check=True, capture_output=True, timeout=30)
    state = kaltura.state()
    subprocess.run([sys.executable, "-c", testing], cwd=ROOT, check=True, timeout=60)
    assert printed.split() == ["KAF", "KAF>site", "KAF>site>channels"]
    assert [row["fullName"] for row in json.loads(listed)["objects"]] == printed.split()
    assert [(rule["action"], rule["mode"]) for rule in state["faults"]] == [
        ("category.add", "lose_reply")
    ]
    assert state["now"] > time.time() + 3500


def test_docs_list_every_mode_of_faults():
    table = (
        PAGE.read_text("utf-8").partition("| `mode` | The caller sees |")[2].partition("\n\n")[0]
    )
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(MODES)


# ------------------------------------------------------- how to add a service, a rule, a fault
def blocks() -> dict[str, str]:
    """The code of that section by its first line, which names the file."""
    section = PAGE.read_text("utf-8").partition("\n## How to add")[2]
    found = re.findall(r"^( *)```python\n(.*?)^ *```$", section, re.DOTALL | re.MULTILINE)
    codes = [dedent(code) if indent else code for indent, code in found]
    return {code.partition("\n")[0].removeprefix("# "): code.partition("\n")[2] for code in codes}


def insert(file: Path, code: str, *, before: str = "", after: str = "") -> None:
    """Add code before or behind a text that is in the file once."""
    text, anchor = file.read_text("utf-8"), before or after
    assert text.count(anchor) == 1, (file, anchor)
    file.write_text(text.replace(anchor, code + before + after if before else after + code))


@pytest.fixture
def extended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A simulator whose code was extended exactly as the page does it."""
    package, code = tmp_path / "kaltura_simulator", blocks()
    shutil.copytree(ROOT / "kaltura_simulator", package, ignore=shutil.ignore_patterns("*.pyc"))
    for name in ("services/like.py", "rules/likes.py"):
        (package / name).write_text(code.pop(name))
    api = package / "api"
    insert(api / "build_schema.py", " Like", after='"AccessControlProfile')
    name = "api/permissions.py, in _TABLE, under USER"
    insert(api / "permissions.py", code.pop(name), after="    USER: (\n")
    name = "api/plugin_errors.py, joined to TEXTS at its end"
    insert(api / "plugin_errors.py", code.pop(name), before="TEXTS = ")
    insert(api / "plugin_errors.py", "LIKES | ", after="TEXTS = ")
    insert(
        package / "state" / "faults.py", code.pop("state/faults.py, in MODES"), after="MODES = {\n"
    )
    insert(api / "call_faults.py", code.pop("api/call_faults.py"), before="CALL_FAULTS: ")
    table = "RESULT_FAULTS: Mapping[str, Callable[[Any], Any]] = {\n"
    insert(api / "call_faults.py", code.pop("api/call_faults.py, in RESULT_FAULTS"), after=table)
    assert code == {}, "the test adds all that the page shows"
    env = {"PATH": os.environ["PATH"]}
    build = [sys.executable, "-m", "kaltura_simulator.api.build_schema"]
    subprocess.run(build, cwd=tmp_path, env=env, timeout=60, check=True)
    monkeypatch.setattr("kaltura_simulator.testing.ROOT", tmp_path)
    simulator = Simulator.start()
    yield simulator
    simulator.stop()


def test_docs_example_of_a_service_a_rule_and_a_fault_works(extended: Simulator):
    likes = client_of(extended, user="ann").like.like
    first = likes.like("0_videoone")
    second = code_of(likes.like, "0_videoone")
    missing = code_of(likes.like, "0_nosuchid")
    extended.fault("like.list", "wrong_total")
    wrong, right = (call(extended, "like_like.list", ks=ks_of(extended)) for _ in range(2))
    assert (first, second, missing) == (
        True,
        "USER_LIKE_FOR_ENTRY_ALREADY_EXISTS",
        "ENTRY_ID_NOT_FOUND",
    )
    rows = [(row["entryId"], row["userId"]) for row in right["objects"]]
    assert (rows, right["totalCount"]) == ([("0_videoone", "ann")], 1)
    assert wrong == right | {"totalCount": 2}
