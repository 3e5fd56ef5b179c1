"""The page for moderators says what is wrong with its address, and shows what was asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import USER, call, http, ks_of

ROLE = "setrole:WEBCAST_PRODUCER_DEVICE_ROLE"
TIME = "2026-03-29T09:00:00+00:00"


@pytest.fixture
def entry_id(kaltura: Simulator) -> str:
    entry = {"objectType": "KalturaLiveStreamEntry", "name": "Keynote & more", "mediaType": 201}
    made = call(
        kaltura, "livestream.add", ks=ks_of(kaltura), liveStreamEntry=entry, sourceType="32"
    )
    return str(made["id"])


def opened(kaltura: Simulator, entry_id: str, **changes: str) -> tuple[int, str]:
    """Status and text of the page; a parameter that is changed to "" is left out."""
    given: dict[str, Any] = {
        "MediaEntryId": entry_id,
        "ks": ks_of(kaltura, USER, "moderator", ROLE),
        "ks_expiry": TIME,
        "qnaModeratorMode": "true",
        "serverAddress": kaltura.url,
        "fromDate": TIME,
        "toDate": TIME,
        **changes,
    }
    query = urlencode({name: value for name, value in given.items() if value})
    status, _, text = http(f"{kaltura.url}/apps/webcast/vlatest/index.html?{query}")
    return status, text


def ask(kaltura: Simulator, entry_id: str, user: str, text: str, public: bool) -> None:
    note = {
        "objectType": "KalturaAnnotation",
        "entryId": entry_id,
        "text": text,
        "isPublic": str(int(public)),
    }
    call(kaltura, "cuepoint_cuepoint.add", ks=ks_of(kaltura, USER, user), cuePoint=note)


def test_the_page_shows_what_the_session_may_read(kaltura, entry_id):
    ask(kaltura, entry_id, "ann", "Why <b>so</b> early?", public=True)
    ask(kaltura, entry_id, "bob", "Only for me", public=False)
    editor = ks_of(kaltura, USER, "producer", f"{ROLE},edit:{entry_id}")

    moderator, producer = opened(kaltura, entry_id), opened(kaltura, entry_id, ks=editor)

    assert (moderator[0], producer[0]) == (200, 200)
    assert f'data-moderates="{entry_id}" data-user="moderator"' in moderator[1]
    assert "Why &lt;b&gt;so&lt;/b&gt; early?" in moderator[1]
    assert ("Only for me" in moderator[1], "Only for me" in producer[1]) == (False, True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ks": ""}, "ks is missing"),
        ({"ks": "nonsense"}, "ks is not one of ours"),
        ({"MediaEntryId": ""}, "MediaEntryId is missing"),
        ({"MediaEntryId": "0_videoone"}, "MediaEntryId is no live entry"),
        ({"qnaModeratorMode": "True"}, "qnaModeratorMode is not true"),
        ({"ks_expiry": "2020-06-21 23:10:43.378412"}, "ks_expiry is no time like"),
        ({"fromDate": "2026-03-29T09:00:00"}, "fromDate is no time like"),
        ({"toDate": ""}, "toDate is missing"),
        ({"serverAddress": "https://www.kaltura.com"}, "serverAddress is not http://127.0.0.1"),
    ],
)
def test_the_page_says_what_is_wrong_with_its_address(kaltura, entry_id, changes, said):
    status, text = opened(kaltura, entry_id, **changes)

    assert status == 403
    assert said in text


def test_a_session_without_the_role_does_not_moderate(kaltura, entry_id):
    status, text = opened(kaltura, entry_id, ks=ks_of(kaltura, USER, "moderator"))

    assert (status, "has no setrole" in text) == (403, True)
