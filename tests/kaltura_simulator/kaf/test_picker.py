"""Choosing an entry for another site, and the embedded entry that is shown there."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

import pytest
import requests
from KalturaClient.Plugins.Core import KalturaLiveStreamEntry, KalturaMediaEntry

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.kaf_users import Account, Page, sign

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

SITE = "https://lms.example.org/chosen?course=7"
VIDEO = "0_videoone"
_FORM = re.compile(r'<form class="choose" method="post" action="([^"]*)">(.*?)</form>', re.DOTALL)


def picker_url(simulator: Simulator, user: str = "u-1", **more: str) -> str:
    """The address of the picker; empty privileges are left out."""
    given = {"actionslimit": "-1", "role": "privateOnlyRole", "returnUrl": quote(SITE, safe="")}
    joined = ",".join(f"{name}:{value}" for name, value in (given | more).items() if value)
    ks = sign(simulator, user, joined)
    return f"{simulator.url}/browseandembed/index/browseandembed/ks/{ks}"


def pick(simulator: Simulator, user: str = "u-1", **more: str) -> Page:
    return Page(simulator, requests.get(picker_url(simulator, user, **more), timeout=10))


def forms(page: Page) -> list[tuple[str, dict[str, str]]]:
    """Each form's target and fields."""
    field = re.compile(r'name="([^"]+)" value="([^"]*)"')
    return [
        (unescape(target), {n: unescape(v) for n, v in field.findall(inside)})
        for target, inside in _FORM.findall(page.reply.text)
    ]


def chosen(page: Page) -> list[str]:
    return [fields["entry_id"] for _, fields in forms(page)]


def embed(simulator: Simulator, rest: str, user: str = "u-1", **privileges: str) -> Page:
    """Open an embedded entry with a session at the end of its address."""
    given = {"role": "viewerRole"} | privileges
    ks = sign(simulator, user, ",".join(f"{n}:{v}" for n, v in given.items() if v))
    url = f"{simulator.url}/browseandembed/index/media/{rest}/ks/{ks}"
    return Page(simulator, requests.get(url, timeout=10))


# ------------------------------------------------------------------------ the picker
def test_picker_offers_own_media_and_that_of_the_galleries_but_no_rooms(account: Account) -> None:
    shared = account.webcast("Keynote")
    account.room("Room")
    owner = next(r["userId"] for r in account.simulator.objects("media") if r["id"] == VIDEO)

    owners, others, viewers = (
        pick(account.simulator, owner),
        pick(account.simulator, "u-1"),
        pick(account.simulator, "u-1", role="viewerRole"),
    )

    assert sorted(chosen(owners)) == sorted([VIDEO, "0_videotwo", shared])
    assert [chosen(page) for page in (others, viewers)] == [[shared]] * 2
    assert ["My Media" in page.text for page in (owners, others, viewers)] == [True, True, False]


def test_picker_posts_the_choice_to_the_site_that_asked(account: Account) -> None:
    webcast = account.webcast('Talk "one" <b>')
    account.client.baseEntry.update(
        webcast, KalturaLiveStreamEntry(description="First & best", tags="one, two")
    )
    [entry] = account.simulator.objects("liveStream")

    [(target, fields)] = forms(pick(account.simulator))

    assert target == SITE
    url = fields.pop("url")
    assert fields == {
        "entry_id": webcast,
        "title": 'Talk "one" <b>',
        "fullDescription": "First & best",
        "tags": "one, two",
        "thumbnailUrl": f"{account.simulator.url}/p/101/thumbnail/entry_id/{webcast}"
        "/width/640/height/360",
        "duration": "0",
        "createdAt": str(entry["createdAt"]),
        "width": "608",
        "height": "402",
    }
    start = f"{account.simulator.url}/browseandembed/index/media/entryid/{webcast}/"
    assert url.startswith(start)
    ks = sign(account.simulator, "reader", "role:viewerRole")
    assert requests.get(f"{url}/ks/{ks}", timeout=10).status_code == 200


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/x", "https://a.example/?x=a%20b&y=%2F", "HTTPS://A.EXAMPLE/"]
)
@pytest.mark.parametrize("encoded", [True, False])
def test_picker_reads_the_address_encoded_or_plain(
    account: Account, address: str, encoded: bool
) -> None:
    account.webcast()

    page = pick(account.simulator, returnUrl=quote(address, safe="") if encoded else address)

    assert [target for target, _ in forms(page)] == [address]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.example/",
        "//a.example/",
        "/here",
        "https://",
        "https://a.example:0x/",
        "https://a.example/ x",
        "https://a.example/\nx",
        "https://[::1",
    ],
)
def test_picker_posts_nowhere_but_to_the_web(account: Account, address: str) -> None:
    page = pick(account.simulator, returnUrl=quote(address, safe=""))

    assert page.refusal == (400, "return-url", "returnUrl")


@pytest.mark.parametrize(
    ("privileges", "expected"),
    [
        ({"returnUrl": ""}, (400, "missing", "returnUrl")),
        ({"role": ""}, (400, "missing", "role")),
        ({"role": "viewerOnly"}, (400, "unknown-role", "role")),
        ({"userId": "u-2"}, (403, "user-mismatch", "userId")),
        ({"user": ""}, (400, "no-user", "")),
    ],
)
def test_picker_refuses(
    kaltura: Simulator, privileges: dict[str, str], expected: tuple[int, str, str]
) -> None:
    assert pick(kaltura, **privileges).refusal == expected


