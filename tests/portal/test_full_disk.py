"""A full disk: pages are shown, saving says that it failed, and all is well once there is room."""

import re
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.backends.sqlite3._functions import register

from tests import environment
from tests.portal.test_gunicorn import free_port, gunicorn, readiness, wait_until_ready

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("Only root may mount a small disk.")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def request(url: str, form: dict[str, str] | None = None, cookie: str = "") -> tuple[int, str, str]:
    """Status, text and cookie of an answer."""
    data = urllib.parse.urlencode(form).encode() if form else None
    headers = {"Cookie": cookie, "Referer": url}
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30)
    except urllib.error.HTTPError as refusal:
        answer = refusal
    with answer:
        set_cookie = answer.headers.get("Set-Cookie", "").split(";")[0]
        return answer.status, answer.read().decode(), set_cookie


def fill(disk: Path) -> Path:
    """Nothing fits any more."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return filler


def test_full_disk_stops_saving_and_nothing_else(small_disk):
    env = environment.SETTINGS | {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": f"sqlite:///{small_disk}/portal.sqlite3",
        "REDIS_URL": "",
    }
    for command in (["migrate", "-v", "0"], ["seed_demo", "--sessions", "5", "--attendees", "1"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True)
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    pages = [f"{site}/health/live", f"{site}/", f"{site}/e/synthetic/agenda/"]
    login = f"{site}/accounts/login/"
    with gunicorn(env, port):
        assert wait_until_ready(port, 60), readiness(port)
        _, form, cookie = request(login)
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', form).group(1)
        fields = {"csrfmiddlewaretoken": token, "login": "ada@example.org"}

        filler = fill(small_disk)
        shown = [request(page)[0] for page in pages]
        refused = request(login, fields, cookie)
        while readiness(port)["ready"]:
            pass
        parts = readiness(port)
        filler.unlink()
        is_ready_again = wait_until_ready(port)
        accepted = request(login, fields, cookie)

    assert shown == [200, 200, 200]
    assert (refused[0], "Something broke on our side" in refused[1]) == (500, True)
    assert (parts["database"]["ok"], parts["disk"]["seen"]) == (
        False,
        "only 0 MB free for the database",
    )
    assert (is_ready_again, accepted[0]) == (True, 200)
    with sqlite3.connect(small_disk / "portal.sqlite3") as database:
        # Checks of the tables use functions that Django adds to SQLite.
        register(database)
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
