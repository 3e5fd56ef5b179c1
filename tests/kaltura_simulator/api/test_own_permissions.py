"""The permissions that Kaltura lists for a session, and the account's features."""

from __future__ import annotations

from tests.kaltura_simulator.support.clients import USER, call, ks_of


def test_administrator_holds_every_permission_by_name(kaltura):
    held = set(call(kaltura, "permission.getCurrentPermissions", ks=ks_of(kaltura)).split(","))

    assert held > {"LIVE_STREAM_ADD", "SCHEDULE_EVENT_DELETE", "CONTENT_MANAGE_EDIT_CATEGORIES"}


def test_viewer_holds_what_viewers_hold(kaltura):
    made = ks_of(kaltura, USER, "viewer")

    assert call(kaltura, "permission.getCurrentPermissions", ks=made) == (
        "ALWAYS_ALLOWED_ACTIONS,BASE_USER_SESSION_PERMISSION,WIDGET_SESSION"
    )
    assert call(kaltura, "permission.list", ks=made)["code"] == "SERVICE_FORBIDDEN"


def test_features_of_the_account_are_listed_by_name(kaltura):
    wanted = {"nameIn": "FEATURE_LIVE_STREAM_RECORD,FEATURE_OTHER", "statusEqual": 1}

    found = call(kaltura, "permission.list", ks=ks_of(kaltura), filter=wanted)

    assert [row["name"] for row in found["objects"]] == ["FEATURE_LIVE_STREAM_RECORD"]
