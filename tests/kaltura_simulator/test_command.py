"""The simulator's command line: of its own, and as a management command of the portal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kaltura_simulator.testing import free_port
from tests import environment
from tests.kaltura_simulator.support.clients import http

ROOT = Path(__file__).parents[2]


def test_command_serves_the_partner_it_was_given(tmp_path: Path):
    options = ["--partner-id", "777", "--data", str(tmp_path / "k.sqlite3")]
    options += ["--admin-secret", "a" * 32, "--user-secret", "b" * 32, "--index-delay", "0"]
    start = f"/api_v3/service/session/action/start?partnerId=777&type=2&secret={'a' * 32}&format=1"
    command = ["manage.py", "kaltura_simulator", *options]
    assert _reply_of(command, ROOT, environment.SETTINGS, start).startswith('"djJ8Nzc3f')


@pytest.mark.parametrize(
    "command", [["-m", "kaltura_simulator"], ["manage.py", "kaltura_simulator"]]
)
def test_command_needs_no_setting_and_nothing_of_the_portal(tmp_path: Path, command: list[str]):
    shutil.copy(ROOT / "manage.py", tmp_path)
    (tmp_path / "kaltura_simulator").symlink_to(ROOT / "kaltura_simulator")
    ping = "/api_v3/service/system/action/ping?format=1"
    assert _reply_of(command, tmp_path, {}, ping) == "true"
    assert (tmp_path / "var" / "kaltura.sqlite3").exists()


def test_command_is_listed_and_explained_by_the_portals_help():
    env = {"PATH": os.environ["PATH"], **environment.SETTINGS}

    def help_of(*arguments: str) -> str:
        command = [sys.executable, "manage.py", "help", *arguments]
        return subprocess.check_output(command, cwd=ROOT, env=env, text=True, timeout=60)

    assert "kaltura_simulator" in help_of("--commands").split()
    assert "--provision {events,empty,reach}" in help_of("kaltura_simulator")


def _reply_of(command: list[str], folder: Path, settings: dict[str, str], path: str) -> str:
    """What the program replies to a GET of ``path``, with ``settings`` as all its environment."""
    port = free_port()
    command = [sys.executable, *command, "--bind", f"127.0.0.1:{port}"]
    env = {"PATH": os.environ["PATH"], **settings}
    process = subprocess.Popen(command, cwd=folder, env=env, start_new_session=True)
    try:
        return _when_ready(f"http://127.0.0.1:{port}{path}")
    finally:
        process.terminate()
        assert process.wait(10) == 0


def _when_ready(url: str) -> str:
    deadline = time.monotonic() + 20
    while True:
        try:
            return http(url)[2]
        except OSError:
            assert time.monotonic() < deadline, "The command never answered."
            time.sleep(0.1)
