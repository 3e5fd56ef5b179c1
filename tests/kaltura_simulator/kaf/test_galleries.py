"""The gallery of a context and a person's own media: who sees them, and what they list."""

from __future__ import annotations

import re
from html import unescape

import pytest
import requests
from KalturaClient.Plugins.Core import (
    KalturaCategory,
    KalturaCategoryEntry,
    KalturaCategoryUser,
    KalturaLiveStreamEntry,
    KalturaSessionType,
)

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.kaf_users import (
    Account,
    Page,
    client_of,
    join,
    privileges_for,
    sign,
)

GALLERY, MY_MEDIA = "course-gallery", "my-media"
_CARD = re.compile(r'<li class="card" data-entry-id="([^"]+)" (.*?)</li>', re.DOTALL)


def show(simulator: Simulator, page: str, user: str, expiry: int = 300, **privileges: str) -> Page:
    """Open one of the lists with these privileges; the empty ones are left out."""
    joined = ",".join(f"{name}:{value}" for name, value in privileges.items() if value)
    ks = sign(simulator, user, joined, expiry=expiry)
    url = f"{simulator.url}/hosted/index/{page}/ks/{ks}"
    return Page(simulator, requests.get(url, timeout=10))


def gallery(simulator: Simulator, context: str = "Camp", user: str = "u-1", **more: str) -> Page:
    """The gallery of a context, as a member sees it."""
    given = {"actionslimit": "-1", "role": "viewerRole", "contextId": context}
    given |= {"userContextualRole": "3"}
    return show(simulator, GALLERY, user, **(given | more))


def cards(page: Page) -> list[tuple[str, str, str]]:
    """Entry, kind and state of each card, in order."""
    found = []
    for entry, rest in _CARD.findall(page.reply.text):
        data = dict(re.findall(r'data-(\w+)="([^"]*)"', rest))
        found.append((entry, data["kind"], data["state"]))
    return found


def links(page: Page) -> dict[str, str]:
    """Where each card leads."""
    return {
        entry: unescape(link[1])
        for entry, rest in _CARD.findall(page.reply.text)
        if (link := re.search(r'href="([^"]+)"', rest))
    }


def full_names(account: Account) -> list[str]:
    return [row["fullName"] for row in account.simulator.objects("category")]


# ----------------------------------------------------------------------- the gallery
def test_gallery_lists_streams_rooms_and_clips_by_their_time(account: Account) -> None:
    later, sooner = account.webcast("Later", 7200), account.webcast("Sooner", -60)
    account.simulator.switch(sooner, "on_air")
    room = account.room("A <room>")
    video = account.client.categoryEntry.add(
        KalturaCategoryEntry(categoryId=account.channel, entryId="0_videotwo")
    ).entryId

    page = gallery(account.simulator, firstName="Ada", lastName="King")

    assert page.status == 200
    assert cards(page) == [
        (sooner, "live", "live"),
        (later, "live", "upcoming"),
        (room, "room", "waiting"),
        (video, "vod", "ready"),
    ]
    assert page.data == {
        "data-list": GALLERY,
        "data-category-id": str(account.channel),
        "data-context-id": "Camp",
        "data-user-id": "u-1",
        "data-user-name": "Ada King",
        "data-contextual-role": "3",
        "data-kaf-role": "viewerRole",
        "data-count": "4",
    }
    assert "A <room>" in page.text
    assert "<room>" not in page.reply.text


def test_gallery_tells_the_hours_of_what_is_scheduled(account: Account) -> None:
    webcast = account.webcast()
    account.schedule(webcast, 60)
    [event] = account.simulator.objects("scheduleEvent")
    account.simulator.freeze()

    [start] = re.findall(r'data-start="(\d+)"', gallery(account.simulator).reply.text)
    [when] = re.findall(r'class="card-when">([^<]*)<', gallery(account.simulator).reply.text)

    assert int(start) == event["startDate"]
    assert re.fullmatch(r"\w{3} \d+ \w{3} \d{4}, \d\d:\d\d–.*\d\d:\d\d UTC", when)


def test_gallery_leads_to_pages_that_open_for_the_same_person(account: Account) -> None:
    webcast, room = account.webcast(), account.room()

    found = links(gallery(account.simulator, user="u-7", firstName="Ada", userContextualRole="0"))
    opened = {
        entry: Page(account.simulator, requests.get(account.simulator.url + link, timeout=10))
        for entry, link in found.items()
    }

    assert {entry: page.data["data-kind"] for entry, page in opened.items()} == {
        webcast: "webcast",
        room: "room",
    }
    assert {
        (page.data["data-user-id"], page.data["data-user-name"], page.data["data-role"])
        for page in opened.values()
    } == {("u-7", "Ada", "instructor")}


def test_gallery_says_who_is_in_a_room(account: Account) -> None:
    room = account.room()
    join(account.simulator, room, "u-2")

    page = gallery(account.simulator)

    assert cards(page) == [(room, "room", "live")]
    assert "1 person here" in page.text


