"""Kaltura's refusals, word for word: code, and message with its arguments."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import USER, call, http, ks_of
from tests.kaltura_simulator.support.refusal_rows import ROWS
from tests.kaltura_simulator.support.refusal_rows_of_plugins import EVENT, RESOURCE, XML


@pytest.fixture
def scene(kaltura: Simulator) -> dict[str, Any]:
    """An account with one object of each type, by name."""
    ks = ks_of(kaltura)

    def add(action: str, **params: Any) -> Any:
        return call(kaltura, action, ks=ks, **params)["id"]

    found: dict[str, Any] = {"ks": ks, "secret": kaltura.admin_secret}
    live = {"name": "x", "mediaType": 201}
    found["entry"] = add("livestream.add", sourceType="32", liveStreamEntry=live)
    found["air"] = add("livestream.add", sourceType="32", liveStreamEntry=live)
    found["room"] = add("room_room.add", entry={"name": "r", "roomType": 1})
    found["top"] = add("category.add", category={"name": "Top"})
    found["low"] = add("category.add", category={"name": "Low", "parentId": found["top"]})
    context = {"name": "Private", "privacyContext": "ctxt"}
    found["private"] = add("category.add", category=context)
    heir = {"name": "Heir", "parentId": found["private"], "inheritanceType": 1}
    found["heir"] = add("category.add", category=heir)
    event = EVENT | {"templateEntryId": found["entry"]}
    found["event"] = add("schedule_scheduleevent.add", scheduleEvent=event)
    found["resource"] = add("schedule_scheduleresource.add", scheduleResource=RESOURCE)
    booking = {"eventId": found["event"], "resourceId": found["resource"]}
    call(kaltura, "schedule_scheduleeventresource.add", ks=ks, scheduleEventResource=booking)
    record = {"metadataProfileId": 1301, "objectType": 1, "objectId": found["entry"]}
    found["record"] = add("metadata_metadata.add", xmlData=XML, **record)
    found["token"] = add("apptoken.add", appToken={"sessionUserId": "robot"})
    found["old"] = add("apptoken.add", appToken={"sessionUserId": "robot", "expiry": 1_600_000_000})
    found["asleep"] = add("apptoken.add", appToken={"sessionUserId": "robot"})
    kaltura.switch_token(found["asleep"], active=False)
    caption = {"objectType": "KalturaCaptionAsset", "language": "English"}
    found["caption"] = add("caption_captionasset.add", entryId="0_videoone", captionAsset=caption)
    series = EVENT | {"recurrenceType": 1, "recurrence": {"frequency": "days", "count": 2}}
    found["series"] = add("schedule_scheduleevent.add", scheduleEvent=series)
    found["single"] = kaltura.objects("scheduleEvent")[-1]["id"]
    link = {"categoryId": found["top"], "entryId": found["entry"]}
    call(kaltura, "categoryentry.add", ks=ks, categoryEntry=link)
    call(kaltura, "user.add", ks=ks, user={"id": "ann", "firstName": "A", "lastName": "L"})
    member = {"categoryId": found["top"], "userId": "ann"}
    call(kaltura, "categoryuser.add", ks=ks, categoryUser=member)
    kaltura.switch(found["air"], "on_air")
    return found


def filled(value: Any, scene: dict[str, Any]) -> Any:
    """``value`` with ``{name}`` replaced by what the scene has under it."""
    if isinstance(value, dict):
        return {name: filled(inner, scene) for name, inner in value.items()}
    if not isinstance(value, str) or value.startswith(("{1", "<")):
        return value
    for name, known in scene.items():
        value = value.replace("{" + name + "}", str(known))
    return value


@pytest.mark.parametrize(("code", "message", "action", "params"), ROWS, ids=[r[0] for r in ROWS])
def test_refusal_reads_as_kalturas(
    kaltura: Simulator,
    scene: dict[str, Any],
    code: str,
    message: str,
    action: str,
    params: dict[str, Any],
):
    sessions = {
        "viewer": ks_of(kaltura, USER, "viewer"),
        "limited": ks_of(kaltura, privileges="actionslimit:-1"),
        "roled": ks_of(kaltura, privileges="setrole:NOBODY"),
    }
    known = scene | sessions
    reply = call(kaltura, action, **{"ks": scene["ks"]} | filled(params, known))
    assert (reply["code"], reply["message"]) == (code, filled(message, known))
    assert reply["objectType"] == "KalturaAPIException"
    assert all(value in reply["message"] for value in dict(reply["args"] or {}).values())


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("", "SERVICE_NOT_SPECIFIED", "Service name was not specified, please specify one"),
        (
            "service/category",
            "ACTION_NOT_SPECIFIED",
            "Action name was not specified, please specify one",
        ),
    ],
)
def test_refusal_of_half_an_address(kaltura: Simulator, path: str, code: str, message: str):
    reply = json.loads(http(f"{kaltura.url}/api_v3/{path}?format=1")[2])
    assert (reply["code"], reply["message"]) == (code, message)


def test_refusal_of_the_33rd_category(kaltura: Simulator, scene: dict[str, Any]):
    def link(number: int) -> Any:
        made = call(kaltura, "category.add", ks=scene["ks"], category={"name": f"c{number}"})
        sent = {"categoryId": made["id"], "entryId": scene["air"]}
        return call(kaltura, "categoryentry.add", ks=scene["ks"], categoryEntry=sent)

    *replies, last = [link(number) for number in range(33)]
    assert [reply for reply in replies if "code" in reply] == []
    assert (last["code"], last["message"]) == (
        "MAX_CATEGORIES_FOR_ENTRY_REACHED",
        'Entry can be linked with a maximum of "32" categories',
    )


def test_refusal_while_categories_move(kaltura: Simulator, scene: dict[str, Any]):
    target = {"categoryIds": str(scene["top"]), "targetCategoryParentId": scene["private"]}
    kaltura.set_index_delay(60)
    call(kaltura, "category.move", ks=scene["ks"], **target)
    reply = call(kaltura, "category.delete", ks=scene["ks"], id=scene["low"])
    assert (reply["code"], reply["message"]) == ("CATEGORIES_LOCKED", "Categories are locked")


def test_refusal_of_a_record_that_does_not_fit(kaltura: Simulator, scene: dict[str, Any]):
    wrong = {"id": scene["record"], "xmlData": "<metadata><Nothing/></metadata>"}
    reply = call(kaltura, "metadata_metadata.update", ks=scene["ks"], **wrong)
    assert reply["code"] == "INVALID_METADATA_DATA"
    assert reply["message"].startswith("invalid metadata data: Element &#039;Nothing&#039;")


def test_refusal_of_an_unset_time(kaltura: Simulator, scene: dict[str, Any]):
    sent = {"objectType": EVENT["objectType"], "startDate__null": ""}
    params = {"scheduleEventId": scene["event"], "scheduleEvent": sent}
    reply = call(kaltura, "schedule_scheduleevent.update", ks=scene["ks"], **params)
    assert (reply["code"], reply["message"]) == (
        "INTERNAL_SERVERL_ERROR",
        "Internal server error occurred",
    )


def test_refusal_of_a_report_that_nobody_wrote(kaltura: Simulator, scene: dict[str, Any]):
    reply = call(kaltura, "report.execute", ks=scene["ks"], id=999)
    assert (reply["code"], reply["message"]) == ("REPORT_NOT_FOUND", 'Report id "999" not found')


def test_refusal_of_a_feature_that_was_not_bought(kaltura: Simulator, scene: dict[str, Any]):
    kaltura.control("POST", "features", {"reach": False})
    reply = call(kaltura, "reach_entryvendortask.list", ks=scene["ks"])
    assert reply["code"] == "FEATURE_FORBIDDEN"
    assert reply["message"] == "The usage of feature [reach] is forbidden"


def test_refusal_of_a_blocked_action_as_a_fault(kaltura: Simulator, scene: dict[str, Any]):
    """Rate limits cannot be reached; a fault answers one in Kaltura's words."""
    message = 'Action "list" in service "category" is blocked'
    kaltura.fault("category.list", "api_error", code="ACTION_BLOCKED", message=message)
    reply = call(kaltura, "category.list", ks=scene["ks"])
    assert (reply["code"], reply["message"]) == ("ACTION_BLOCKED", message)


def test_refusal_of_an_upper_case_proof(kaltura: Simulator, scene: dict[str, Any]):
    widget = call(kaltura, "session.startWidgetSession", widgetId="_101")["ks"]
    token = call(kaltura, "apptoken.get", ks=scene["ks"], id=scene["token"])["token"]
    proof = hashlib.sha1((widget + token).encode()).hexdigest()
    replies = [
        call(kaltura, "apptoken.startSession", ks=widget, id=scene["token"], tokenHash=text)
        for text in (proof.upper(), proof)
    ]
    assert [reply.get("code", reply.get("userId")) for reply in replies] == [
        "INVALID_APP_TOKEN_HASH",
        "robot",
    ]
