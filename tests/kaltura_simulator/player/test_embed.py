"""The stand-in player over HTTP: its scripts, what it may play, and real media."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from KalturaClient.Plugins import Caption, Core

from kaltura_simulator import constants
from kaltura_simulator.media import webm
from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import USER, client_of

V7 = f"embedPlaykitJs/uiconf_id/{constants.PLAYER_UICONF_ID}"
V2 = f"sp/10100/embedIframeJs/uiconf_id/{constants.OLDER_PLAYER_UICONF_ID}/partner_id/101"
CLIP = "playManifest/entryId/0_videoone/tags/webm/format/url"


def get(kaltura: Simulator, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{kaltura.url}/p/101/{path}", headers=headers, timeout=10)


@pytest.mark.parametrize(
    ("path", "status", "holds"),
    [
        (V7, 200, "window.KalturaPlayer"),
        (
            f"{V7}/partner_id/101?iframeembed=true&entry_id=0_videoone&ks=x",
            200,
            'data-entry="0_vid',
        ),
        (V2, 200, "window.kWidget"),
        (f"{V2}?iframeembed=true&entry_id=0_videoone&flashvars[ks]=x", 200, 'data-entry="0_vid'),
        ("embedPlaykitJs/uiconf_id/99", 404, ""),
        (f"embedPlaykitJs/uiconf_id/{constants.OLDER_PLAYER_UICONF_ID}", 404, ""),
        (f"embedIframeJs/uiconf_id/{constants.PLAYER_UICONF_ID}", 404, ""),
        ("embedPlaykitJs/uiconf_id/one", 404, ""),
    ],
)
def test_a_player_of_the_account_is_served_in_its_own_version(
    kaltura: Simulator, path: str, status: int, holds: str
):
    answer = get(kaltura, path)

    assert (answer.status_code, holds in answer.text) == (status, True)


def test_a_clip_is_a_video_that_can_be_sought_in(kaltura: Simulator):
    whole = get(kaltura, CLIP)
    first, last, beyond = (
        get(kaltura, CLIP, Range=f"bytes={part}") for part in ("0-99", "-50", "99999999-")
    )

    assert whole.content == webm.webm(90_000)
    assert whole.headers["Content-Type"] == "video/webm"
    assert (first.status_code, first.content) == (206, whole.content[:100])
    assert first.headers["Content-Range"] == f"bytes 0-99/{len(whole.content)}"
    assert (last.content, beyond.status_code) == (whole.content[-50:], 416)


def protect(client: Any, entry_id: str) -> None:
    """Only who may view the entry plays it: the usual rule of protected videos."""
    condition = Core.KalturaAuthenticatedCondition(
        privileges=[Core.KalturaStringValue(value="sview")]
    )
    condition.not_ = True
    rule = Core.KalturaRule(
        conditions=[condition],
        actions=[Core.KalturaAccessControlBlockAction()],
        message="Sign in to watch.",
    )
    profile = Core.KalturaAccessControlProfile(name="Signed in", rules=[rule])
    made = client.accessControlProfile.add(profile)
    client.baseEntry.update(entry_id, Core.KalturaMediaEntry(accessControlId=made.id))


def test_a_protected_clip_plays_for_a_session_that_may_view_it(kaltura: Simulator):
    admin = client_of(kaltura)
    protect(admin, "0_videoone")
    options = Core.KalturaPlaybackContextOptions()

    def seen(privileges: str) -> tuple[int, list[str], int]:
        client = client_of(kaltura, USER, "ann", privileges)
        context = client.baseEntry.getPlaybackContext("0_videoone", options)
        said = [message.message for message in context.messages]
        return len(context.sources), said, get(kaltura, f"{CLIP}/ks/{client.getKs()}").status_code

    refused = (0, ["Sign in to watch."], 404)
    assert seen("sview:0_videoone") == (2, [], 200)
    assert seen("sview:0_videotwo") == seen("") == refused
    assert get(kaltura, CLIP).status_code == 404


def test_a_gated_clip_plays_for_members_only(kaltura: Simulator):
    admin = client_of(kaltura)
    gate = admin.category.add(
        Core.KalturaCategory(name="Gate", privacyContext="conference", privacy=3)
    )
    admin.categoryEntry.add(Core.KalturaCategoryEntry(categoryId=gate.id, entryId="0_videoone"))
    admin.user.add(Core.KalturaUser(id="ann"))
    admin.categoryUser.add(Core.KalturaCategoryUser(categoryId=gate.id, userId="ann"))
    strict = "sview:0_videoone,enableentitlement,privacycontext:conference"

    statuses = {
        who: get(kaltura, f"{CLIP}/ks/{client_of(kaltura, USER, who, strict).getKs()}").status_code
        for who in ("ann", "bob")
    }

    assert statuses == {"ann": 200, "bob": 404}


def test_captions_that_are_shown_come_with_the_playback_context(kaltura: Simulator):
    admin = client_of(kaltura)
    assets = admin.caption.captionAsset
    content = Core.KalturaStringResource(content="1\n00:00:01,000 --> 00:00:04,000\nWelcome\n")
    for label, shown in (("English", True), ("Draft", False)):
        sent = Caption.KalturaCaptionAsset(label=label, language="English", displayOnPlayer=shown)
        assets.setContent(assets.add("0_videoone", sent).id, content)

    context = admin.baseEntry.getPlaybackContext("0_videoone", Core.KalturaPlaybackContextOptions())

    assert [caption.label for caption in context.playbackCaptions] == ["English"]
    text = requests.get(context.playbackCaptions[0].webVttUrl, timeout=10).text
    assert text.startswith("WEBVTT") and "00:00:01.000 --> 00:00:04.000\nWelcome" in text


def test_what_is_watched_is_a_visit_of_the_sessions_user(kaltura: Simulator):
    kaltura.freeze()
    ks = client_of(kaltura, USER, "ann", "sview:0_videoone").getKs()

    def tell(path: str) -> requests.Response:
        return requests.post(f"{kaltura.url}/p/101/watched/{path}", timeout=10)

    begun = tell(f"entry_id/0_videoone/ks/{ks}")
    token = begun.json()["visit"]
    kaltura.advance(60)
    tell(f"visit/{token}")
    left = tell(f"visit/{token}/left/1")

    (visit,) = kaltura.visits()
    assert (visit["userId"], visit["entryId"]) == ("ann", "0_videoone")
    assert visit["left"] - visit["joined"] == 60
    assert [answer.status_code for answer in (begun, left, tell("entry_id/0_nosuchid"))] == [
        200,
        200,
        404,
    ]
    assert tell("visit/1-made-up").status_code == 404
