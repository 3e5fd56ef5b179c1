"""The calls of Kaltura's published sample applications and clients, as they go over the wire.

Each test repeats one of them: the same actions, spellings and encodings.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import ADMIN, USER, call, http, ks_of
from tests.kaltura_simulator.support.sample_forms import code, php_form


# ------------------------------------------------------------------------ old PHP clients
def test_php_client_reads_objects_in_its_own_notation(kaltura: Simulator):
    asked = {"ks": ks_of(kaltura), "id": "100000003", "format": "3"}
    text = php_form(kaltura, "service=category&action=get", **asked)
    found = dict(re.findall(r's:\d+:"(\w+)";(?:i|s:\d+):"?([^";]*)"?;', text))
    assert text.startswith('O:15:"KalturaCategory":')
    assert (found["id"], found["fullName"]) == ("100000003", "KAF>site>channels")


def test_php_client_reads_refusals_as_an_array(kaltura: Simulator):
    asked = {"ks": ks_of(kaltura), "id": "5", "format": "3"}
    text = php_form(kaltura, "service=category&action=get", **asked)
    assert text == (
        'a:4:{s:4:"code";s:18:"CATEGORY_NOT_FOUND";s:7:"message";s:25:"Category id "5" not found"'
        ';s:10:"objectType";s:19:"KalturaAPIException";s:4:"args";a:1:{s:2:"ID";s:1:"5";}}'
    )


def test_php_client_asks_several_things_and_reads_an_array(kaltura: Simulator):
    calls = {"1:service": "system", "1:action": "ping", "2:service": "system", "2:action": "x"}
    text = php_form(kaltura, "service=multirequest", format="4", **calls)
    assert text.startswith('a:2:{i:0;b:1;i:1;a:4:{s:4:"code";s:22:"ACTION_DOES_NOT_EXISTS')


def test_ignore_null_leaves_out_what_is_not_set_and_keeps_what_is_empty(kaltura: Simulator):
    asked = {"ks": ks_of(kaltura), "id": "100000003", "format": "2"}
    text = php_form(kaltura, "service=category&action=get", **asked)
    assert ("<partnerData>" in text, "<name>channels</name>" in text) == (False, True)
    video = {"ks": ks_of(kaltura), "entryId": "0_videoone"}
    text = php_form(kaltura, "service=baseEntry&action=get", **video)
    assert ("<tags></tags>" in text, "<referenceId>" in text) == (True, False)


def test_php_client_sends_rules_as_numbered_names(kaltura: Simulator):
    start, action = "accessControlProfile:rules:0", "accessControlProfile:rules:0:actions:0"
    sent = {
        "ks": ks_of(kaltura),
        "format": "1",
        "accessControlProfile:objectType": "KalturaAccessControlProfile",
        "accessControlProfile:name": "ACP for simulive",
        "accessControlProfile:systemName": "simuliveacp",
        "accessControlProfile:isDefault": "0",
        f"{start}:objectType": "KalturaRule",
        f"{start}:code": "simuliveProfile",
        f"{start}:forceAdminValidation": "1",
        f"{action}:objectType": "KalturaAccessControlLimitDeliveryProfilesAction",
        f"{action}:deliveryProfileIds": "22082,15282",
        f"{action}:isBlockedList": "",
    }
    made = json.loads(php_form(kaltura, "service=accessControlProfile&action=add", **sent))
    assert made["rules"] == [
        {
            "code": "simuliveProfile",
            "actions": [
                {
                    "type": 5,
                    "deliveryProfileIds": "22082,15282",
                    "isBlockedList": False,
                    "objectType": "KalturaAccessControlLimitDeliveryProfilesAction",
                }
            ],
            "forceAdminValidation": True,
            "objectType": "KalturaRule",
        }
    ]


# ---------------------------------------------------------- the demo of integrated events
def test_a_room_is_made_as_an_entry_of_its_class(kaltura: Simulator):
    entry = {
        "objectType": "KalturaRoomEntry",
        "name": "Studio",
        "roomType": 1,
        "broadcastEntryId": "0_anything",
        "templateRoomEntryId": "0_tmplstud",
    }
    made = call(kaltura, "baseEntry.add", ks=ks_of(kaltura), entry=entry)
    found = call(kaltura, "room_room.get", ks=ks_of(kaltura), roomId=made["id"])
    wanted = ("KalturaRoomEntry", "room.room", 7, "0_anything")
    for row in (made, found):
        names = ("objectType", "type", "status", "broadcastEntryId")
        assert tuple(row[name] for name in names) == wanted


def test_a_stream_made_as_an_entry_has_its_type(kaltura: Simulator):
    entry = {"objectType": "KalturaLiveStreamEntry", "name": "L", "mediaType": 201}
    sent = entry | {"sourceType": "32"}
    made = call(kaltura, "baseEntry.add", ks=ks_of(kaltura), entry=sent)
    assert (made["type"], made["sourceType"], made["status"]) == (7, "32", 7)


def test_a_stream_takes_its_source_from_the_object(kaltura: Simulator):
    sent = {"objectType": "KalturaLiveStreamAdminEntry", "name": "L", "mediaType": 201}
    sent |= {"sourceType": "32", "userId": "speaker@example.org"}
    made = call(kaltura, "livestream.add", ks=ks_of(kaltura), liveStreamEntry=sent)
    assert (made["userId"], made["status"]) == ("speaker@example.org", 2)


def test_a_player_session_plays_and_changes_nothing(kaltura: Simulator):
    privileges = "setrole:PLAYBACK_BASE_ROLE,disableentitlement,virtualeventid:7"
    ks = ks_of(kaltura, USER, "viewer", privileges)
    entry = {"entryId": "0_videoone"}
    played = call(kaltura, "baseEntry.getPlaybackContext", ks=ks, contextDataParams={}, **entry)
    assert [row["format"] for row in played["sources"]] == ["applehttp", "mpegdash"]
    assert code(call(kaltura, "baseEntry.delete", ks=ks, **entry)) == "SERVICE_FORBIDDEN"


def test_moderators_are_a_group_that_is_made_when_needed(kaltura: Simulator):
    """Look for the group, make it, add a person and the membership in one request."""
    ks, group = ks_of(kaltura), "0_stream_moderators"
    none = call(kaltura, "group_group.list", ks=ks, filter={"idEqual": group}, pager={})
    call(kaltura, "group_group.add", ks=ks, group={"id": group})
    person = {"id": "mo@example.org", "firstName": "Mo", "email": "mo@example.org"}
    member = {"userId": "mo@example.org", "groupId": group}
    first = {"service": "user", "action": "add", "user": person}
    second = {"service": "groupuser", "action": "add", "groupUser": member}
    url = f"{kaltura.url}/api_v3/service/multirequest"
    body = json.dumps({"format": 1, "ks": ks, "1": first, "2": second}).encode()
    made = json.loads(http(url, body, "application/json")[2])
    asked = {"userIdIn": member["userId"], "groupIdEqual": group, "statusEqual": 0}
    found = call(kaltura, "groupuser.list", ks=ks, filter=asked, pager={})
    gone = call(kaltura, "groupuser.delete", ks=ks, **member)
    assert none["totalCount"] == 0
    assert [code(row) for row in made] == ["", ""]
    assert (found["totalCount"], gone) == (1, None)


def test_the_chat_token_is_found_by_its_privileges(kaltura: Simulator):
    ks = ks_of(kaltura)
    for privileges in ("cncAuth:true", "list:*"):
        call(kaltura, "apptoken.add", ks=ks, appToken={"sessionPrivileges": privileges})
    found = call(kaltura, "apptoken.list", ks=ks, filter={"statusEqual": 2}, pager={})
    chat = [row for row in found["objects"] if row["sessionPrivileges"] == "cncAuth:true"]
    assert [len(row["token"]) for row in chat] == [32]


# ------------------------------------------------------------------- webcasting in Python
def test_the_webcast_application_finds_its_profiles_by_name(kaltura: Simulator):
    ks = ks_of(kaltura, ADMIN)
    cloud = {"nameEqual": "Cloud transcode"}
    slides = {"nameEqual": "", "systemNameEqual": "KMS54_NEW_DOC_CONV_IMAGE_WIDE"}
    found = [
        call(kaltura, "conversionProfile.list", ks=ks, filter=asked, pager={})["objects"]
        for asked in (cloud, slides)
    ]
    assert [[row["systemName"] for row in rows] for rows in found] == [
        ["Default_Live"],
        ["KMS54_NEW_DOC_CONV_IMAGE_WIDE"],
    ]


# --------------------------------------------------------------------- vendors of captions
def test_a_vendor_signs_in_with_widget_and_token(kaltura: Simulator):
    token = {"hashType": "SHA256", "sessionType": 2, "sessionPrivileges": "disableentitlement"}
    made = call(kaltura, "apptoken.add", ks=ks_of(kaltura), appToken=token)
    widget = json.loads(
        php_form(
            kaltura,
            "service=session&action=startWidgetSession",
            widgetId="_101",
            expiry="86400",
            partnerId="101",
            format="1",
        )
    )
    digest = hashlib.sha256((widget["ks"] + made["token"]).encode()).hexdigest()
    sent = {"ks": widget["ks"], "id": made["id"], "tokenHash": digest, "expiry": "86400"}
    sent |= {"userId": "jobs", "type": "2", "sessionPrivileges": "disableentitlement"}
    text = php_form(kaltura, "service=appToken&action=startSession", format="1", **sent)
    opened = json.loads(text)
    assert (opened["partnerId"], opened["userId"], opened["sessionType"]) == ("101", "jobs", 2)


# --------------------------------------------------------- the do-it-yourself demo with KAF
def create_room(kaltura: Simulator, **sent: str) -> tuple[int, Any]:
    url = f"{kaltura.url}/embeddedrooms/index/create-room"
    status, _, text = http(url, json.dumps(sent).encode(), "application/json")
    return status, json.loads(text)


def test_kaf_makes_a_room_that_the_api_goes_on_with(kaltura: Simulator):
    ks = ks_of(kaltura, ADMIN, "owner", "disableentitlement")
    sent = {"name": "Talk_studio", "description": "d", "templateRoomEntryId": "0_tmplstud"}
    status, made = create_room(kaltura, ks=ks, **sent)
    room = {"objectType": "KalturaRoomEntry", "broadcastEntryId": "0_stream"}
    key = made["data"]["id"]
    call(kaltura, "room_room.update", ks=ks, roomId=key, room=room)
    found = call(kaltura, "room_room.get", ks=ks, roomId=key)
    names = ("name", "userId", "broadcastEntryId", "templateRoomEntryId", "status")
    assert (status, made["success"]) == (200, True)
    assert tuple(found[name] for name in names) == (
        "Talk_studio",
        "owner",
        "0_stream",
        "0_tmplstud",
        7,
    )


def test_kaf_says_why_it_makes_no_room(kaltura: Simulator):
    ks = ks_of(kaltura)
    answers = [
        create_room(kaltura, ks=ks),
        create_room(kaltura, ks="garbage", name="x"),
        create_room(kaltura, ks=ks, name="x", templateRoomEntryId="0_none"),
    ]
    assert [(status, answer["success"]) for status, answer in answers] == [
        (400, False),
        (401, False),
        (500, False),
    ]
    rooms = {"statusIn": "7", "nameLike": "x"}
    assert call(kaltura, "room_room.list", ks=ks, filter=rooms)["totalCount"] == 0


def test_an_account_below_another_is_as_whole_as_the_first(kaltura: Simulator):
    sent = {"name": "Child", "adminName": "A", "adminEmail": "a@example.org", "type": 1}
    sent |= {"description": "Child account.", "partnerPackage": 100}
    asked = {"ks": ks_of(kaltura), "partner": sent, "templatePartnerId": 101}
    refused = call(kaltura, "partner.register", **asked)
    kaltura.set_features(groupPartner=True)
    made = call(kaltura, "partner.register", **asked)
    secret = {"secret": made["adminSecret"], "type": 2, "partnerId": made["id"]}
    ks = call(kaltura, "session.start", **secret)
    tree = call(kaltura, "category.list", ks=ks, filter={"fullNameEqual": "KAF>site>channels"})
    channel = {"parentId": tree["objects"][0]["id"], "name": f"{made['id']}_CHANNEL"}
    added = call(kaltura, "category.add", ks=ks, category=channel)
    assert code(refused) == "NON_GROUP_PARTNER_ATTEMPTING_TO_ASSIGN_CHILD"
    assert (made["partnerParentId"], made["adminUserId"]) == (101, "a@example.org")
    assert (added["partnerId"], added["depth"]) == (made["id"], 3)
