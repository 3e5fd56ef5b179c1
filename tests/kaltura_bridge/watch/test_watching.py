"""Watching without KAF: over HTTP, and in a browser with the stand-in player of the simulator."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from events.models import Event, Registration, Session, SessionType, Visibility
from kaltura_bridge.join.destination import remote_entry_id
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.live.state import forget_state
from kaltura_bridge.models import (
    CaptionTrack,
    EventDelivery,
    PlayerChoice,
    Recording,
    RecordingOrigin,
    SessionDelivery,
    Transcript,
)
from kaltura_bridge.sync import service
from kaltura_bridge.watch import state
from kaltura_bridge.watch.playing import Playable, WhatPlays, playable
from tests.browser import soon
from tests.factories import UserFactory
from tests.kaltura_bridge.api.test_ks import decode
from tests.kaltura_bridge.join.test_kaf import sign_in
from tests.kaltura_bridge.support.at_kaltura import at_kaltura
from tests.kaltura_bridge.support.joining import (
    attendee_of,
    frame_url,
    join_url,
    linked,
    live_session,
    signed_in,
)
from tests.kaltura_bridge.support.recorded import broadcast, held_session, look

CONFIG = re.compile(r'<script id="player-config" type="application/json">(.*?)</script>')
PLAYS = re.compile(r'data-plays-url="([^"]+)"')
VIDEO = "0_videoone"


@pytest.fixture(autouse=True)
def nobody_knows_yet():
    cache.clear()


def watched_in(session: Session, player: str, **more: Any) -> None:
    fields = {"player": player, **more}
    EventDelivery.objects.update_or_create(event=session.event, defaults=fields)


def ended_session(**fields: Any) -> Session:
    """One that ended so long ago that its doors are closed."""
    start = timezone.now() - timedelta(hours=5)
    return live_session(starts_at=start, ends_at=start + timedelta(minutes=45), **fields)


def framed(client: Client, session: Session) -> Any:
    """What the join page's frame gets."""
    return client.get(frame_url(client.get(join_url(session))))


def config_of(answer: Any) -> dict[str, Any]:
    found = CONFIG.search(answer.content.decode())
    assert found, answer.content.decode()
    return dict(json.loads(unescape(found[1])))


# ------------------------------------------------------------------------- over HTTP
@pytest.mark.django_db
def test_a_v7_player_stands_on_a_page_of_its_own_with_a_ks_for_playing(settings):
    settings.KALTURA_SERVICE_URL = "https://www.kaltura.com"
    session = live_session()
    linked(session)
    watched_in(session, PlayerChoice.V7, privacy_context="conference")
    user = attendee_of(session)
    client = signed_in(user)

    page = client.get(join_url(session))
    answer = client.get(frame_url(page))
    again = client.get(frame_url(page))

    config, user_id = config_of(answer), kaltura_user_id(user)
    signed = config["setup"]["provider"].pop("ks")
    privileges = decode(signed, settings.KALTURA_ADMIN_SECRET)
    life_s = int(privileges.pop("_e")) - timezone.now().timestamp()
    assert privileges == {
        "setrole": "PLAYBACK_BASE_ROLE",
        "sview": "1_abcd2345",
        "enableentitlement": "",
        "privacycontext": "conference",
        "restrictexplicitliveview": "*",
        "appid": "event-portal",
        "appdomain": "localhost",
        "sessionkey": user_id,
        "_t": "0",
        "_u": user_id,
    }
    assert 30 * 60 < life_s < 3 * 3600
    assert config == {
        "setup": {
            "targetId": "player",
            "provider": {"partnerId": 101, "uiConfId": 1201},
            "playback": {"autoplay": True, "allowMutedAutoPlay": True},
            "session": {"userId": user_id},
            "plugins": {"kaltura-live": {"checkLiveWithKs": False, "isLiveInterval": 10}},
        },
        "media": {"entryId": "1_abcd2345"},
    }
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Referrer-Policy"] == "no-referrer"
    # A ticket opens once; the KS is in nothing else.
    assert again.status_code == 403 and signed not in again.content.decode()
    assert signed not in page.content.decode()


