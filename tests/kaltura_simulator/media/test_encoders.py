"""An encoder sends where an entry's own address leads, with the entry's own key, or nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from kaltura_simulator.testing import Simulator, SimulatorFailed
from tests.kaltura_simulator.support.clients import call, ks_of


def stream(kaltura: Simulator, **fields: Any) -> dict[str, Any]:
    """A new live entry with its addresses, as an administrator sees it."""
    entry = {"objectType": "KalturaLiveStreamEntry", "name": "Keynote", "mediaType": 201, **fields}
    made = call(
        kaltura, "livestream.add", ks=ks_of(kaltura), liveStreamEntry=entry, sourceType="32"
    )
    return dict(call(kaltura, "livestream.get", ks=ks_of(kaltura), entryId=made["id"]))


@pytest.mark.parametrize(
    "address",
    [
        "primaryBroadcastingUrl",
        "secondaryBroadcastingUrl",
        "primarySecuredBroadcastingUrl",
        "secondarySecuredBroadcastingUrl",
    ],
)
def test_an_encoder_with_address_and_name_is_on_air(kaltura, address):
    entry = stream(kaltura)

    taken = kaltura.encode(entry[address], entry["streamName"].replace("%i", "1"))

    assert taken == entry["id"]
    assert call(kaltura, "livestream.isLive", id=entry["id"]) is True
    kaltura.stop_encoding(entry["id"])
    assert call(kaltura, "livestream.isLive", id=entry["id"]) is False


def test_an_entry_that_is_opened_by_its_producer_is_in_preview_first(kaltura):
    entry = stream(kaltura, explicitLive=True)

    kaltura.encode(entry["primarySrtBroadcastingUrl"], entry["primarySrtStreamId"])

    details = call(kaltura, "livestream.getDetails", id=entry["id"])
    assert (details["broadcastStatus"], details["viewMode"]) == (2, 0)


def test_what_viewers_are_told_is_kept_for_a_while_where_that_is_switched_on(kaltura):
    entry = stream(kaltura)
    kaltura.keep_live_answers(True)
    told = []
    for seconds, state in ((0, "off"), (1, "on_air"), (5, "on_air"), (1, "off"), (30, "off")):
        kaltura.advance(seconds)
        kaltura.switch(entry["id"], state)
        told.append(call(kaltura, "livestream.isLive", id=entry["id"]))

    kaltura.keep_live_answers(False)

    # A no is told again for five seconds, a yes for thirty.
    assert told == [False, False, True, True, False]


def test_a_wrong_token_key_or_entry_takes_nothing(kaltura):
    entry, other = stream(kaltura), stream(kaltura)
    server, key = entry["primaryBroadcastingUrl"], f"{entry['id']}_1"
    for sent in (
        (f"{server}0", key),
        (server.replace("rtmp:", "rtmps:"), key),
        (server, f"{other['id']}_1"),
        (server, entry["id"] + "_0"),
        (server, ""),
        ("", key),
    ):
        with pytest.raises(SimulatorFailed, match="no entry takes a stream"):
            kaltura.encode(*sent)
    fresh = call(
        kaltura, "livestream.regenerateStreamToken", ks=ks_of(kaltura), entryId=entry["id"]
    )
    with pytest.raises(SimulatorFailed, match="no entry takes a stream"):
        kaltura.encode(server, key)
    assert fresh["id"] == entry["id"]
    assert call(kaltura, "livestream.isLive", id=entry["id"]) is False


def test_an_account_may_be_without_srt(kaltura):
    kaltura.set_features(rtmpOnly=True)

    entry = stream(kaltura)

    assert entry["primarySecuredBroadcastingUrl"].startswith("rtmps://")
    assert not entry.get("primarySrtBroadcastingUrl")
