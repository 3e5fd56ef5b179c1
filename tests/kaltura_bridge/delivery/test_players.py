"""What event and session may say of players."""

from __future__ import annotations

from typing import Any

import pytest

from events.models import Session
from kaltura_bridge.delivery.options import DeliveryOptions
from kaltura_bridge.delivery.rules import DeliveryCase, problems
from tests.factories import SessionFactory


@pytest.fixture
def session(db) -> Session:
    return SessionFactory()


@pytest.mark.parametrize(
    ("own", "inherited", "known", "field"),
    [
        ({"player": "v7"}, {}, 1201, None),
        ({"player": "v7"}, {}, None, "player"),
        ({"player": "v7", "player_uiconf_id": 7}, {}, None, None),
        ({"player": "v2"}, {}, 1201, "player"),
        # The ID is one of the event's own kind of player.
        ({"player": "v2"}, {"player": "v7", "player_uiconf_id": 7}, 1201, "player"),
        ({"player_uiconf_id": 7}, {}, 1201, "player_uiconf_id"),
        ({"player_uiconf_id": 7}, {"player": "v7"}, None, None),
        ({"player": "kaf", "player_uiconf_id": 7}, {"player": "v7"}, 1201, "player_uiconf_id"),
        ({}, {"player": "v7"}, None, None),
    ],
)
def test_a_player_needs_an_id_and_kaf_none(own, inherited, known, field, session, settings):
    settings.KALTURA_PLAYER_UICONF_ID = known
    case: Any = DeliveryCase(own, DeliveryOptions(**inherited), session)

    found = [name for name, _ in problems(case) if name.startswith("player")]

    assert found == ([field] if field else [])