def test_picker_may_send_forms_to_the_web_and_nothing_else(account: Account) -> None:
    headers = pick(account.simulator).reply.headers

    policy = headers["Content-Security-Policy"].split("; ")
    assert "form-action http: https:" in policy
    assert "default-src 'none'" in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


@pytest.fixture
def site() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Another site that accepts posts."""
    posted: list[dict[str, str]] = []

    class ReturnPage(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            posted.append(dict(parse_qsl(body, keep_blank_values=True)))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>Taken</title><p>Thank you</p>")

        def log_message(self, *args: object) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), ReturnPage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/chosen", posted
    server.shutdown()
    server.server_close()


def test_browser_chooses_an_entry(
    account: Account, page: BrowserPage, site: tuple[str, list[dict[str, str]]]
) -> None:
    address, posted = site
    webcast = account.webcast("Keynote")
    page.goto(picker_url(account.simulator, returnUrl=quote(address, safe="")))
    page.click("role=button[name='Choose Keynote']")
    page.wait_for_selector("text=Thank you")

    assert [fields["entry_id"] for fields in posted] == [webcast]


# -------------------------------------------------------------------- one embedded entry
def test_embedded_entry_plays_for_whoever_the_session_names(kaltura: Simulator) -> None:
    page = embed(kaltura, f"entryid/{VIDEO}/playerSize/608x402/", "u-4", firstName="Ada")

    assert page.status == 200
    assert page.data | {"data-visit": "", "data-beat-ms": ""} == {
        "data-kind": "media",
        "data-state": "in",
        "data-stage": "recording",
        "data-entry-id": VIDEO,
        "data-playing": f"{VIDEO} vod",
        "data-user-id": "u-4",
        "data-user-name": "Ada",
        "data-role": "attendee",
        "data-kaf-role": "viewerRole",
        "data-visit": "",
        "data-beat-ms": "",
    }
    assert page.beat()["state"] == "in"
    assert [(v["entryId"], v["userId"]) for v in kaltura.visits()] == [(VIDEO, "u-4")]


def test_embedded_entry_tells_what_its_address_asks_for(kaltura: Simulator) -> None:
    some = embed(kaltura, f"entryid/{VIDEO}/showTitle/true/showDuration/true/showOwner/false")
    none = embed(kaltura, f"entryid/{VIDEO}")

    told = [re.findall(r'data-detail="(\w+)"', page.reply.text) for page in (some, none)]
    assert told == [["showTitle", "showDuration"], []]
    assert "Length 1:30" in some.text


def test_embedded_entry_refuses(account: Account) -> None:
    room = account.room()
    pages = [
        embed(account.simulator, "entryid/0_nothing1"),
        embed(account.simulator, f"entryid/{room}"),
        embed(account.simulator, "showTitle/true"),
        embed(account.simulator, f"entryid/{VIDEO}", role=""),
        embed(account.simulator, f"entryid/{VIDEO}", role="nobody"),
        embed(account.simulator, f"entryid/{VIDEO}", userId="u-2"),
        embed(account.simulator, f"entryid/{VIDEO}", user=""),
    ]
    bare = requests.get(
        f"{account.simulator.url}/browseandembed/index/media/entryid/{VIDEO}", timeout=10
    )

    assert [page.refusal for page in [*pages, Page(account.simulator, bare)]] == [
        (404, "entry-missing", ""),
        (403, "not-media", ""),
        (400, "no-entry", ""),
        (400, "missing", "role"),
        (400, "unknown-role", "role"),
        (403, "user-mismatch", "userId"),
        (400, "no-user", ""),
        (400, "garbage", ""),
    ]
    assert account.simulator.visits() == []


def test_embedded_entry_follows_a_stream_on_and_off_air(account: Account) -> None:
    webcast = account.webcast(starts_in=-60)
    page = embed(account.simulator, f"entryid/{webcast}")
    account.simulator.switch(webcast, "on_air")

    assert (page.data["data-stage"], page.beat()["stage"]["stage"]) == ("waiting", "live")


def test_browser_shows_an_embedded_entry_and_stays_in(account: Account, page: BrowserPage) -> None:
    account.simulator.set_visits(beat_s=0.1)
    webcast = account.webcast(starts_in=-60)
    ks = sign(account.simulator, "u-1", "role:viewerRole")
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{account.simulator.url}/browseandembed/index/media/entryid/{webcast}/ks/{ks}")
    account.simulator.switch(webcast, "on_air")
    page.wait_for_selector('main[data-stage="live"]')

    assert faults == []


def test_picker_and_embedded_entry_are_logged_without_any_session(account: Account) -> None:
    account.client.media.update(VIDEO, KalturaMediaEntry(name="A clip"))
    pages = [pick(account.simulator), embed(account.simulator, f"entryid/{VIDEO}")]

    logged = unescape(requests.get(f"{account.simulator.url}/ui/parts", timeout=10).text)

    assert "kaf.browseandembed" in logged
    assert "A clip, embedded, for u-1" in logged
    assert [p.reply.url for p in pages if p.reply.url.rsplit("/", 1)[1] in logged] == []
