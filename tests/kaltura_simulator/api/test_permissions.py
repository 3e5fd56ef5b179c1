"""Who may do what: no session, a widget's, a viewer's, a producer's, an administrator's."""

from __future__ import annotations

import pytest

from tests.kaltura_simulator.support.clients import ADMIN, USER, call, ks_of

LIVE = {"name": "x", "mediaType": 201}
EVENT = {"objectType": "KalturaLiveStreamScheduleEvent"}


def code(reply):
    return reply.get("code", "ok") if isinstance(reply, dict) else "ok"


def add_live(kaltura, made):
    return call(kaltura, "livestream.add", ks=made, sourceType="32", liveStreamEntry=LIVE)


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("livestream.add", {"liveStreamEntry": LIVE}),
        ("livestream.delete", {"entryId": "0_x"}),
        ("category.add", {"category": {"name": "x"}}),
        ("category.update", {"id": 1, "category": {"name": "x"}}),
        ("category.delete", {"id": 1}),
        ("category.move", {"categoryIds": "1", "targetCategoryParentId": 0}),
        ("schedule_scheduleevent.list", {}),
        ("schedule_scheduleevent.add", {"scheduleEvent": EVENT}),
        ("schedule_scheduleresource.list", {}),
        ("schedule_scheduleeventresource.list", {}),
        ("conversionprofile.list", {}),
        ("apptoken.list", {}),
        ("session.get", {}),
        ("metadata_metadataprofile.add", {"metadataProfile": {}, "xsdData": "x"}),
    ],
)
def test_permission_is_refused_to_a_viewer(kaltura, action, params):
    made = ks_of(kaltura, USER, "viewer")
    assert code(call(kaltura, action, ks=made, **params)) == "SERVICE_FORBIDDEN"


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("category.list", {}),
        ("baseentry.list", {}),
        ("room_room.list", {}),
        ("metadata_metadataprofile.list", {}),
        ("categoryentry.list", {"filter": {"entryIdEqual": "0_x"}}),
        ("uiconf.list", {}),
    ],
)
def test_permission_is_given_to_a_viewer(kaltura, action, params):
    made = ks_of(kaltura, USER, "viewer")
    assert code(call(kaltura, action, ks=made, **params)) == "ok"


def test_permission_is_for_everybody_where_kaltura_says_so(kaltura):
    entry = add_live(kaltura, ks_of(kaltura))
    replies = [
        call(kaltura, "system.ping"),
        call(kaltura, "livestream.isLive", id=entry["id"]),
        call(kaltura, "uiconf.get", id=1201, partnerId=101),
        call(kaltura, "category.list"),
    ]
    assert [code(reply) for reply in replies] == ["ok", "ok", "ok", "SERVICE_FORBIDDEN"]


def test_permission_of_a_widget_is_to_look(kaltura):
    made = call(kaltura, "session.startWidgetSession", widgetId="_101")["ks"]
    replies = [
        call(kaltura, "category.list", ks=made),
        call(kaltura, "room_room.list", ks=made),
        call(kaltura, "category.add", ks=made, category={"name": "x"}),
    ]
    assert [code(reply) for reply in replies] == ["ok", "SERVICE_FORBIDDEN", "SERVICE_FORBIDDEN"]


@pytest.mark.parametrize(
    ("user", "privileges", "outcome"),
    [
        ("other", "", "INVALID_KS"),
        ("OWNER", "", "ok"),
        ("co", "", "ok"),
        ("other", "edit:*", "ok"),
        ("other", "firstName:edit:*", "ok"),
        ("other", "edit:0_other", "INVALID_KS"),
    ],
)
def test_permission_to_change_an_entry_is_its_owners(kaltura, user, privileges, outcome):
    owner = ks_of(kaltura, ADMIN, "owner")
    sent = LIVE | {"entitledUsersEdit": "co"}
    entry = call(kaltura, "livestream.add", ks=owner, sourceType="32", liveStreamEntry=sent)
    made = ks_of(kaltura, USER, user, privileges)
    reply = call(
        kaltura, "baseentry.update", ks=made, entryId=entry["id"], baseEntry={"name": "new"}
    )
    assert code(reply) == outcome


@pytest.mark.parametrize(
    ("privileges", "asked", "seen"),
    [
        ("", {}, 0),
        ("list:*", {}, 1),
        ("firstName:list:*", {}, 1),
        ("", {"referenceIdEqual": "ref"}, 1),
    ],
)
def test_permission_to_list_is_for_ones_own_entries(kaltura, privileges, asked, seen):
    sent = LIVE | {"referenceId": "ref"}
    call(kaltura, "livestream.add", ks=ks_of(kaltura), sourceType="32", liveStreamEntry=sent)
    made = ks_of(kaltura, USER, "viewer", privileges)
    assert call(kaltura, "livestream.list", ks=made, filter=asked)["totalCount"] == seen


def test_permission_to_read_broadcast_secrets_is_not_a_viewers(kaltura):
    entry = add_live(kaltura, ks_of(kaltura))
    secrets = {"streamPassword", "primaryBroadcastingUrl", "primarySrtStreamId"}
    seen = [
        secrets & set(call(kaltura, "livestream.get", ks=made, entryId=entry["id"]))
        for made in (
            ks_of(kaltura),
            ks_of(kaltura, USER, "manager"),
            ks_of(kaltura, USER, "viewer"),
        )
    ]
    assert seen == [secrets, secrets - {"streamPassword"}, set()]


def test_permission_of_a_producers_role_is_to_update_streams(kaltura):
    made = ks_of(kaltura, USER, "producer", "setrole:WEBCAST_PRODUCER_DEVICE_ROLE,edit:*")
    entry = add_live(kaltura, ks_of(kaltura))
    change = {"entryId": entry["id"], "liveStreamEntry": {"name": "live"}}
    replies = [
        call(kaltura, "livestream.update", ks=made, **change),
        call(kaltura, "livestream.add", ks=made, liveStreamEntry=LIVE),
    ]
    assert [code(reply) for reply in replies] == ["ok", "SERVICE_FORBIDDEN"]


def test_permission_is_not_given_on_another_partner(kaltura):
    reply = call(kaltura, "category.list", ks=ks_of(kaltura), partnerId=99)
    assert code(reply) == "SERVICE_FORBIDDEN"


@pytest.mark.parametrize(
    ("secret", "kind", "outcome"),
    [
        ("admin", 2, "ok"),
        ("admin", 0, "ok"),
        ("user", 0, "ok"),
        ("user", 2, "START_SESSION_ERROR"),
        ("wrong", 0, "START_SESSION_ERROR"),
        ("admin", 1, "INVALID_ENUM_VALUE"),
    ],
)
def test_permission_to_start_a_session_is_the_secrets(kaltura, secret, kind, outcome):
    secrets = {"admin": kaltura.admin_secret, "user": kaltura.user_secret, "wrong": "0" * 32}
    reply = call(kaltura, "session.start", secret=secrets[secret], type=kind, partnerId=101)
    assert code(reply) == outcome