@pytest.mark.django_db
def test_the_players_page_may_load_from_the_named_servers_and_nothing_else(settings):
    settings.KALTURA_SERVICE_URL = "https://www.kaltura.com"
    session = live_session()
    linked(session)
    watched_in(session, PlayerChoice.V7)
    client = signed_in(attendee_of(session))

    page = client.get(join_url(session))
    policy = client.get(frame_url(page))["Content-Security-Policy"]

    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    cdn, hosts = (
        "https://cdnapisec.kaltura.com",
        (
            "https://analytics.kaltura.com https://cdnapisec.kaltura.com https://cfvod.kaltura.com "
            "https://stats.kaltura.com https://www.kaltura.com"
        ),
    )
    assert directives == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "connect-src": f"{hosts} blob:",
        "font-src": f"{hosts} data:",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
        "frame-src": "'none'",
        "img-src": f"{hosts} data: blob:",
        "media-src": f"{hosts} blob:",
        "script-src": f"'self' {cdn}",
        "style-src": f"'self' {cdn} 'unsafe-inline'",
        "worker-src": "blob:",
        "sandbox": "allow-scripts allow-popups allow-presentation",
    }
    assert "*" not in policy
    assert f"frame-src 'self' {cdn}" in page["Content-Security-Policy"]
    assert "camera=()" in page["Permissions-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("player", "path", "named"),
    [
        (PlayerChoice.IFRAME, "/p/101/embedPlaykitJs/uiconf_id/1201/partner_id/101", "ks"),
        (
            PlayerChoice.V2,
            "/p/101/sp/10100/embedIframeJs/uiconf_id/1204/partner_id/101",
            "flashvars[ks]",
        ),
    ],
)
def test_a_plain_frame_is_kalturas_page(player, path, named, settings):
    settings.KALTURA_CDN_URL = "https://cdn.example.org"
    settings.KALTURA_SLIDES_PLAYER_UICONF_ID = 1204
    session = live_session()
    linked(session)
    watched_in(session, player)
    client = signed_in(attendee_of(session))

    page = client.get(join_url(session))
    answer = client.get(frame_url(page))

    there = urlsplit(answer["Location"])
    asked = {name: values[0] for name, values in parse_qs(there.query).items()}
    privileges = decode(asked.pop(named), settings.KALTURA_ADMIN_SECRET)
    assert (answer.status_code, there.netloc, there.path) == (302, "cdn.example.org", path)
    assert (asked["iframeembed"], asked["entry_id"]) == ("true", "1_abcd2345")
    assert (privileges["sview"], "list" in privileges) == ("1_abcd2345", False)
    assert "frame-src 'self' https://cdn.example.org" in page["Content-Security-Policy"]
    assert answer["Referrer-Policy"] == "no-referrer"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("of_event", "of_session", "settings_id", "uiconf_id"),
    [
        ({"player": "v7"}, {}, 1201, 1201),
        ({"player": "v7", "player_uiconf_id": 7}, {}, 1201, 7),
        ({"player": "v7", "player_uiconf_id": 7}, {"player_uiconf_id": 8}, 1201, 8),
        ({"player": "v7", "player_uiconf_id": 7}, {"player": "kaf"}, 1201, None),
        ({}, {"player": "v7"}, 1201, 1201),
        # The event's own ID is one of its own kind of player.
        ({"player": "v2", "player_uiconf_id": 7}, {"player": "v7"}, 1201, 1201),
        ({"player": "v7"}, {}, None, None),
        ({}, {}, 1201, None),
    ],
)
def test_session_event_and_settings_say_which_player(
    of_event, of_session, settings_id, uiconf_id, settings
):
    settings.KALTURA_PLAYER_UICONF_ID = settings_id
    session = live_session()
    linked(session)
    EventDelivery.objects.create(event=session.event, **of_event)
    SessionDelivery.objects.create(session=session, **of_session)

    answer = framed(signed_in(attendee_of(session)), session)

    if uiconf_id is None:
        assert answer["Location"].startswith(f"{settings.KALTURA_KAF_URL}/hosted/index/view-entry/")
    else:
        assert config_of(answer)["setup"]["provider"]["uiConfId"] == uiconf_id


@pytest.mark.django_db
def test_a_live_room_opens_on_kalturas_page_whatever_the_player(settings):
    session = live_session(session_type=SessionType.INTERACTIVE)
    linked(session)
    watched_in(session, PlayerChoice.V7)

    answer = framed(signed_in(attendee_of(session)), session)

    assert answer["Location"].startswith(f"{settings.KALTURA_KAF_URL}/embeddedrooms/")


