"""The demo, for real: ready, usable, stopped at once, and its data kept."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from portal.demo import welcome
from portal.demo.config import DemoConfig
from tests.portal.test_gunicorn import free_port, wait_until_ready

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def demo(home: Path, port: int, kaltura_port: int) -> Iterator["subprocess.Popen[str]"]:
    """The demo as ``make demo`` runs it, on its own data and ports."""
    command = [sys.executable, "-m", "portal.demo", "--home", str(home)]
    command += ["--port", str(port), "--kaltura-port", str(kaltura_port)]
    running = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=20)


def until_ready(running: "subprocess.Popen[str]") -> str:
    """Everything it prints until it is ready."""
    said = ""
    assert running.stdout
    for line in running.stdout:
        said += line
        if "Ctrl-C stops all of it" in line:
            return said
    pytest.fail(f"The demo ended before it was ready:\n{said}")


def descendants(pid: int) -> set[int]:
    """All processes below this one."""
    found: set[int] = set()
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found |= {int(child)} | descendants(int(child))
    return found


def opener_for(site: str, address: str) -> urllib.request.OpenerDirector:
    """A browser's worth of cookies, after logging in with the demo's password."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    _submit_password(opener, site, address)
    return opener


def log_in(site: str, address: str) -> str:
    """The address where a person lands who logs in with the demo's password."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    return _submit_password(opener, site, address)


def _submit_password(opener: urllib.request.OpenerDirector, site: str, address: str) -> str:
    form = opener.open(f"{site}/accounts/login/password/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form).group(1)
    fields = {"login": address, "password": welcome.PASSWORD, "csrfmiddlewaretoken": token}
    data = urllib.parse.urlencode(fields).encode()
    request = urllib.request.Request(
        f"{site}/accounts/login/password/", data, {"Referer": f"{site}/accounts/login/password/"}
    )
    return opener.open(request).url


def status_of(url: str) -> int:
    """The status of a page that is there."""
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.status


def test_demo_gets_ready_serves_everybody_and_stops_on_one_signal(tmp_path):
    config = DemoConfig(free_port(), free_port(), home=tmp_path)
    with demo(tmp_path, config.port, config.kaltura_port) as running:
        said = until_ready(running)
        addresses = re.findall(r"http://\S+", said.partition("The portal is ready.")[2])
        statuses = {address: status_of(address) for address in addresses}
        logins = {log_in(config.site_url, address) for address, _ in welcome.PEOPLE}
        below = descendants(running.pid)
        asked = time.monotonic()
        running.send_signal(signal.SIGINT)
        running.wait(10)

        assert statuses == dict.fromkeys(addresses, 200)
        assert len(addresses) == 6
        assert "No attendance" not in said
        assert logins == {f"{config.site_url}/"}
        assert (running.returncode, time.monotonic() - asked < 5) == (0, True)
        assert {pid for pid in below if Path(f"/proc/{pid}").exists()} == set()

    kept = (tmp_path / "secret-key").read_text()
    with demo(tmp_path, config.port, config.kaltura_port) as running:
        until_ready(running)
        assert (tmp_path / "secret-key").read_text() == kept
        assert log_in(config.site_url, "attendee@demo.example") == f"{config.site_url}/"


def test_demo_starts_again_what_was_killed(tmp_path):
    config = DemoConfig(free_port(), free_port(), home=tmp_path)
    with demo(tmp_path, config.port, config.kaltura_port) as running:
        until_ready(running)
        for pid in Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split():
            os.killpg(int(pid), signal.SIGKILL)
        said = [running.stdout.readline(), running.stdout.readline()]

        assert wait_until_ready(config.port, 60)
        assert status_of(config.kaltura_url + "/") == 200
        assert sorted(said) == [
            "kaltura ended with exit code -9; starting it again.\n",
            "portal ended with exit code -9; starting it again.\n",
        ]


def test_demo_names_the_variable_when_a_port_is_taken(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with demo(tmp_path, free_port(), port) as running:
            said, _ = running.communicate(timeout=20)

    assert running.returncode == 1
    assert (
        said.strip() == f"Port {port} is taken. Choose another: make demo KALTURA_PORT={port + 1}"
    )


def test_second_demo_on_the_same_data_is_refused(tmp_path):
    from portal.demo.runner import lock

    with lock(tmp_path), demo(tmp_path, free_port(), free_port()) as running:
        said, _ = running.communicate(timeout=20)

    assert (running.returncode, said.strip()) == (
        1,
        "A demo is already running here. Stop it first with Ctrl-C.",
    )


def test_welcome_names_the_people_that_are_seeded():
    from portal.seed import people

    assert welcome.PASSWORD == people.PASSWORD
    assert {address for address, _ in welcome.PEOPLE} == {who.address for who in people.LOGINS}


def test_demo_environment_takes_nothing_from_the_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("KALTURA_ADMIN_SECRET", "somebody-elses")
    monkeypatch.setenv("DATABASE_URL", "postgres://production/portal")

    env = DemoConfig(8000, 8090, home=tmp_path).env()

    assert env["KALTURA_ADMIN_SECRET"] != "somebody-elses"
    assert env["DATABASE_URL"] == f"sqlite:///{tmp_path}/portal.sqlite3"
