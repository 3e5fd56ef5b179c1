"""The pages in a portal's iframe: whom they admit, what they show, and how a visit ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import requests
from KalturaClient.Plugins.Core import KalturaLiveStreamEntry

from tests.accessibility import violations
from tests.kaltura_simulator.support.kaf_users import (
    Account,
    client_of,
    join,
    open_with,
    privileges_for,
    sign,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

    from kaltura_simulator.testing import Simulator

OUTSIDER = "0_noentry1"


# ------------------------------------------------------------------------ coming in
def test_room_page_knows_the_person_and_their_role(account: Account) -> None:
    room = account.room("Coffee <with> the speakers")

    page = join(account.simulator, room, "u-17", "view-room", firstName="Ada", lastName="King & Co")

    assert page.status == 200
    assert page.data | {"data-visit": "", "data-beat-ms": ""} == {
        "data-kind": "room",
        "data-state": "in",
        "data-entry-id": room,
        "data-user-id": "u-17",
        "data-user-name": "Ada King & Co",
        "data-role": "attendee",
        "data-kaf-role": "viewerRole",
        "data-visit": "",
        "data-beat-ms": "",
    }
    assert "Coffee <with> the speakers" in page.text
    assert "<with>" not in page.reply.text


@pytest.mark.parametrize(
    ("privileges", "role"),
    [
        ({}, "attendee"),
        ({"userContextualRole": "3", "chatModerator": "0", "roomModerator": "0"}, "attendee"),
        ({"userContextualRole": "0"}, "instructor"),
        ({"userContextualRole": "1"}, "moderator"),
        ({"userContextualRole": "0", "roomModerator": "1", "chatModerator": "1"}, "moderator"),
        ({"roomModerator": "1"}, "moderator"),
        ({"chatModerator": "1"}, "chat-moderator"),
    ],
)
def test_role_follows_the_privileges(
    account: Account, privileges: dict[str, str], role: str
) -> None:
    page = join(account.simulator, account.room(), "u-1", "view-room", **privileges)

    assert page.data["data-role"] == role
    assert role.replace("-", " ").capitalize() in page.text


def test_name_falls_back_to_the_user_id(account: Account) -> None:
    page = join(account.simulator, account.room(), "u-1")

    assert page.data["data-user-name"] == "u-1"


def test_view_entry_shows_a_room_for_a_room_and_a_player_for_a_webcast(account: Account) -> None:
    kinds = [
        join(account.simulator, entry, "u-1").data["data-kind"]
        for entry in (account.room(), account.webcast())
    ]

    assert kinds == ["room", "webcast"]


def test_pages_may_be_framed_by_anyone_and_tell_nobody_their_address(account: Account) -> None:
    headers = join(account.simulator, account.room(), "u-1").reply.headers

    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "X-Frame-Options" not in headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_version_answers(kaltura: Simulator) -> None:
    assert requests.get(f"{kaltura.url}/version", timeout=10).status_code == 200


# ------------------------------------------------------------------------ staying out
@pytest.mark.parametrize("name", ["userId", "entryId", "role", "actionslimit"])
def test_page_refuses_a_session_that_lacks_a_privilege(account: Account, name: str) -> None:
    privileges = privileges_for(account.room(), "u-1", **{name: ""})

    page = open_with(account.simulator, sign(account.simulator, "u-1", privileges))

    assert page.refusal == (400, "missing", name)
    assert f"has no {name} privilege" in page.text


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"expiry": -10}, (403, "expired", "")),
        ({"partner": 999}, (403, "partner", "")),
        ({"secret": "fedcba9876543210fedcba9876543210"}, (403, "signature", "")),
        ({"secret": "ffffffffffffffffffffffffffffffff"}, (403, "signature", "")),
    ],
)
def test_page_refuses_a_session_that_is_not_valid(
    account: Account, how: dict[str, int | str], expected: tuple[int, str, str]
) -> None:
    privileges = privileges_for(account.room(), "u-1")

    page = open_with(account.simulator, sign(account.simulator, "u-1", privileges, **how))

    assert page.refusal == expected


@pytest.mark.parametrize("ks", ["", "garbage", "djJ8", "djJ8MTAx", "%00%ff", "a/b/c", "=" * 5000])
def test_page_refuses_what_is_no_session(kaltura: Simulator, ks: str) -> None:
    page = open_with(kaltura, ks)

    assert page.status in (400, 403)
    assert page.data["data-refused"] in ("garbage", "signature")


def test_page_refuses_a_session_for_another_user(account: Account) -> None:
    privileges = privileges_for(account.room(), "u-2")

    page = open_with(account.simulator, sign(account.simulator, "u-1", privileges))

    assert page.refusal == (403, "user-mismatch", "userId")


def test_page_refuses_an_ended_session(account: Account) -> None:
    ks = sign(account.simulator, "u-1", privileges_for(account.room(), "u-1", actionslimit="9"))
    client = client_of(account.simulator)
    client.setKs(ks)
    client.session.end()

    assert open_with(account.simulator, ks).refusal == (403, "logged-out", "")


def test_page_refuses_an_entry_that_is_not_there(account: Account) -> None:
    room = account.room()
    account.client.room.room.delete(room)

    assert join(account.simulator, room, "u-1").refusal == (404, "entry-missing", "")
    assert join(account.simulator, OUTSIDER, "u-1").refusal == (404, "entry-missing", "")


def test_page_refuses_an_entry_outside_the_channels(account: Account) -> None:
    room = account.room(categorised=False)
    outside = account.add_category("Elsewhere", 0)
    account.channel = outside
    elsewhere = account.room()

    assert join(account.simulator, room, "u-1").refusal == (403, "entry-outside", "")
    assert join(account.simulator, elsewhere, "u-1").refusal == (403, "entry-outside", "")


def test_page_follows_an_entry_into_a_track(account: Account) -> None:
    account.channel = account.add_category("Track", account.channel)

    assert join(account.simulator, account.room(), "u-1").status == 200


def test_view_room_refuses_a_webcast(account: Account) -> None:
    page = join(account.simulator, account.webcast(), "u-1", "view-room")

    assert page.refusal == (403, "not-a-room", "")


def test_refused_people_leave_no_trace(account: Account) -> None:
    join(account.simulator, account.webcast(), "u-1", "view-room")

    assert account.simulator.visits() == []


def test_unknown_pages_and_methods_say_so(account: Account) -> None:
    url = account.simulator.url
    ks = sign(account.simulator, "u-1", privileges_for(account.room(), "u-1"))
    missing = requests.get(f"{url}/hosted/index/nonsense/ks/{ks}", timeout=10)
    posted = requests.post(f"{url}/hosted/index/view-entry/ks/{ks}", timeout=10)

    assert (missing.status_code, posted.status_code) == (404, 405)
    assert 'data-refused="not-found"' in missing.text
    assert 'data-refused="method"' in posted.text
    assert account.simulator.visits() == []


# ------------------------------------------------------------------------ being there
def test_a_second_join_throws_the_first_one_out_of_a_room(account: Account) -> None:
    room = account.room()
    first = join(account.simulator, room, "u-1", firstName="Ada")
    other = join(account.simulator, room, "u-2", firstName="Grace")
    second = join(account.simulator, room, "u-1", firstName="Ada")

    assert first.beat() == {"state": "replaced"}
    assert other.beat()["state"] == "in"
    assert [p["user_id"] for p in second.beat()["people"]] == ["u-2", "u-1"]


def test_two_windows_may_watch_the_same_webcast(account: Account) -> None:
    webcast = account.webcast()
    pages = [join(account.simulator, webcast, "u-1") for _ in range(2)]

    assert [page.beat()["state"] for page in pages] == ["in", "in"]


def test_leaving_closes_the_page_for_good(account: Account) -> None:
    page = join(account.simulator, account.room(), "u-1")
    page.leave()

    assert page.beat() == {"state": "left"}
    assert page.call("say", text="hello?").status_code == 404


def test_a_page_without_its_token_gets_nothing(account: Account) -> None:
    page = join(account.simulator, account.room(), "u-1")
    number = page.data["data-visit"].partition("-")[0]

    for visit in ("", number, f"{number}-guess", "x" * 5000):
        assert page.call("beat", visit=visit).status_code == 404
    assert page.beat()["state"] == "in"


def test_chat_reaches_everybody_in_the_room_and_nobody_else(account: Account) -> None:
    room, elsewhere = account.room(), account.room("Another room")
    ada = join(account.simulator, room, "u-1", firstName="Ada")
    grace = join(account.simulator, room, "u-2", firstName="Grace")
    alan = join(account.simulator, elsewhere, "u-3")

    ada.call("say", text=" Hello\n<b>all</b> \x07")
    ada.call("say", text=" \t ")

    messages = grace.beat()["messages"]
    assert [(m["name"], m["text"]) for m in messages] == [("Ada", "Hello <b>all</b>")]
    assert grace.beat(after=str(messages[-1]["id"]))["messages"] == []
    assert alan.beat()["messages"] == []


# ------------------------------------------------------------------------ the player
def test_player_counts_down_goes_live_ends_and_is_recorded(account: Account) -> None:
    webcast = account.webcast(starts_in=600)
    page = join(account.simulator, webcast, "u-1")
    seen = [page.data["data-stage"]]

    account.simulator.advance(700)
    seen.append(page.beat()["stage"]["stage"])
    account.simulator.switch(webcast, "on_air")
    seen.append(page.beat()["stage"]["stage"])
    account.simulator.set_recording(60)
    account.simulator.switch(webcast, "off")
    seen.append(page.beat()["stage"]["stage"])
    account.simulator.advance(4000)
    seen.append(page.beat()["stage"]["stage"])

    assert seen == ["upcoming", "waiting", "live", "ended", "recording"]


def test_player_without_a_schedule_is_off_air(account: Account) -> None:
    assert join(account.simulator, account.webcast(), "u-1").data["data-stage"] == "waiting"


def test_player_hides_the_preview_of_an_explicit_live_stream(account: Account) -> None:
    webcast = account.webcast(starts_in=-60)
    account.client.liveStream.update(webcast, KalturaLiveStreamEntry(explicitLive=1))
    stages = []
    for state in ("preview", "on_air"):
        account.simulator.switch(webcast, state)
        stages.append(join(account.simulator, webcast, "u-1").data["data-stage"])

    assert stages == ["waiting", "live"]


def test_player_shows_the_recording_of_a_webcast_that_is_over(account: Account) -> None:
    webcast = account.webcast(starts_in=-7200)
    other = account.webcast("The recording")
    account.client.liveStream.update(webcast, KalturaLiveStreamEntry(redirectEntryId=other))

    page = join(account.simulator, webcast, "u-1")

    assert (page.data["data-stage"], page.data["data-playing"]) == ("recording", f"{other} vod")


# ------------------------------------------------------------------------ in a browser
def open_in(browser: BrowserPage, account: Account, entry: str, user: str, name: str) -> None:
    privileges = privileges_for(entry, user, firstName=name)
    ks = sign(account.simulator, user, privileges)
    browser.goto(f"{account.simulator.url}/hosted/index/view-entry/ks/{ks}")


def wait_for_visit(account: Account, user: str) -> str:
    """How the person's only visit ended, as soon as it has."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        [visit] = account.simulator.visits(userId=user)
        if visit["left"] is not None:
            return str(visit["endedBy"])
        time.sleep(0.05)
    raise AssertionError(f"{user} is still there")


