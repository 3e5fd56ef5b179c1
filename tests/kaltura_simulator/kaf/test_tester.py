"""The page that says which pages a session opens; and all these pages in a browser."""

from __future__ import annotations

import re
import time
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from kaltura_simulator.api.ks import mint
from tests.accessibility import violations
from tests.kaltura_simulator.kaf.test_launch import resource_of
from tests.kaltura_simulator.support.kaf_users import Account, Page, join, privileges_for, sign
from tests.suites import many

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

    from kaltura_simulator.testing import Simulator

TESTER = "/kaftestme/index/index"
VIDEO = "0_videoone"
NAMES = ["view-entry", "view-room", "launch", "course-gallery"]
NAMES += ["my-media", "browseandembed", "media"]
#: Enough for every page but the older rooms.
EVERYTHING = {
    "role": "adminRole",
    "contextId": "Camp",
    "userContextualRole": "0",
    "returnUrl": quote("https://a.example/", safe=""),
}


def check(simulator: Simulator, ks: str, entry: str = "") -> Page:
    """Paste a session and ask."""
    reply = requests.post(f"{simulator.url}{TESTER}", {"ks": ks, "entry": entry}, timeout=10)
    return Page(simulator, reply)


def verdicts(page: Page) -> dict[str, str]:
    """What is said of each page: that it opens, or the reason of its refusal."""
    parts = page.reply.text.split('data-endpoint="')[1:]
    found = {part.partition('"')[0]: re.findall(r'data-verdict="([^"]+)"', part) for part in parts}
    return {name: words[0] if words else "" for name, words in found.items()}


def addresses(page: Page) -> list[str]:
    return [
        unescape(a) for a in re.findall(r'class="button primary" href="([^"]+)"', page.reply.text)
    ]


def test_tester_lists_every_page_with_what_it_needs(kaltura: Simulator) -> None:
    page = Page(kaltura, requests.get(f"{kaltura.url}{TESTER}", timeout=10))

    assert page.status == 200
    assert verdicts(page) == dict.fromkeys(NAMES, "")
    gallery = page.text.partition("/hosted/index/course-gallery/ks/KS")[2]
    words = gallery.partition("Optional")[0].split()
    assert words == ["Required", "actionslimit", "role", "contextId", "userContextualRole"]


def test_tester_composes_addresses_that_open(account: Account) -> None:
    room = account.room()
    ks = sign(account.simulator, "u-1", privileges_for(room, "u-1", **EVERYTHING))

    page = check(account.simulator, ks, VIDEO)

    assert verdicts(page) == dict.fromkeys(NAMES, "opens") | {"launch": "place"}
    opened = [requests.get(account.simulator.url + a, timeout=10) for a in addresses(page)]
    assert [reply.status_code for reply in opened] == [200] * 6


def test_tester_says_why_pages_refuse_and_touches_nothing(account: Account) -> None:
    webcast = account.webcast()
    before = account.simulator.objects("category")
    given = privileges_for(webcast, "u-1", contextId="New", userContextualRole="9")

    page = check(account.simulator, sign(account.simulator, "u-1", given))

    assert verdicts(page) == {
        "view-entry": "opens",
        "view-room": "not-a-room",
        "launch": "place",
        "course-gallery": "contextual-role",
        "my-media": "role-too-low",
        "browseandembed": "missing",
        "media": "opens",
    }
    assert account.simulator.objects("category") == before
    assert account.simulator.visits() == []


def test_tester_agrees_with_the_older_rooms(account: Account) -> None:
    given = f"role:adminRole,userContextualRole:0,resourceId:{resource_of(account)}"

    page = check(account.simulator, sign(account.simulator, "u-1", given))

    assert verdicts(page)["launch"] == "opens"
    [launch] = [a for a in addresses(page) if a.startswith("/virtualEvent/launch?ks=")]
    assert requests.get(account.simulator.url + launch, timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"expiry": -10}, "expired"),
        ({"partner": 999}, "partner"),
        ({"secret": "f" * 32}, "signature"),
    ],
)
def test_tester_says_why_a_session_is_dead(
    kaltura: Simulator, how: dict[str, int | str], reason: str
) -> None:
    page = check(kaltura, sign(kaltura, "u-1", "role:adminRole", **how))

    assert f'data-verdict="{reason}"' in page.reply.text
    assert verdicts(page) == dict.fromkeys(NAMES, "")


@pytest.mark.parametrize("ks", ["", "nonsense", "<script>alert(1)</script>", "\x00", "djJ8" * 999])
def test_tester_survives_what_is_no_session(kaltura: Simulator, ks: str) -> None:
    page = check(kaltura, ks, '"><script>')

    assert page.status == 200
    assert re.search(r'data-verdict="(garbage|signature)"', page.reply.text)
    assert page.reply.text.count("<script") == 1


def test_tester_keeps_the_session_out_of_everything_it_writes_down(
    account: Account,
) -> None:
    alive = sign(account.simulator, "u-1", privileges_for(account.webcast(), "u-1"))
    dead = sign(account.simulator, "u-1", "role:adminRole", expiry=-10)
    pages = [check(account.simulator, ks) for ks in (alive, dead)]

    logged = unescape(requests.get(f"{account.simulator.url}/ui/parts", timeout=10).text)

    assert "kaf.kaftestme" in logged
    assert "Opens view-entry, media" in logged
    assert [ks for ks in (alive, dead) if ks in logged or ks[8:48] in logged] == []
    assert [page.reply.headers["Cache-Control"] for page in pages] == ["no-store"] * 2
    assert dead not in pages[1].reply.text


