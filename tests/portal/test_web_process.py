"""What the web process of a grown installation does without."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import environment

ROOT = Path(__file__).resolve().parents[2]

CODE = """
import sys
UNNEEDED = {
    *("KalturaClient", "portal.embedded", "pydantic", "lxml.etree", "icalendar", "fpdf", "PIL"),
    *("fido2", "cryptography"),
}
import portal.wsgi
from django.test import Client
from django.urls import get_resolver

def resolve(patterns):
    for pattern in patterns:
        resolve(getattr(pattern, "url_patterns", []))

resolve(get_resolver().url_patterns)
assert Client().get("/health/live", headers={"host": "localhost"}).status_code == 200
print(sorted(name for name in sys.modules if name in UNNEEDED))
"""


@pytest.mark.parametrize(
    ("redis_url", "found"),
    [("redis://127.0.0.1:9/0", "[]"), ("", "[]")],
)
def test_web_process_loads_no_kaltura_client_and_no_worker(redis_url, found):
    env = environment.SETTINGS | {"DATABASE_URL": "sqlite://:memory:", "REDIS_URL": redis_url}
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout.strip()) == (0, found), done.stderr