def test_browser_shows_who_comes_and_goes(account: Account, page: BrowserPage) -> None:
    account.simulator.set_visits(beat_s=0.1)
    room = account.room()
    open_in(page, account, room, "u-1", "Ada")
    page.wait_for_selector('[data-person="u-1"][data-me]')

    host = join(account.simulator, room, "u-2", firstName="Grace", userContextualRole="0")
    page.wait_for_selector('[data-show="hosts"] [data-person="u-2"]')
    page.fill("#say", "Hello Grace")
    page.press("#say", "Enter")
    page.wait_for_selector(".message >> text=Hello Grace")
    host.leave()
    page.wait_for_selector('[data-person="u-2"]', state="detached")

    assert page.inner_text('[data-show="count"]') == "1 person here"


def test_browser_leaves_by_the_button(account: Account, page: BrowserPage) -> None:
    open_in(page, account, account.room(), "u-1", "Ada")
    page.click("text=Leave")

    page.wait_for_selector("text=You have left")
    assert wait_for_visit(account, "u-1") == "left"


def test_browser_that_goes_away_leaves_by_itself(account: Account, page: BrowserPage) -> None:
    open_in(page, account, account.webcast(), "u-1", "Ada")
    page.wait_for_load_state("networkidle")
    page.goto("about:blank")

    assert wait_for_visit(account, "u-1") == "left"


