"""The health pages tell the truth, part by part."""

import pytest
import time_machine
from django.core.cache import caches
from django.test import override_settings
from kombu.exceptions import OperationalError

from portal import health, heartbeat

NOWHERE = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:9/0",
    }
}


def test_live_asks_nothing_of_anybody(client):
    answer = client.get("/health/live")

    assert (answer.status_code, answer.json()) == (200, {"live": True})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.postgres
def test_ready_names_every_part(client):
    heartbeat.beat()

    answer = client.get("/health/ready")

    found = answer.json()
    assert (answer.status_code, found.pop("ready")) == (200, True)
    assert {name: part["ok"] for name, part in found.items()} == dict.fromkeys(
        ("database", "cache", "broker", "migrations", "worker"), True
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
        heartbeat.beat()
        clock.shift(heartbeat.STALE_AFTER_S)
        still_alive = client.get("/health/ready").status_code
        clock.shift(1)
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
    monkeypatch.setattr(health.app.conf, "broker_write_url", "redis://127.0.0.1:9/0")

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
    health._all_applied.cache_clear()
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
