"""The simulator's main page: its contents, people online, recent requests."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
import requests
from KalturaClient.exceptions import KalturaException
from KalturaClient.Plugins.Core import KalturaLiveStreamEntry

from kaltura_simulator.testing import Simulator
from tests.accessibility import violations
from tests.kaltura_simulator.support.kaf_users import (
    Account,
    call_newrow_through_kaf,
    join,
    open_with,
    privileges_for,
    sign,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def parts(simulator: Simulator) -> dict[str, str]:
    reply = requests.get(f"{simulator.url}/ui/parts", timeout=10).json()
    return {name: words(html) for name, html in reply.items()}


def test_an_account_shows_its_categories_as_a_tree(kaltura: Simulator) -> None:
    page = requests.get(f"{kaltura.url}/", timeout=10)

    assert page.status_code == 200
    names = ("KAF", "site", "channels")
    tree = " ".join(rf"Category {name} \d+ Edit or delete : {name}" for name in names)
    assert re.search(tree, words(page.text))
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_tree_holds_entries_with_key_status_and_calendar(account: Account) -> None:
    webcast = account.webcast("Opening <keynote>", starts_in=600)
    account.client.liveStream.update(webcast, KalturaLiveStreamEntry(referenceId="portal:1234"))
    room = account.room("Coffee")
    loose = account.room("Not placed", categorised=False)

    tree = parts(account.simulator)["tree"]

    assert f"Live Opening <keynote> {webcast} portal:1234 Ready" in tree
    assert "LiveStream" in tree
    assert f"Room Coffee {room} Open" in tree
    assert tree.index("Without category") < tree.index(loose)
    assert tree.index("Camp") < tree.index(webcast)


def test_people_show_in_their_place_until_they_leave(account: Account) -> None:
    room = account.room("Coffee")
    page = join(account.simulator, room, "u-1", firstName="<Ada>", roomModerator="1")
    here = parts(account.simulator)["people"]
    page.leave()

    assert here.startswith("Coffee (1) <Ada> Moderator, since")
    assert parts(account.simulator)["people"] == "Nobody is online."


def test_requests_show_what_was_sent_and_what_came_back(account: Account) -> None:
    webcast = account.webcast("Opening keynote")
    with pytest.raises(KalturaException):
        account.client.liveStream.get("0_nothing1")

    calls = parts(account.simulator)["calls"]

    assert "livestream.get ENTRY_ID_NOT_FOUND" in calls
    assert "livestream.add ok" in calls
    assert "what the audience of a webcast watches" in calls
    assert '"name": "Opening keynote"' in calls
    assert f'"id": "{webcast}"' in calls


def test_requests_for_pages_and_analytics_show_too(account: Account) -> None:
    room = account.room("Coffee")
    join(account.simulator, room, "u-1", firstName="Ada")
    join(account.simulator, "0_nothing1", "u-1")
    call_newrow_through_kaf(account.simulator, f"resourceId:{room}", "analytics/sessions", page="0")

    calls = parts(account.simulator)["calls"]

    assert "kaf.view-entry ok" in calls
    assert "The room page of Coffee for Ada" in calls
    assert "kaf.view-entry entry-missing" in calls
    assert "newrow.analytics/sessions ok" in calls
    assert '"total_count": 1' in calls


def test_no_secret_ever_shows(account: Account) -> None:
    simulator = account.simulator
    webcast = account.webcast()
    account.client.session.start(simulator.admin_secret, "u-1", 0, simulator.partner_id)
    ks = sign(simulator, "u-1", privileges_for(webcast, "u-1"))
    token = open_with(simulator, ks).data["data-visit"]
    password = account.client.liveStream.get(webcast).streamPassword

    shown = requests.get(f"{simulator.url}/", timeout=10).text

    for secret in (ks, token, account.client.getKs(), simulator.admin_secret, password):
        assert secret not in shown


def test_log_never_shows_a_session(tmp_path: object, capfd: pytest.CaptureFixture[str]) -> None:
    simulator = Simulator.start()
    try:
        ks = sign(simulator, "u-1", privileges_for("0_nothing1", "u-1"))
        open_with(simulator, ks)
        open_with(simulator, ks[:-9] + "AAAAAAAA=")
    finally:
        simulator.stop()

    written = capfd.readouterr()
    assert ks not in written.out + written.err
    assert ks[8:60] not in written.out + written.err


def test_many_entries_do_not_hide_the_tree(account: Account) -> None:
    for number in range(53):
        account.room(f"Room {number:02}")

    tree = parts(account.simulator)["tree"]

    assert "Room 49" in tree
    assert "Room 50" not in tree
    assert "and 3 more" in tree


# ------------------------------------------------------------------------ in a browser
def test_buttons_move_the_clock_and_the_stream(account: Account, page: BrowserPage) -> None:
    webcast = account.webcast("Opening keynote", starts_in=-60)
    before = account.simulator.state()["now"]
    page.goto(account.simulator.url)

    page.click("text=+1 hour")
    page.wait_for_selector("text=/moved by \\+36\\d\\d s/")
    page.click("text=Put on air")
    page.wait_for_selector(f'[data-entry="{webcast}"] .on')
    on_air = account.client.liveStream.isLive(webcast, "auto")
    page.click("text=Take off air")
    page.wait_for_selector(f'[data-entry="{webcast}"] .on', state="detached")

    assert account.simulator.state()["now"] >= before + 3600
    assert (on_air, account.client.liveStream.isLive(webcast, "auto")) == (True, False)


def test_buttons_add_faults_and_remove_them(account: Account, page: BrowserPage) -> None:
    simulator = account.simulator
    page.goto(simulator.url)
    none = page.inner_text("[data-live=active_faults]")
    page.click("text=Lose a page of a list")
    page.wait_for_selector("text=lose_page")
    page.click("text=429, retry after 5 s")
    page.wait_for_selector("text=status_429")
    made = [(rule["action"], rule["mode"]) for rule in simulator.state()["faults"]]
    found = account.client.category.list()
    page.click("text=Remove all faults")
    page.wait_for_selector("text=No faults are active.")

    assert (none, made) == (
        "No faults are active.",
        [("*.list", "lose_page"), ("*.*", "status_429")],
    )
    assert (found.totalCount > 0, found.objects) == (True, [])
    assert simulator.state()["faults"] == []


def test_page_stays_fresh_and_keeps_what_is_open(account: Account, page: BrowserPage) -> None:
    page.goto(account.simulator.url)
    page.click(".calls summary >> nth=0")
    opened = page.get_attribute(".calls details[open]", "data-key")

    account.room("Coffee")
    page.wait_for_selector("text=Coffee", timeout=10_000)

    assert page.get_attribute(".calls details[open]", "data-key") == opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_page_is_accessible_and_never_scrolls_sideways(
    account: Account, page: BrowserPage, scheme: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    webcast = account.webcast("A name of a good length, as people write them " * 3, starts_in=60)
    account.simulator.switch(webcast, "on_air")
    join(account.simulator, account.room(), "u-1", firstName="Wolfeschlegelsteinhausenberger")
    page.goto(account.simulator.url)
    page.click(".calls summary >> nth=0")

    found = violations(page)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert found == []
