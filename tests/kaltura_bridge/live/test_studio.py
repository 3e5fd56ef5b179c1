"""The Webcasting Studio: its downloads, and the redirect that opens it."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from django.utils import timezone

from events.models import SessionType
from kaltura_bridge.api.account import account
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.models import Chat, SessionDelivery
from tests.environment import ADMIN_SECRET
from tests.kaltura_bridge.api.test_ks import decode
from tests.kaltura_bridge.live.test_launching import unpacked
from tests.kaltura_bridge.support.on_air import OnAir, on_air

pytestmark = pytest.mark.django_db

PRODUCE_IT = {"owner", "producer"}
VERSIONS = {"osx": "8.0.0", "windows": "8.0.0"}


def studio_url(air: OnAir) -> str:
    return f"{air.desk_url}studio/"


def launch(air: OnAir, who: str = "producer", system: str = "windows") -> Any:
    return air.client(who).post(f"{studio_url(air)}launch/", {"system": system})


def test_the_page_opens_and_offers_the_program_for_both_systems(simulator):
    air = on_air(simulator)

    page = air.client().get(studio_url(air))

    text = page.content.decode()
    assert {app.system: app.version for app in page.context["apps"]} == VERSIONS
    assert "https://example.test/webcasting/osx.dmg" in text
    assert "https://example.test/webcasting/windows.msi" in text
    assert ("Open on Windows" in text, "Open on macOS" in text) == (True, True)
    assert "djJ8" not in text
    assert "kalturawebcast:" in page["Content-Security-Policy"]
    assert page["Cache-Control"] == "no-store, private"


def test_a_launch_is_one_redirect_that_nothing_keeps(simulator, settings):
    settings.SITE_URL = "https://events.example.org"
    air = on_air(simulator)
    session, before = air.session, timezone.now()

    answer = launch(air)

    told = unpacked(answer["Location"])
    fields = decode(told.pop("ks"), ADMIN_SECRET)
    expiry = told.pop("ks_expiry")
    iso = lambda moment: moment.astimezone(UTC).isoformat(timespec="seconds")  # noqa: E731
    user_id = f"portal-producer-{session.uuid.hex}"
    assert answer.status_code == 303
    assert answer.content == b""
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert told == {
        "MediaEntryId": air.entry_id,
        "uiConfID": "1202",
        "serverAddress": simulator.url,
        "eventsMetadataProfileId": "1302",
        "kwebcastMetadataProfileId": "1301",
        "appName": "Webcasting Studio",
        "logoUrl": f"https://events.example.org/e/{session.event.slug}/preview.jpg",
        "fromDate": iso(session.starts_at),
        "toDate": iso(session.ends_at),
        "userId": user_id,
        "QnAEnabled": "true",
        "pollsEnabled": "true",
        "userRole": "adminRole",
        "playerUIConf": "1201",
        "presentationConversionProfileId": "1004",
        "referer": "https://events.example.org",
        "debuggingMode": "false",
        "verifySSL": "true",
        "checkForUpdates": "true",
        "selfServeEnabled": "false",
        "participantsPanel": "true",
        "appHostUrl": "https://events.example.org",
        "instanceProfile": "eventportal",
    }
    assert expiry.endswith("+00:00")
    assert int(fields.pop("_e")) - before.timestamp() >= 3600
    assert fields == {
        "setrole": "WEBCAST_PRODUCER_DEVICE_ROLE",
        "sview": air.entry_id,
        "list": air.entry_id,
        "download": air.entry_id,
        "edit": air.entry_id,
        "_t": "0",
        "_u": user_id,
    }


def test_the_program_goes_live_with_what_it_was_given(simulator):
    air = on_air(simulator)
    simulator.switch(air.entry_id, "preview")
    signed = unpacked(launch(air)["Location"])["ks"]
    opened = {"objectType": "KalturaLiveStreamEntry", "viewMode": "1", "recordingStatus": "2"}

    call(
        LightCall(
            "livestream", "update", {"entryId": air.entry_id, "liveStreamEntry": opened}, signed
        )
    )

    assert (air.entry()["viewMode"], air.entry()["recordingStatus"]) == (1, 2)


def test_the_program_is_told_how_the_session_is_delivered(simulator):
    air = on_air(simulator)
    SessionDelivery.objects.create(session=air.session, questions=Chat.OFF, self_serve=True)

    told = unpacked(launch(air, system="osx")["Location"])

    assert (told["QnAEnabled"], told["selfServeEnabled"]) == ("false", "true")


def test_whoever_does_not_produce_finds_neither_page_nor_way(simulator):
    air = on_air(simulator)
    for who in air.people.keys() - PRODUCE_IT:
        assert air.client(who).get(studio_url(air)).status_code == 404, who
        assert launch(air, who).status_code == 404, who


def test_an_account_without_downloads_says_so(simulator):
    air = on_air(simulator)
    row = account()
    row.resources = {**row.resources, "studio_apps": []}
    row.save()

    page = air.client().get(studio_url(air))

    assert "Kaltura names no download for this account." in page.content.decode()
    assert "uiConfID" not in unpacked(launch(air)["Location"])


def test_slides_are_converted_by_the_setting_where_the_account_names_nothing(simulator, settings):
    settings.KALTURA_SLIDES_PROFILE_ID = 4711
    air = on_air(simulator)
    row = account()
    row.resources = {**row.resources, "presentation_profile_id": ""}
    row.save()

    assert unpacked(launch(air)["Location"])["presentationConversionProfileId"] == "4711"


def test_before_kaltura_has_the_webcast_the_way_leads_back(simulator):
    air = on_air(simulator, synced=False)

    page, answer = air.client().get(studio_url(air)), launch(air)

    assert "Kaltura does not have the broadcast yet" in page.content.decode()
    assert (answer.status_code, answer["Location"]) == (302, studio_url(air))


@pytest.mark.parametrize("session_type", [SessionType.INTERACTIVE, SessionType.SIMULIVE])
def test_what_it_cannot_produce_has_no_such_page(simulator, session_type):
    air = on_air(simulator, synced=False, session_type=session_type)

    assert air.client().get(studio_url(air)).status_code == 404
    assert launch(air).status_code == 404
