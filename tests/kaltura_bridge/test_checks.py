"""Settings that cannot work together are refused at the start."""

from __future__ import annotations

from kaltura_bridge.checks import lease_outlives_any_call


def test_lease_shorter_than_a_call_is_refused(settings):
    settings.KALTURA_TIMEOUT_S, settings.KALTURA_LEASE_S = 20, 25

    (error,) = lease_outlives_any_call(None)

    assert (error.id, error.hint) == (
        "kaltura_bridge.E001",
        "Set KALTURA_LEASE_S to 30 or more, or KALTURA_TIMEOUT_S lower.",
    )


def test_default_lease_outlives_any_call(settings):
    assert lease_outlives_any_call(None) == []
