"""What a real Kaltura server answered, step by step, held to what the simulator answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from kaltura_bridge.simulator.testing import Simulator

FLOWS = Path(__file__).parents[2] / "recordings" / "kaltura_flows.py"


def test_recordings_of_a_real_server_are_matched_step_by_step(kaltura: Simulator):
    command = [sys.executable, str(FLOWS), "check", kaltura.url, str(kaltura.partner_id)]
    command += [kaltura.admin_secret, kaltura.user_secret]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    summary = done.stdout.strip().splitlines()[-1]
    assert (done.returncode, summary.partition(" failed")[0]) == (0, "208 passed, 0"), done.stdout
