"""Headers, cookies and the doors of the portal."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import environment

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = environment.SETTINGS | {
    "SITE_URL": "https://events.example.org",
    "ALLOWED_HOSTS": "",
    "DATABASE_URL": "postgres://portal:portal@db.example.org/portal",
    "REDIS_URL": "redis://redis.example.org:6379/0",
    "EMAIL_URL": "smtp+tls://portal:portal@mail.example.org:587",
    "SECRET_KEY": "kX2-9dLq_7Rw4VbN1zTgY6mHc3Jf8sPaQeUoWiBtDyGvMlKjCrEx0S5nZu",
    "TRUSTED_PROXY_COUNT": "1",
}


def production(*program: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    """A program of ours as an installation runs it."""
    env = PRODUCTION | changes
    return subprocess.run(
        [sys.executable, *program], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/signup/", "/health/live", "/nowhere/"]
)
def test_every_page_has_a_strict_policy(client, path):
    headers = client.get(path).headers

    directives = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert directives == {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "frame-src": "'none'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Permissions-Policy"].startswith("camera=(), microphone=(), display-capture=()")


@pytest.mark.django_db
def test_admin_login_goes_through_the_rate_limited_door(client):
    answer = client.get("/admin/", follow=True)

    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"


def test_deployment_check_finds_nothing():
    done = production("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert (done.returncode, done.stderr) == (0, "")


def test_https_site_gets_secure_cookies_and_redirects():
    code = (
        "from django.conf import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS, s.ALLOWED_HOSTS, s.CSRF_TRUSTED_ORIGINS)"
    )
    done = production("manage.py", "shell", "--no-imports", "-c", code)

    assert done.stdout == (
        "True True True 31536000 ['events.example.org'] ['https://events.example.org']\n"
    )


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"REDIS_URL": "", "WEB_CONCURRENCY": "2"}, "portal.E001"),
        ({"REDIS_URL": "", "EMBEDDED_WORKER": "false"}, "portal.E002"),
    ],
)
def test_check_refuses_processes_that_do_not_fit_together(changes, found):
    done = production("manage.py", "check", **changes)

    assert done.returncode == 1
    assert f"({found})" in done.stderr


def test_gunicorn_refuses_two_processes_with_the_embedded_broker():
    done = production(
        "-m",
        "gunicorn",
        "-c",
        "python:portal.gunicorn",
        "portal.wsgi",
        REDIS_URL="",
        WEB_CONCURRENCY="2",
    )

    assert done.returncode == 1
    assert done.stderr.startswith("WEB_CONCURRENCY is 2, but the embedded worker")


def test_worker_of_its_own_refuses_the_embedded_broker():
    done = production("-m", "celery", "-A", "portal", "worker", "--pool", "solo", REDIS_URL="")

    assert done.returncode != 0
    assert "REDIS_URL is empty: the in-memory broker cannot reach another process" in done.stderr


def test_every_test_that_the_page_on_security_names_is_there():
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    files = set(re.findall(r"`(tests/[\w/]+\.py)`", page))
    tests = set(re.findall(r"`(test_\w+)`", page))
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))

    assert sorted(name for name in files if not (ROOT / name).is_file()) == []
    assert sorted(name for name in tests if f"def {name}(" not in written) == []
    assert (len(files), len(tests)) > (15, 5)
