"""The health pages tell the truth, part by part."""

import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection, connections
from django.test import Client, override_settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from kaltura_bridge.models import Account, SyncTarget
from portal import heartbeat, readiness
from tests.factories import EventFactory, UserFactory
from tests.portal.support.outages import BreakableRedis

ROOT = Path(__file__).resolve().parents[2]

NOWHERE = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:9/0",
    }
}


@pytest.fixture(autouse=True)
def no_answer_kept():
    """Each test, and each question after a change, gets an answer of its own."""
    readiness.forget()
    yield
    readiness.forget()


def everybody_beats():
    """Worker and scheduler run."""
    heartbeat.beat()
    heartbeat.beat(heartbeat.SCHEDULER)


def test_live_asks_nothing_of_anybody(client):
    answer = client.get("/health/live")

    assert (answer.status_code, answer.json()) == (200, {"live": True})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.postgres
def test_ready_names_every_part(client):
    everybody_beats()

    answer = client.get("/health/ready")

    found = answer.json()
    assert (answer.status_code, found.pop("ready")) == (200, True)
    assert {name: part["ok"] for name, part in found.items()} == dict.fromkeys(
        (
            "database",
            "disk",
            "cache",
            "broker",
            "migrations",
            "worker",
            "scheduler",
            "queue",
        ),
        True,
    )


@pytest.mark.django_db
def test_ready_is_503_without_a_worker(client):
    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["worker"] == {
        "ok": False,
        "seen": "no heartbeat; start: celery -A portal worker",
    }
    assert answer.json()["database"]["ok"] is True


@pytest.mark.django_db
def test_ready_is_503_when_the_worker_fell_silent(client):
    with time_machine.travel(0, tick=False) as clock:
        everybody_beats()
        clock.shift(heartbeat.STALE_AFTER_S)
        still_alive = client.get("/health/ready").status_code
        clock.shift(1)
        readiness.forget()
        answer = client.get("/health/ready")

    assert (still_alive, answer.status_code) == (200, 503)
    assert answer.json()["worker"]["seen"] == "last heartbeat 13 s ago"


@pytest.mark.django_db
def test_ready_is_503_when_the_cache_is_down(client):
    heartbeat.beat()
    with override_settings(CACHES=NOWHERE):
        answer = client.get("/health/ready")
        caches.close_all()

    assert answer.status_code == 503
    assert answer.json()["cache"] == {
        "ok": False,
        "seen": "does not answer (ConnectionError); see the log",
    }


@pytest.mark.django_db
def test_ready_is_503_when_the_broker_is_down(client, monkeypatch):
    heartbeat.beat()
    monkeypatch.setattr(readiness.app.conf, "broker_write_url", "redis://127.0.0.1:9/0")

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["broker"] == {
        "ok": False,
        "seen": f"does not answer ({OperationalError.__name__}); see the log",
    }


@pytest.mark.django_db
def test_ready_is_503_while_migrations_are_missing(client, django_db_blocker):
    from django.db.migrations.recorder import MigrationRecorder

    heartbeat.beat()
    readiness.all_applied.cache_clear()
    MigrationRecorder.Migration.objects.filter(app="events").order_by("-pk")[0].delete()

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["migrations"]["ok"] is False
    assert answer.json()["migrations"]["seen"].endswith(
        "not applied; run: python manage.py migrate"
    )


def test_forgotten_heartbeat_is_no_sign_of_life():
    heartbeat.beat()
    heartbeat.forget()

    assert heartbeat.age_s() is None


@pytest.mark.django_db
def test_ready_is_503_soon_after_the_scheduler_died(client):
    with time_machine.travel(0, tick=False) as clock:
        everybody_beats()
        clock.shift(heartbeat.SCHEDULER_STALE_AFTER_S)
        heartbeat.beat()
        still_alive = client.get("/health/ready").status_code
        clock.shift(1)
        readiness.forget()
        answer = client.get("/health/ready")

    assert (still_alive, answer.status_code) == (200, 503)
    assert answer.json()["scheduler"] == {"ok": False, "seen": "last heartbeat 21 s ago"}
    assert answer.json()["worker"]["ok"] is True


