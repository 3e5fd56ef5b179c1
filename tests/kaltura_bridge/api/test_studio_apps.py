"""What the account has for producers: the Studio's downloads, and what converts slides."""

from __future__ import annotations

import json

import pytest

from kaltura_bridge.api.account import account, remembered_resources, resources_for
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.api.studio_apps import StudioApp, studio_apps


def config(**systems: object) -> str:
    return json.dumps(systems)


def test_the_first_template_that_has_a_system_counts():
    windows = {"recommendedVersion": "8.1", "recommendedVersionUrl": "https://example.test/w.msi"}
    mac = {"recommendedVersionUrl": "https://example.test/m.dmg", "minimumVersion": "7"}

    found = studio_apps(
        [
            ("1", config(windows=windows)),
            ("2", config(windows={**windows, "recommendedVersion": "9"}, osx=mac)),
        ]
    )

    assert found == (
        StudioApp("windows", "1", "8.1", "https://example.test/w.msi"),
        StudioApp("osx", "2", "", "https://example.test/m.dmg", "7"),
    )


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "no JSON",
        "[]",
        "null",
        config(windows="8.1"),
        config(windows={"recommendedVersion": "8.1"}),
        config(windows={"recommendedVersionUrl": "javascript:alert(1)"}),
        config(linux={"recommendedVersionUrl": "https://example.test/l.deb"}),
    ],
)
def test_what_is_no_download_is_none(odd):
    assert studio_apps([("1", odd)]) == ()


@pytest.mark.django_db
def test_the_account_is_asked_once_and_again_after_an_update_of_the_portal(simulator):
    found = resources_for(Kaltura())
    kept = resources_for(Kaltura())
    row = account()
    row.resources = {k: v for k, v in row.resources.items() if k != "studio_apps"}
    row.save()
    older = remembered_resources()

    assert {app.system: app.ui_conf_id for app in found.studio_apps} == {
        "windows": "1202",
        "osx": "1202",
    }
    assert found.presentation_profile_id == "1004"
    assert kept == found == resources_for(Kaltura())
    assert older and older.studio_apps == ()
    assert simulator.calls("uiConf.listTemplates") == 2


@pytest.mark.django_db
def test_an_account_that_refuses_both_still_syncs(simulator):
    simulator.answer_with("uiConf.listTemplates", "SERVICE_FORBIDDEN", SERVICE="uiconf->list")
    simulator.answer_with("conversionProfile.list", "SERVICE_FORBIDDEN", SERVICE="x->list")

    found = resources_for(Kaltura())

    assert found.profile("KMS_EVENTS3").id == "1302"
    assert (found.studio_apps, found.presentation_profile_id) == ((), "")
