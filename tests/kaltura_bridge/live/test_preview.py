"""Producers see what arrives at Kaltura before viewers do; nobody else does."""

from __future__ import annotations

import json
import re

import pytest

from events.models import SessionStatus, SessionType
from kaltura_bridge.api.broadcast_ks import (
    Purpose,
    moderator_ks,
    purpose_user_id,
    studio_ks,
    working_time,
)
from kaltura_bridge.api.client import new
from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.ks import Visitor, kaf_entry_ks
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.api.player_ks import LEAST, player_ks, preview_ks
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import EventDelivery, RemoteLink
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync import service
from tests.events.conftest import visit  # noqa: F401  (a fixture)
from tests.kaltura_bridge.support.at_kaltura import at_kaltura
from tests.kaltura_bridge.support.on_air import OnAir, on_air

pytestmark = pytest.mark.django_db(transaction=True)

CONFIG = re.compile(r'<script id="player-config" type="application/json">(.+?)</script>')
OTHERS = "webcasting-admins"


def editors_of(air: OnAir) -> list[str]:
    return sorted(filter(None, air.entry()["entitledUsersEdit"].split(",")))


def is_live(air: OnAir, signed: str = "") -> bool:
    asked = {"id": air.entry_id, "protocol": "auto"}
    return bool(call(LightCall("livestream", "isLive", asked, signed)))


def name_editors(air: OnAir, *user_ids: str) -> None:
    """Somebody changes at Kaltura who co-edits the entry."""
    changed = new("KalturaLiveStreamEntry", entitledUsersEdit=",".join(user_ids))
    at_kaltura(lambda client: client.liveStream.update(air.entry_id, changed))


def test_kaltura_shows_the_preview_to_the_producers_session_and_to_no_other(simulator):
    air = on_air(simulator)
    uuid, attendee = air.session.uuid, kaltura_user_id(air.people["attendee"])
    producer = kaltura_user_id(air.people["producer"])
    life = working_time(air.session.doors_close_at, air.session.starts_at)
    simulator.switch(air.entry_id, "preview")

    seen = {
        "preview": is_live(air, preview_ks(uuid, air.entry_id, "")),
        "studio": is_live(air, studio_ks(uuid, air.entry_id, life)),
        "nobody": is_live(air),
        "attendee": is_live(air, player_ks(attendee, air.entry_id, "", LEAST)),
        "producer as a viewer": is_live(air, player_ks(producer, air.entry_id, "", LEAST)),
        "moderator": is_live(air, moderator_ks(uuid, air.entry_id, life)),
    }
    simulator.switch(air.entry_id, "on_air")

    assert seen == dict.fromkeys(seen, False) | {"preview": True, "studio": True}
    assert is_live(air)
    # A KS for a page of KAF is none for the API at all.
    with pytest.raises(RemoteRejected, match="INVALID_ACTIONS_LIMIT"):
        is_live(air, kaf_entry_ks(Visitor(producer, "Jane"), air.entry_id))


def test_the_entry_names_one_co_editor_and_leaves_others_alone(simulator):
    air = on_air(simulator)
    ours = purpose_user_id(Purpose.PRODUCER, air.session.uuid)
    first = editors_of(air)
    name_editors(air, OTHERS)  # ours is gone: a person decides about it
    told = service.sync_event(air.session.event, 20)
    link = RemoteLink.objects.get(kind=Kind.ENTRY, remote_id=air.entry_id)
    drift = link.drift
    name_editors(air, OTHERS, ours)
    service.sync_event(air.session.event, 20)
    EventDelivery.objects.update(preview=False)
    service.sync_event(air.session.event, 20)

    assert first == [ours]
    assert (told.writes, drift) == (0, {"entitledUsersEdit": (ours, "")})
    assert editors_of(air) == [OTHERS]


def test_producers_get_a_player_with_a_ks_that_is_nobodys(simulator):
    air = on_air(simulator)
    client = air.client()

    answer = client.post(f"{air.desk_url}preview/")

    config = json.loads(CONFIG.search(answer.content.decode())[1])
    signed = config["setup"]["provider"].pop("ks")
    assert config == {
        "setup": {
            "targetId": "player",
            "provider": {"partnerId": 101, "uiConfId": 1201},
            "playback": {"autoplay": True, "muted": True},
            "session": {"userId": purpose_user_id(Purpose.PRODUCER, air.session.uuid)},
            "plugins": {"kaltura-live": {"checkLiveWithKs": True, "isLiveInterval": 5}},
        },
        "media": {"entryId": air.entry_id},
    }
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert signed not in client.get(air.desk_url).content.decode()


def test_it_is_there_where_there_is_a_preview_and_a_player(simulator, settings):
    air = on_air(simulator)

    def shown(who: str = "producer") -> tuple[bool, int]:
        client = air.client(who)
        page = client.get(air.desk_url).content.decode()
        return "data-preview-frame" in page, client.post(f"{air.desk_url}preview/").status_code

    seen = {who: shown(who) for who in ("owner", "team moderator", "speaker", "attendee")}
    settings.KALTURA_PLAYER_UICONF_ID = None
    seen["no player"] = shown()
    settings.KALTURA_PLAYER_UICONF_ID = 1201
    EventDelivery.objects.update(preview=False)
    seen["no preview"] = shown()
    EventDelivery.objects.update(preview=True)
    air.session.session_type = SessionType.SIMULIVE
    air.session.save()
    seen["simulive"] = shown()
    air.session.session_type, air.session.status = SessionType.WEBCAST, SessionStatus.CANCELLED
    air.session.save()
    seen["cancelled"] = shown()

    assert seen == {
        "owner": (True, 200),
        "team moderator": (False, 404),
        "speaker": (False, 404),
        "attendee": (False, 404),
        "no player": (False, 409),
        "no preview": (False, 404),
        "simulive": (False, 404),
        "cancelled": (False, 409),
    }


def test_in_a_browser_a_producer_sees_the_preview_before_viewers_do(simulator, visit):  # noqa: F811
    air = on_air(simulator)
    simulator.switch(air.entry_id, "preview")
    page = visit(air.desk_url, air.people["producer"])
    frame = page.locator("iframe.desk-preview")
    assert not frame.is_visible()

    page.get_by_role("button", name="Show the preview").click()

    player = page.frame_locator("iframe.desk-preview")
    player.get_by_text("Live", exact=True).wait_for()
    assert frame.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.complaints == []
    assert not is_live(air)