def test_other_paths_of_the_new_modules_and_methods_say_so(kaltura: Simulator) -> None:
    missing = [
        requests.get(kaltura.url + path, timeout=10)
        for path in ("/kaftestme/index", "/browseandembed/index/nothing/ks/x")
    ]
    left_out = requests.get(kaltura.url + "/avatarvodstudio/index/index/ks/x", timeout=10)
    put = requests.put(kaltura.url + TESTER, timeout=10)

    assert [reply.status_code for reply in missing] == [404, 404]
    assert all('data-refused="not-found"' in reply.text for reply in missing)
    assert Page(kaltura, left_out).refusal == (404, "no-module", "")
    assert put.status_code == 405


WORDS = st.text(max_size=40) | st.sampled_from(["adminRole", "viewerRole", "-1", "0", "Camp"])


@many(150)
@given(
    privileges=st.dictionaries(
        st.sampled_from([*EVERYTHING, "actionslimit", "userId", "entryId", "firstName"]), WORDS
    ),
    user=st.text(max_size=20),
    place=st.text(max_size=40),
)
def test_pages_survive_any_session_and_address(
    account: Account, privileges: dict[str, str], user: str, place: str
) -> None:
    simulator = account.simulator
    text = mint(
        simulator.admin_secret,
        simulator.partner_id,
        user=user,
        expiry=int(time.time()) + 60,
        privileges=EVERYTHING | privileges,
    )
    rest = quote(place.encode("utf-8", "replace"), safe="")
    paths = [
        f"/hosted/index/course-gallery/ks/{text}",
        f"/hosted/index/my-media/ks/{text}",
        f"/browseandembed/index/browseandembed/ks/{text}",
        f"/browseandembed/index/media/entryid/{rest}/ks/{text}",
        f"/browseandembed/index/media/{rest}",
    ]

    seen = {requests.get(simulator.url + path, timeout=10).status_code for path in paths}
    seen.add(check(simulator, text, place).status)
    assert seen <= {200, 400, 403, 404}


# ------------------------------------------------------------------------ in a browser
def test_browser_checks_a_session_and_opens_a_page(account: Account, page: BrowserPage) -> None:
    account.room("Coffee")
    ks = sign(
        account.simulator,
        "u-1",
        "actionslimit:-1," + ",".join(f"{name}:{value}" for name, value in EVERYTHING.items()),
    )
    page.goto(account.simulator.url + TESTER)
    page.get_by_label("Kaltura Session").fill(ks)
    page.get_by_role("button", name="Check").click()
    page.get_by_role("link", name="Open course-gallery").click()
    page.get_by_role("link", name="Coffee").click()
    page.wait_for_selector('main[data-kind="room"] [data-person="u-1"][data-me]')


@pytest.fixture
def every_page(account: Account) -> list[str]:
    """The addresses of all pages but those of entries, well filled."""
    webcast = account.webcast("A title of a good length, as people write them " * 2, -60)
    account.simulator.switch(webcast, "on_air")
    join(account.simulator, account.room("Wolfeschlegelsteinhausenbergerdorff"), "u-9")
    given = {"actionslimit": "-1", "firstName": "Ada"} | EVERYTHING

    def ks(user: str = "manager", **more: str) -> str:
        joined = ",".join(f"{name}:{value}" for name, value in (given | more).items())
        return sign(account.simulator, user, joined)

    paths = [
        f"/hosted/index/course-gallery/ks/{ks()}",
        f"/hosted/index/course-gallery/ks/{ks(contextId='Empty')}",
        f"/hosted/index/my-media/ks/{ks()}",
        f"/browseandembed/index/browseandembed/ks/{ks()}",
        f"/browseandembed/index/media/entryid/{VIDEO}/showTitle/true/showOwner/true/ks/{ks()}",
        TESTER,
        f"/virtualEvent/launch?ks={ks(resourceId=resource_of(account), userContextualRole='3')}",
    ]
    return [account.simulator.url + path for path in paths]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_browser_finds_the_other_pages_accessible(
    every_page: list[str], page: BrowserPage, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found = []
    for url in every_page:
        page.goto(url)
        found += violations(page)

    assert found == []


@pytest.mark.parametrize("width", [360, 1280])
def test_browser_never_scrolls_the_other_pages_sideways(
    every_page: list[str], page: BrowserPage, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if "Policy" in m.text else None)
    widths = []
    for url in every_page:
        page.goto(url)
        widths.append(page.evaluate("document.documentElement.scrollWidth"))

    assert (widths, complaints) == ([width] * len(every_page), [])


def test_browser_can_touch_every_control(every_page: list[str], page: BrowserPage) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    small = []
    for url in every_page:
        page.goto(url)
        small += page.evaluate(
            """() => [...document.querySelectorAll("a, button, textarea, input")]
              .filter((node) => node.offsetParent && !node.closest(".card-title"))
              .filter((node) => node.getBoundingClientRect().height < 44)
              .map((node) => node.outerHTML)"""
        )

    assert small == []