def test_browser_says_that_another_window_took_over(account: Account, page: BrowserPage) -> None:
    account.simulator.set_visits(beat_s=0.1)
    room = account.room()
    open_in(page, account, room, "u-1", "Ada")
    join(account.simulator, room, "u-1", firstName="Ada")

    page.wait_for_selector("text=You joined in another window")


def test_browser_inside_a_portal_is_told_the_height(account: Account, page: BrowserPage) -> None:
    privileges = privileges_for(account.room(), "u-1")
    url = f"{account.simulator.url}/hosted/index/view-entry/ks/"
    url += sign(account.simulator, "u-1", privileges)
    page.goto(f"{account.simulator.url}/version")
    message = page.evaluate(
        """(url) => new Promise((resolve) => {
            window.addEventListener("message", (event) => resolve(event.data));
            const frame = document.createElement("iframe");
            frame.src = url;
            document.body.append(frame);
        })""",
        url,
    )
    subject, height = page.evaluate("(text) => Object.values(JSON.parse(text))", message)

    assert subject == "lti.frameResize"
    assert height > 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_browser_never_scrolls_sideways(
    account: Account, page: BrowserPage, scheme: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    room = account.room("A room with a name of a good length, as people write them " * 2)
    for number in range(7):
        role = "0" if number < 2 else "3"
        name = {"firstName": "Wolfeschlegelsteinhausenbergerdorff", "lastName": str(number)}
        join(account.simulator, room, f"u{number}", userContextualRole=role, **name)
    widths = []
    for entry in (room, account.webcast(starts_in=900)):
        open_in(page, account, entry, "me", "Maria")
        widths.append(page.evaluate("document.documentElement.scrollWidth"))
    picture, stage = (
        page.evaluate(f"document.querySelector('{name}').getBoundingClientRect().width")
        for name in (".picture", ".stage")
    )

    assert widths == [width, width]
    assert picture == stage


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_browser_finds_the_pages_accessible(
    account: Account, page: BrowserPage, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    room, webcast = account.room(), account.webcast(starts_in=-60)
    account.simulator.switch(webcast, "on_air")
    join(account.simulator, room, "u-2", firstName="Grace", userContextualRole="0")
    found = []
    for entry in (room, webcast, OUTSIDER):
        open_in(page, account, entry, "me", "Maria")
        page.wait_for_load_state("networkidle")
        found += violations(page)

    assert found == []