CODE = """
import resource, sys, django
django.setup()
from portal import heartbeat, readiness
heartbeat.beat(); heartbeat.beat(heartbeat.SCHEDULER)
before = readiness.report()["database"]
# From here on no file may grow: what a full disk does to those who write.
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
readiness.forget()
after = readiness.report()["database"]
print(before.ok, before.seen)
print(after.ok, after.seen)
"""


@pytest.mark.django_db(transaction=True)
def test_ready_notices_that_the_database_takes_no_writes(portal_env):
    env = portal_env() | {"DJANGO_SETTINGS_MODULE": "portal.settings"}
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert done.stdout.splitlines() == [
        "True sqlite, takes writes",
        "False does not answer (OperationalError); see the log",
    ], done.stderr


@pytest.mark.django_db
def test_ready_is_503_when_the_disk_is_nearly_full(client, monkeypatch):
    everybody_beats()
    monkeypatch.setattr(readiness, "_LEAST_FREE_BYTES", 2**62)

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["disk"]["seen"].startswith("only ")


@pytest.mark.django_db
def test_ready_is_503_when_the_queue_stands_still(client):
    everybody_beats()
    EventFactory()
    began = timezone.now()
    SyncTarget.objects.update(next_attempt_at=began - timedelta(seconds=301))

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["queue"] == {"ok": False, "seen": "1 due, the oldest for 301 s"}


@pytest.mark.django_db
def test_queue_that_waits_for_kaltura_takes_nobody_offline(client, settings):
    everybody_beats()
    EventFactory()
    SyncTarget.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=301))
    Account.objects.create(partner_id=settings.KALTURA_PARTNER_ID, failing_since=timezone.now())

    answer = client.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json()["queue"]["seen"].endswith("; Kaltura does not take changes")


@pytest.mark.django_db(transaction=True)
def test_ready_waits_a_second_at_most_for_the_write_lock(client):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no such lock.")
    everybody_beats()
    assert client.get("/health/ready").status_code == 200
    readiness.forget()
    other = connections.create_connection("default")
    other.cursor().execute("BEGIN IMMEDIATE")
    began = time.monotonic()

    answer = client.get("/health/ready")

    took_s = time.monotonic() - began
    other.cursor().execute("ROLLBACK")
    other.close()
    assert answer.status_code == 200
    assert answer.json()["database"]["seen"].startswith("sqlite, busy; last written ")
    assert took_s < 4


@pytest.mark.django_db
def test_many_questions_are_one_look(client, django_assert_num_queries):
    everybody_beats()
    client.get("/health/ready")

    with django_assert_num_queries(0):
        assert client.get("/health/ready").status_code == 200


@pytest.mark.django_db
def test_health_and_admin_say_in_words_that_redis_is_away(client, settings):
    operator = UserFactory(is_staff=True, is_superuser=True)
    with BreakableRedis() as redis:
        settings.CACHES = {
            "default": {
                "BACKEND": "portal.fallback_cache.FallbackCache",
                "LOCATION": redis.url,
            }
        }
        everybody_beats()
        quiet = Client()
        quiet.force_login(operator)
        before = quiet.get("/admin/").content.decode()
        redis.kill()
        answer = client.get("/health/ready")
        page = quiet.get("/admin/").content.decode()
        caches.close_all()

    assert answer.status_code == 503
    found = answer.json()
    assert {name: found[name]["seen"] for name in ("cache", "broker", "worker")} == {
        "cache": "Redis does not answer; until it does, rate limits count in each process",
        "broker": "Redis does not answer",
        "worker": "unknown: heartbeats are in Redis, which does not answer",
    }
    assert ("Redis does not answer." in before, "Redis does not answer." in page) == (False, True)
