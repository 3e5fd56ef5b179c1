"""The demo's notifications: made once, and pointed at the address that the portal has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from portal.seed.notifications import WATCHED, subscribe_to_notifications

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

HOOK = "/webhooks/kaltura/"


@pytest.fixture
def here(simulator: Simulator, settings: Any) -> str:
    settings.KALTURA_WEBHOOK_SECRET = simulator.admin_secret
    settings.SITE_URL = "http://localhost:8000"
    return f"http://localhost:8000{HOOK}"


def held(simulator: Simulator) -> dict[str, tuple[Any, ...]]:
    """What each of the account's templates does, by system name."""
    return {
        row["systemName"]: (
            row["url"],
            row["status"],
            row["secureHashingAlgo"],
            row["data"]["format"],
            row["data"]["apiObjectType"],
        )
        for row in simulator.objects("eventNotificationTemplate")
    }


def wanted(address: str) -> dict[str, tuple[Any, ...]]:
    return {f"PORTAL_{source}": (address, 2, 2, 1, carried) for source, carried in WATCHED}


def test_templates_are_made_once(simulator: Simulator, here: str):
    first, second = subscribe_to_notifications(), subscribe_to_notifications()

    assert (first, second) == (len(WATCHED), 0)
    assert held(simulator) == wanted(here)
    assert len(simulator.objects("eventNotificationTemplate")) == len(WATCHED)


def test_templates_follow_the_portal_to_another_port(
    simulator: Simulator, here: str, settings: Any
):
    subscribe_to_notifications()
    settings.SITE_URL = "http://localhost:8123"

    changed = subscribe_to_notifications()

    assert changed == len(WATCHED)
    assert held(simulator) == wanted(f"http://localhost:8123{HOOK}")


def test_nothing_is_asked_where_messages_would_be_refused(
    simulator: Simulator, here: str, settings: Any
):
    settings.KALTURA_WEBHOOK_SECRET = ""

    assert (subscribe_to_notifications(), held(simulator)) == (0, {})


def test_watched_is_what_the_docs_tell_operators(settings: Any):
    page = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    told = [line.split()[1:] for line in page.splitlines() if line.startswith("watch HTTP")]

    assert told == [list(pair) for pair in WATCHED]