def test_gallery_leaves_out_what_is_deleted_not_ready_or_elsewhere(account: Account) -> None:
    gone, recorded = account.room("Gone"), account.webcast("Recorded")
    account.room("Elsewhere", categorised=False)
    account.client.room.room.delete(gone)
    account.simulator.set_recording(600)
    account.simulator.switch(recorded, "on_air")
    [clip] = [r["id"] for r in account.simulator.recordings()]
    link = KalturaCategoryEntry(categoryId=account.channel, entryId=clip)
    account.client.categoryEntry.add(link)

    assert cards(gallery(account.simulator)) == [(recorded, "live", "live")]


def test_gallery_lags_behind_as_lists_do(account: Account) -> None:
    account.simulator.set_index_delay(60)
    room = account.room()
    early = cards(gallery(account.simulator))
    account.simulator.set_index_delay(0)

    assert (early, cards(gallery(account.simulator))) == ([], [(room, "room", "waiting")])


def test_gallery_is_made_once_for_a_new_context(account: Account) -> None:
    pages = [gallery(account.simulator, f"New > {name}") for name in ("Talks", "talks", "Talks")]

    assert [page.status for page in pages] == [200] * 3
    assert len({page.data["data-category-id"] for page in pages}) == 1
    assert full_names(account).count("KAF>site>channels>New _ Talks") == 1
    assert "This gallery is empty" in pages[0].text


def test_gallery_finds_a_track_inside_an_event_by_its_name(account: Account) -> None:
    track = account.add_category("Main stage", account.channel)
    before = full_names(account)

    page = gallery(account.simulator, "Main stage")

    assert page.data["data-category-id"] == str(track)
    assert full_names(account) == before


def test_gallery_of_a_name_that_two_tracks_have_is_one_of_its_own(account: Account) -> None:
    other = account.add_category("Camp two", account.client.category.get(account.channel).parentId)
    twins = {str(account.add_category("Stage", parent)) for parent in (account.channel, other)}

    page = gallery(account.simulator, "Stage")

    assert page.data["data-category-id"] not in twins
    assert full_names(account)[-1] == "KAF>site>channels>Stage"


@pytest.mark.parametrize(
    ("contextual", "sees"), [("0", True), ("1", True), ("2", False), ("3", False), ("4", False)]
)
def test_gallery_shows_what_waits_to_those_who_let_it_in(
    account: Account, contextual: str, sees: bool
) -> None:
    room = account.room(categorised=False)
    account.client.category.update(account.channel, KalturaCategory(moderation=1))
    own = client_of(account.simulator, KalturaSessionType.USER)
    own.categoryEntry.add(KalturaCategoryEntry(categoryId=account.channel, entryId=room))

    page = gallery(account.simulator, userContextualRole=contextual)

    assert cards(page) == ([(room, "room", "waiting")] if sees else [])
    assert ("Waiting for moderation" in page.text) == sees
    assert links(page) == {}


@pytest.mark.parametrize(
    ("privileges", "expected"),
    [
        ({"role": ""}, (400, "missing", "role")),
        ({"actionslimit": ""}, (400, "missing", "actionslimit")),
        ({"contextId": ""}, (400, "missing", "contextId")),
        ({"contextId": " "}, (400, "missing", "contextId")),
        ({"contextId": "x" * 201}, (400, "context", "contextId")),
        ({"contextId": "a\x07b"}, (400, "context", "contextId")),
        ({"userContextualRole": ""}, (400, "missing", "userContextualRole")),
        ({"userContextualRole": "5"}, (400, "contextual-role", "userContextualRole")),
        ({"role": "viewerOnly"}, (400, "unknown-role", "role")),
        ({"userId": "u-2"}, (403, "user-mismatch", "userId")),
        ({"user": ""}, (400, "no-user", "")),
    ],
)
def test_gallery_refuses_and_makes_nothing(
    account: Account, privileges: dict[str, str], expected: tuple[int, str, str]
) -> None:
    before = full_names(account)

    page = gallery(account.simulator, **({"context": "New"} | privileges))

    assert page.refusal == expected
    assert full_names(account) == before


def test_gallery_needs_the_channels() -> None:
    simulator = Simulator.start("--provision", "empty")
    try:
        refusal = gallery(simulator).refusal
    finally:
        simulator.stop()

    assert refusal == (404, "no-channels", "")


# ------------------------------------------------------------------------- my media
def test_my_media_lists_what_the_user_owns_and_nothing_else(account: Account) -> None:
    webcast = account.webcast("Mine, on air", -60)
    room = account.room("Mine <alone>", categorised=False)
    account.client.liveStream.update(
        account.webcast("Theirs"), KalturaLiveStreamEntry(userId="somebody")
    )

    page = show(account.simulator, MY_MEDIA, "manager", role="privateOnlyRole")

    assert cards(page) == [(webcast, "live", "waiting"), (room, "room", "waiting")]
    assert list(links(page)) == [webcast]
    assert page.data == {
        "data-list": MY_MEDIA,
        "data-user-id": "manager",
        "data-user-name": "manager",
        "data-kaf-role": "privateOnlyRole",
        "data-count": "2",
    }
    assert "Not in any gallery yet" in page.text
    assert "<alone>" not in page.reply.text


