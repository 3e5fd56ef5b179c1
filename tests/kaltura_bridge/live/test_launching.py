"""The addresses that open Kaltura's programs for producers and moderators."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from kaltura_bridge.live.launching import (
    Broadcast,
    StudioOptions,
    moderator_address,
    studio_address,
    studio_params,
)

BROADCAST = Broadcast(
    entry_id="1_abcd2345",
    ks="djJ8MTAx-_=",
    ks_expires_at=datetime(2026, 3, 29, 12, 0, 0, 999_999, tzinfo=UTC),
    starts_at=datetime(2026, 3, 29, 9, 0, tzinfo=ZoneInfo("Europe/Berlin")),
    ends_at=datetime(2026, 3, 29, 8, 0, tzinfo=UTC),
    server_address="https://www.kaltura.com",
)


def unpacked(address: str) -> dict[str, str]:
    """What the program reads in its address."""
    scheme, _, form = address.partition(":")
    assert scheme == "KalturaWebcast"
    text = base64.b64decode(form, validate=True).decode()
    return dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True))


def test_the_studio_is_told_everything_by_the_names_of_its_code():
    options = StudioOptions(
        user_id="portal-producer-1",
        ui_conf_id="1202",
        site_url="https://events.example.org",
        app_name="Webcasting Studio & more",
        self_serve=True,
        logo_url="https://events.example.org/logo.png",
        player_id="1201",
        events_profile_id="1302",
        webcast_profile_id="1301",
        presentation_profile_id="1004",
    )

    assert unpacked(studio_address(studio_params(BROADCAST, options))) == {
        "ks": "djJ8MTAx-_=",
        "ks_expiry": "2026-03-29T12:00:00+00:00",
        "MediaEntryId": "1_abcd2345",
        "uiConfID": "1202",
        "serverAddress": "https://www.kaltura.com",
        "eventsMetadataProfileId": "1302",
        "kwebcastMetadataProfileId": "1301",
        "appName": "Webcasting Studio & more",
        "logoUrl": "https://events.example.org/logo.png",
        "fromDate": "2026-03-29T07:00:00+00:00",
        "toDate": "2026-03-29T08:00:00+00:00",
        "userId": "portal-producer-1",
        "QnAEnabled": "true",
        "pollsEnabled": "true",
        "userRole": "adminRole",
        "playerUIConf": "1201",
        "presentationConversionProfileId": "1004",
        "referer": "https://events.example.org",
        "debuggingMode": "false",
        "verifySSL": "true",
        "checkForUpdates": "true",
        "selfServeEnabled": "true",
        "participantsPanel": "true",
        "appHostUrl": "https://events.example.org",
        "instanceProfile": "eventportal",
    }


def test_what_is_not_there_is_left_out():
    options = StudioOptions("portal-producer-1", "", "https://events.example.org", "Studio")

    params = studio_params(BROADCAST, options)

    optional = {"logoUrl", "playerUIConf", "uiConfID", "presentationConversionProfileId"}
    optional |= {"eventsMetadataProfileId", "kwebcastMetadataProfileId"}
    assert optional & params.keys() == set()
    assert "" not in params.values()


def test_the_form_in_the_address_is_that_of_jquery():
    """As ``$.param`` of KAppLauncher.js writes it: blanks as +, all else in percent."""
    assert studio_address({"appName": "Zoë & co"}) == (
        f"KalturaWebcast:{base64.b64encode(b'appName=Zo%C3%AB+%26+co').decode()}"
    )


def test_moderators_are_led_to_the_server_of_the_settings_with_times_in_iso():
    parts = urlsplit(moderator_address(BROADCAST))

    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == (
        "https://www.kaltura.com/apps/webcast/vlatest/index.html"
    )
    assert dict(parse_qsl(parts.query, strict_parsing=True)) == {
        "MediaEntryId": "1_abcd2345",
        "ks": "djJ8MTAx-_=",
        "ks_expiry": "2026-03-29T12:00:00+00:00",
        "qnaModeratorMode": "true",
        "serverAddress": "https://www.kaltura.com",
        "fromDate": "2026-03-29T07:00:00+00:00",
        "toDate": "2026-03-29T08:00:00+00:00",
    }
