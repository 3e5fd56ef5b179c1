"""Kaltura's pages get what a room needs, and only the configured origin gets it."""

from __future__ import annotations

import pytest

from kaltura_bridge.join import embeds

KAF = "https://1234567.kaf.kaltura.com"


@pytest.fixture(autouse=True)
def kaf(settings):
    settings.KALTURA_KAF_URL = KAF


def test_addresses_of_the_pages():
    assert [embeds.view_entry_url("KS"), embeds.view_room_url("KS")] == [
        f"{KAF}/hosted/index/view-entry/ks/KS",
        f"{KAF}/embeddedrooms/index/view-room/ks/KS",
    ]


def test_iframe_allow_names_all_seven_features_for_one_origin():
    assert embeds.iframe_allow() == "; ".join(
        f"{feature} {KAF}"
        for feature in (
            "microphone",
            "camera",
            "speakers",
            "usermedia",
            "autoplay",
            "fullscreen",
            "display-capture",
        )
    )


def test_permissions_policy_hands_on_to_that_origin_and_denies_the_rest():
    assert embeds.permissions_policy() == (
        f'microphone=(self "{KAF}"), camera=(self "{KAF}"), speaker-selection=(self "{KAF}"), '
        f'autoplay=(self "{KAF}"), fullscreen=(self "{KAF}"), display-capture=(self "{KAF}"), '
        "geolocation=(), payment=(), usb=(), browsing-topics=()"
    )


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090"),
        ("https://Events.Example.org/kaf", "https://events.example.org"),
    ],
)
def test_kaf_origin_is_what_browsers_compare(settings, url, origin):
    settings.KALTURA_KAF_URL = url

    assert embeds.kaf_origin() == origin