def test_my_media_of_somebody_without_any_says_so(kaltura: Simulator) -> None:
    page = show(kaltura, MY_MEDIA, "u-1", role="adminRole", userId="u-1")

    assert (page.status, page.data["data-count"]) == (200, "0")
    assert "You have no media yet" in page.text


@pytest.mark.parametrize(
    ("privileges", "expected"),
    [
        ({"actionslimit": "-1"}, (400, "missing", "role")),
        ({"role": "viewerRole"}, (403, "role-too-low", "role")),
        ({"role": "anonymousRole"}, (403, "role-too-low", "role")),
        ({"role": "ownerRole"}, (400, "unknown-role", "role")),
        ({"role": "adminRole", "userId": "u-2"}, (403, "user-mismatch", "userId")),
    ],
)
def test_my_media_refuses(
    kaltura: Simulator, privileges: dict[str, str], expected: tuple[int, str, str]
) -> None:
    assert show(kaltura, MY_MEDIA, "u-1", **privileges).refusal == expected


# ----------------------------------------------------------------------------- both
@pytest.mark.parametrize("page", [GALLERY, MY_MEDIA])
def test_lists_fail_as_a_fault_tells_them_once(account: Account, page: str) -> None:
    given = {"actionslimit": "-1", "role": "adminRole", "contextId": "Camp"}
    given |= {"userContextualRole": "0"}
    account.simulator.fault(f"kaf.{page}", "status_5xx", status=503)

    seen = [show(account.simulator, page, "u-1", **given).status for _ in range(2)]

    assert seen == [503, 200]


def test_lists_refuse_a_dead_session_and_other_methods(account: Account) -> None:
    given = {"actionslimit": "-1", "role": "adminRole", "contextId": "Camp"}
    given |= {"userContextualRole": "0"}
    dead = [show(account.simulator, page, "u-1", -10, **given) for page in (GALLERY, MY_MEDIA)]
    ks = sign(account.simulator, "u-1", "role:adminRole")
    posted = [
        requests.post(f"{account.simulator.url}/hosted/index/{page}/ks/{ks}", timeout=10)
        for page in (GALLERY, MY_MEDIA)
    ]

    assert [page.refusal for page in dead] == [(403, "expired", "")] * 2
    assert [reply.status_code for reply in posted] == [405] * 2


def test_lists_may_be_framed_are_not_cached_and_tell_nobody_their_address(
    account: Account,
) -> None:
    pages = (gallery(account.simulator), show(account.simulator, MY_MEDIA, "u-1", role="adminRole"))

    for headers in (page.reply.headers for page in pages):
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors *" in policy
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"


def test_lists_are_logged_without_any_session(account: Account) -> None:
    account.webcast()
    page = gallery(account.simulator)
    show(account.simulator, MY_MEDIA, "u-1", role="viewerRole")
    sessions = [page.reply.url, *links(page).values()]

    logged = unescape(requests.get(f"{account.simulator.url}/ui/parts", timeout=10).text)

    assert "kaf.course-gallery" in logged
    assert "The gallery KAF>site>channels>Camp: 1 entry" in logged
    assert "role-too-low" in logged
    assert [url for url in sessions if url.rsplit("/", 1)[1] in logged] == []


# ------------------------------------------------------------------ for members only
def test_gallery_of_members_is_closed_to_others_whose_session_asks_for_it(account: Account) -> None:
    webcast = account.webcast()
    client, strict = account.client, {"privacycontext": "camp2027", "enableentitlement": "1"}
    client.category.update(
        account.channel, KalturaCategory(privacyContext="camp2027", privacy=3, appearInList=3)
    )
    client.categoryUser.add(KalturaCategoryUser(categoryId=account.channel, userId="ann"))

    def opens(user: str, **more: str) -> tuple[int, list[str]]:
        page = gallery(account.simulator, user=user, **more)
        return page.status, [entry for entry, _, _ in cards(page)]

    def enters(user: str) -> int:
        given = privileges_for(webcast, user, **strict)
        url = f"{account.simulator.url}/hosted/index/view-entry/ks/"
        return requests.get(url + sign(account.simulator, user, given), timeout=10).status_code

    assert (opens("ann", **strict), enters("ann")) == ((200, [webcast]), 200)
    assert (opens("bob", **strict), enters("bob")) == ((403, []), 404)
    # Who does not ask for entitlement sees everything, as at a running server.
    assert opens("bob") == (200, [webcast])
    other = {**strict, "privacycontext": "other"}
    assert opens("ann", **other) == (403, [])
    opened = links(gallery(account.simulator, user="ann", **strict))
    client.categoryUser.delete(account.channel, "ann")
    link = account.simulator.url + opened[webcast]
    assert (opens("ann", **strict)[0], requests.get(link, timeout=10).status_code) == (403, 404)
