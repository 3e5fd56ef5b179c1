"""The five calls with curl in docs/simulator.md do what the page says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from kaltura_simulator.testing import Simulator

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"


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