@pytest.mark.django_db
@pytest.mark.parametrize("origin", [RecordingOrigin.ROOM, RecordingOrigin.CHILD])
def test_a_rooms_recording_is_watched_in_the_player(origin):
    """And of several of one broadcast the one that is shown first."""
    kind = SessionType.INTERACTIVE if origin == RecordingOrigin.ROOM else SessionType.WEBCAST
    session = ended_session(session_type=kind)
    linked(session)
    watched_in(session, PlayerChoice.V7)
    for number, (entry_id, status) in enumerate(
        (("1_first000", "ready"), ("1_main0000", "ready"), ("1_later000", "processing"))
    ):
        Recording.objects.create(
            session=session,
            entry_id=entry_id,
            origin=origin,
            state=status,
            is_published=True,
            is_main=entry_id == "1_main0000",
            recorded_at=session.ends_at + timedelta(minutes=number),
        )

    config = config_of(framed(signed_in(attendee_of(session)), session))

    assert config["media"] == {"entryId": "1_main0000"}
    assert config["setup"]["plugins"] == {}


@pytest.mark.django_db
def test_viewers_ask_questions_in_the_player_where_no_role_forbids_it(settings):
    settings.KALTURA_PLAYER_ROLE = "none"
    session = live_session()
    linked(session)
    watched_in(session, PlayerChoice.V7)
    user = attendee_of(session)

    config = config_of(framed(signed_in(user), session))

    asks = {"userId": kaltura_user_id(user), "userRole": "viewerRole"}
    privileges = decode(config["setup"]["provider"]["ks"], settings.KALTURA_ADMIN_SECRET)
    assert config["setup"]["plugins"]["qna"] == asks
    assert "setrole" not in privileges


# -------------------------------------------------------------------------- in a browser
PICTURE = """() => {
  const video = document.querySelector("video");
  const canvas = document.createElement("canvas");
  canvas.width = 96; canvas.height = 54;
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0, 96, 54);
  return [video.currentTime, Array.from(pen.getImageData(0, 0, 96, 54).data).join()];
}"""


def player_frame(page: Any) -> Any:
    """The frame with the player's video."""
    page.frame_locator("iframe").locator("video").wait_for()
    return next(frame for frame in page.frames if frame.parent_frame is not None)


def assert_moves(frame: Any) -> None:
    """Time goes on, and one picture is not like the other."""
    assert soon(lambda: frame.evaluate("document.querySelector('video').currentTime") > 0.3)
    first_s, first = frame.evaluate(PICTURE)
    assert soon(lambda: frame.evaluate("document.querySelector('video').currentTime") > first_s + 1)
    later_s, later = frame.evaluate(PICTURE)
    assert later_s > first_s and later != first


