"""``manage.py kaltura_simulator``: the same program as a management command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from kaltura_simulator.testing import free_port
from tests import environment
from tests.kaltura_simulator.support.clients import http

ROOT = Path(__file__).parents[2]


def test_command_serves_the_partner_it_was_given(tmp_path: Path):
    port = free_port()
    command = [sys.executable, "manage.py", "kaltura_simulator", "--partner-id", "777"]
    command += ["--bind", f"127.0.0.1:{port}", "--data", str(tmp_path / "k.sqlite3")]
    command += ["--admin-secret", "a" * 32, "--user-secret", "b" * 32, "--index-delay", "0"]
    env = {"PATH": os.environ["PATH"], **environment.SETTINGS}
    process = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)
    try:
        start = f"/api_v3/service/session/action/start?partnerId=777&type=2&secret={'a' * 32}"
        reply = _when_ready(f"http://127.0.0.1:{port}{start}&format=1")
    finally:
        process.terminate()
        assert process.wait(10) == 0
    assert reply.startswith('"djJ8Nzc3f')


def _when_ready(url: str) -> str:
    deadline = time.monotonic() + 20
    while True:
        try:
            return http(url)[2]
        except OSError:
            assert time.monotonic() < deadline, "The command never answered."
            time.sleep(0.1)
