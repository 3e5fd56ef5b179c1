"""Settings that cannot work together are refused at the start, unlikely ones are told."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kaltura_bridge.checks import check_settings


@pytest.fixture
def production(settings):
    """Settings as of an installation that people use."""
    settings.SITE_URL = "https://events.example.org"
    settings.KALTURA_SERVICE_URL = "https://www.kaltura.com"
    settings.KALTURA_KAF_URL = "https://101.kaf.kaltura.com"
    settings.KALTURA_WEBHOOK_SECRET = settings.KALTURA_ADMIN_SECRET
    return settings


def test_lease_shorter_than_a_call_is_refused(settings):
    settings.KALTURA_TIMEOUT_S, settings.KALTURA_LEASE_S = 20, 25

    (error,) = check_settings(None)

    assert (error.id, error.hint, error.is_serious()) == (
        "kaltura_bridge.E001",
        "Set KALTURA_LEASE_S to 30 or more, or reduce KALTURA_TIMEOUT_S.",
        True,
    )


def test_start_up_refuses_settings_that_do_harm():
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "KALTURA_LEASE_S": "5"}

    ended = subprocess.run(
        [sys.executable, "-m", "django", "check"], env=environment, capture_output=True, text=True
    )

    assert (ended.returncode, "(kaltura_bridge.E001)" in ended.stderr) == (1, True)


def test_settings_of_production_fit(production):
    assert check_settings(None) == []


def test_settings_of_a_local_kaltura_fit(settings):
    settings.SITE_URL = "http://localhost:8000"
    settings.KALTURA_SERVICE_URL = "http://127.0.0.1:8090"
    settings.KALTURA_KAF_URL = "http://101.kaf.localhost:8090"
    settings.KALTURA_WEBHOOK_SECRET = settings.KALTURA_ADMIN_SECRET

    assert check_settings(None) == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("KALTURA_SERVICE_URL", "https://www.kaltura.com/api_v3", "E002"),
        ("KALTURA_SERVICE_URL", "http://www.kaltura.com", "W001"),
        ("KALTURA_KAF_URL", "http://kaf.example.org", "W002"),
        ("KALTURA_KAF_URL", "https://999.kaf.kaltura.com", "W003"),
        ("KALTURA_KAF_URL", "https://999-2.kaf.kaltura.com", "W003"),
        ("SITE_URL", "http://localhost:8000", "W004"),
        ("KALTURA_KAF_KS_S", 7200, "W005"),
        ("KALTURA_WEBHOOK_SECRET", "f" * 32, "W006"),
    ],
)
def test_setting_that_does_not_fit_is_named(production, name, value, number):
    setattr(production, name, value)

    (message,) = check_settings(None)

    assert (message.id, name in message.msg) == (f"kaltura_bridge.{number}", True)
    assert message.hint


def test_kaf_under_a_name_of_its_own_fits(production):
    production.KALTURA_KAF_URL = "https://live.example.org"

    assert check_settings(None) == []