def caption(entry_id: str, text: str) -> None:
    """As a vendor delivers them; with the plain client, for this is nothing that we do."""
    from KalturaClient.Plugins.Caption import KalturaCaptionAsset
    from KalturaClient.Plugins.Core import KalturaStringResource

    asset = KalturaCaptionAsset(label="English", language="English", isDefault=1)
    cue = f"1\n00:00:00,000 --> 00:01:00,000\n{text}\n"

    made = at_kaltura(lambda client: client.caption.captionAsset.add(entry_id, asset))
    content = KalturaStringResource(content=cue)
    at_kaltura(lambda client: client.caption.captionAsset.setContent(made.id, content))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "player",
    [
        PlayerChoice.V7,
        pytest.param(PlayerChoice.IFRAME, marks=pytest.mark.proof),
        pytest.param(PlayerChoice.V2, marks=pytest.mark.proof),
    ],
)
def test_in_a_browser_a_recording_moves_and_has_its_captions(
    player, simulator, live_portal, page, settings
):
    settings.KALTURA_SLIDES_PLAYER_UICONF_ID = 1204
    session = ended_session()
    linked(session, redirectEntryId=VIDEO)
    watched_in(session, player)
    caption(VIDEO, "Welcome, everybody")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    user = attendee_of(session)
    sign_in(page, live_portal, user)

    page.goto(live_portal + join_url(session))

    frame = player_frame(page)
    assert_moves(frame)
    # Analytics know who watched, as on Kaltura's page.
    watching = [(kaltura_user_id(user), VIDEO)]
    assert soon(lambda: [(v["userId"], v["entryId"]) for v in simulator.visits()] == watching)
    frame.evaluate("document.querySelector('video').textTracks[0].mode = 'showing'")
    cues = "Array.from(document.querySelector('video').textTracks[0].cues ?? []).map(c => c.text)"
    assert soon(lambda: frame.evaluate(cues) == ["Welcome, everybody"])
    assert [text for text in said if "Content Security Policy" in text] == []


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_in_a_browser_the_broadcast_plays_ends_and_becomes_its_recording(
    simulator, live_portal, page, monkeypatch
):
    """One page all the time: waiting, live, over, being processed, the recording."""
    monkeypatch.setattr(state, "AGAIN_S", dict.fromkeys(WhatPlays, 1))
    session = live_session()
    service.settle(service.targets_of(session.event), 20)
    entry_id = str(remote_entry_id(session))
    watched_in(session, PlayerChoice.V7)
    simulator.switch(entry_id, "on_air")
    sign_in(page, live_portal, attendee_of(session))

    page.goto(live_portal + join_url(session))
    assert_moves(player_frame(page))
    page.evaluate("window.sameDocument = true")
    session.ends_at = timezone.now() - timedelta(seconds=1)
    session.save()
    simulator.switch(entry_id, "off")
    aside = page.locator("[data-plays]")
    aside.wait_for()
    simulator.advance(10)  # a recording is processed for a second
    look(session)

    inside = "document.querySelector('video')?.src.includes('/format/url/')"
    assert soon(lambda: bool(player_frame(page).evaluate(inside)))
    assert_moves(player_frame(page))
    assert page.evaluate("window.sameDocument")
    assert not aside.is_visible()


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_the_page_about_processing_ends_by_itself(
    simulator, live_portal, page, monkeypatch
):
    monkeypatch.setattr(state, "AGAIN_S", dict.fromkeys(WhatPlays, 1))
    start = timezone.now() - timedelta(hours=5)
    session = held_session(starts_at=start, ends_at=start + timedelta(minutes=45))
    simulator.freeze()
    broadcast(simulator, session, seconds=60)
    look(session)
    watched_in(session, PlayerChoice.V7)
    sign_in(page, live_portal, attendee_of(session))
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(live_portal + join_url(session))
    page.locator("[data-denied=processing]").wait_for()

    simulator.advance(10)  # a recording is processed for a second
    look(session)

    assert_moves(player_frame(page))
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.django_db(transaction=True)
def test_what_plays_is_asked_of_kaltura_for_nobody_and_told_once(
    simulator, django_assert_max_num_queries
):
    session = held_session()
    watched_in(session, PlayerChoice.V7)
    page = signed_in(attendee_of(session)).get(join_url(session))
    found = PLAYS.search(page.content.decode())
    assert found
    question, nobody = unescape(found[1]), Client()
    first = nobody.get(question)
    simulator.forget_requests()

    # Who may come in, each time anew; what plays, once for all.
    with django_assert_max_num_queries(5 * 4):
        again = [nobody.get(question) for _ in range(4)]
        unchanged = nobody.get(question, headers={"If-None-Match": first["ETag"]})

    assert first.json() == {"what": "nothing", "again_s": 30}
    assert {answer.json()["what"] for answer in again} == {"nothing"}
    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (
        304,
        b"",
        first["ETag"],
    )
    assert simulator.calls() == 0
    for word in ("", "x", question.partition("of=")[2] + "x"):
        assert nobody.get(f"{join_url(session)}plays/", {"of": word}).status_code == 404


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("phase", ["on", "recorded"])
def test_what_plays_is_told_to_nobody_who_lost_access(simulator, phase):
    session = live_session() if phase == "on" else ended_session()
    linked(session, redirectEntryId=VIDEO)
    watched_in(session, PlayerChoice.V7)
    user, other = attendee_of(session), attendee_of(session)
    nobody = Client()

    def question(person) -> str:
        found = PLAYS.search(signed_in(person).get(join_url(session)).content.decode())
        assert found
        return unescape(found[1])

    mine, theirs = question(user), question(other)
    assert [nobody.get(url).status_code for url in (mine, theirs)] == [200, 200]
    Registration.objects.filter(user=user).update(withdrawn_at=timezone.now())
    assert [nobody.get(url).status_code for url in (mine, theirs)] == [404, 200]
    type(other).objects.filter(pk=other.pk).update(is_active=False)
    assert nobody.get(theirs).status_code == 404
    Registration.objects.filter(user=user).update(withdrawn_at=None)
    Event.objects.filter(pk=session.event_id).update(status="draft")
    assert nobody.get(mine).status_code == 404


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_page_and_player_say_the_same_while_doors_are_still_open(simulator):
    session = held_session()
    Event.objects.filter(pk=session.event_id).update(overrun_minutes=60)
    watched_in(session, PlayerChoice.V7)
    entry_id, client = str(remote_entry_id(session)), signed_in(attendee_of(session))
    broadcast(simulator, session)
    simulator.advance(10)
    look(session)
    (recording,) = Recording.objects.filter(session=session)
    said = Transcript.objects.create(
        session=session,
        entry_id=recording.entry_id,
        looked_at=timezone.now(),
        look_at=timezone.now() + timedelta(days=1),
    )
    CaptionTrack.objects.create(
        transcript=said, asset_id="1_caption", language="English", is_shown=True, words="hi"
    )

    def seen() -> tuple[str, bool, int]:
        cache.clear()
        forget_state(entry_id)
        page = client.get(join_url(session)).content.decode()
        played = config_of(framed(client, session))["media"]["entryId"]
        transcript = client.get(join_url(session).replace("/join/", "/transcript/"))
        says = "</time>" not in page.partition('class="stage-note"')[2].partition("</p>")[0]
        return played, says, transcript.status_code

    assert seen() == (recording.entry_id, True, 200)
    simulator.switch(entry_id, "on_air")
    assert seen() == (entry_id, False, 404)
    # Doors are closed, and it runs on all the same.
    Event.objects.filter(pk=session.event_id).update(overrun_minutes=0)
    assert seen() == (entry_id, False, 404)
    simulator.switch(entry_id, "off")
    assert seen() == (recording.entry_id, True, 200)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_plays_follows_the_session(simulator):
    session = held_session()
    entry_id = str(remote_entry_id(session))

    def now() -> Playable:
        forget_state(entry_id)
        fresh = Session.objects.select_related("event", "track").get(pk=session.pk)
        return playable(fresh)

    nothing = now()
    simulator.freeze()
    simulator.switch(entry_id, "on_air")
    runs_on = now()
    simulator.advance(60)
    simulator.switch(entry_id, "off")
    look(session)
    processing = now()
    simulator.advance(10)  # a recording is processed for a second
    look(session)
    (recording,) = Recording.objects.filter(session=session)
    there = now()
    recording.is_published = False
    recording.save()
    hidden = now()
    Session.objects.filter(pk=session.pk).update(ends_at=timezone.now() + timedelta(minutes=5))

    assert [nothing, runs_on, processing, there, hidden, now()] == [
        Playable(WhatPlays.NOTHING),
        Playable(WhatPlays.LIVE, entry_id),
        Playable(WhatPlays.PROCESSING),
        Playable(WhatPlays.RECORDING, recording.entry_id),
        Playable(WhatPlays.NOTHING),
        Playable(WhatPlays.LIVE, entry_id),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.INVITED])
def test_a_stranger_gets_no_player_and_no_word(simulator, visibility):
    session = ended_session()
    linked(session, redirectEntryId=VIDEO)
    watched_in(session, PlayerChoice.V7)
    attendee = signed_in(attendee_of(session))
    ticket = frame_url(attendee.get(join_url(session))).partition("?")[2]
    Event.objects.filter(pk=session.event_id).update(visibility=visibility)
    cache.clear()

    for client in (signed_in(UserFactory()), Client()):
        answers = [
            client.get(f"{join_url(session)}{path}", follow=False)
            for path in ("", f"frame/?{ticket}", "ticket/", "tab/", "plays/")
        ]
        text = "".join(answer.content.decode() for answer in answers)
        assert not [word for word in ("player-config", VIDEO, "data-plays-url") if word in text]
        if visibility == Visibility.INVITED:
            assert {answer.status_code for answer in answers} == {404}
