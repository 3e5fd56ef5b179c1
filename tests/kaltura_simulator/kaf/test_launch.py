"""The older rooms: entered by a scheduled event, or by its resource alone."""

from __future__ import annotations

import time

import pytest
import requests
from KalturaClient.Plugins.Schedule import (
    KalturaLocationScheduleResource,
    KalturaRecordScheduleEvent,
    KalturaScheduleEventRecurrenceType,
    KalturaScheduleEventResource,
)

from tests.kaltura_simulator.support.kaf_users import (
    Account,
    Page,
    call_newrow_directly,
    call_newrow_through_kaf,
    sign,
)

ROOM_TAGS = "vcprovider:newrow"


def resource_of(account: Account, tags: str = ROOM_TAGS) -> str:
    made = KalturaLocationScheduleResource(name="Blue <room>", tags=tags)
    return str(account.client.schedule.scheduleResource.add(made).id)


def event_of(account: Account, resource: str = "", tags: str = "") -> str:
    now = int(time.time())
    event = KalturaRecordScheduleEvent(
        summary="Workshop",
        startDate=now,
        endDate=now + 3600,
        recurrenceType=KalturaScheduleEventRecurrenceType.NONE,
        tags=tags or ROOM_TAGS,
    )
    event_id = account.client.schedule.scheduleEvent.add(event).id
    if resource:
        booking = KalturaScheduleEventResource(eventId=event_id, resourceId=int(resource))
        account.client.schedule.scheduleEventResource.add(booking)
    return str(event_id)


def launch(
    account: Account, user: str = "u-1", *, expiry: int = 300, role: str = "viewerRole", **more: str
) -> Page:
    given = {"role": role} | more
    privileges = ",".join(f"{name}:{value}" for name, value in given.items() if value)
    ks = sign(account.simulator, user, privileges, expiry=expiry)
    url = f"{account.simulator.url}/virtualEvent/launch"
    return Page(account.simulator, requests.get(url, {"ks": ks}, timeout=10))


def test_an_event_opens_the_room_it_books(account: Account) -> None:
    room = resource_of(account)
    page = launch(account, eventId=event_of(account, room), firstName="Ada", lastName="King")

    assert page.status == 200
    assert page.data | {"data-visit": "", "data-beat-ms": ""} == {
        "data-kind": "room",
        "data-state": "in",
        "data-entry-id": room,
        "data-user-id": "u-1",
        "data-user-name": "Ada King",
        "data-role": "attendee",
        "data-kaf-role": "viewerRole",
        "data-visit": "",
        "data-beat-ms": "",
    }
    assert [person["user_id"] for person in page.beat()["people"]] == ["u-1"]
    assert "Blue <room>" in page.text


@pytest.mark.parametrize(("contextual", "role"), [("0", "instructor"), ("3", "attendee")])
def test_role_follows_the_contextual_role(account: Account, contextual: str, role: str) -> None:
    event = event_of(account, resource_of(account))

    page = launch(account, eventId=event, role="adminRole", userContextualRole=contextual)

    assert (page.data["data-role"], page.data["data-kaf-role"]) == (role, "adminRole")


@pytest.mark.parametrize(
    ("of_resource", "of_event", "mode"),
    [
        ("", "", "virtual_classroom"),
        (",custom_rs_class_mode:webinar", "", "webinar"),
        (
            ",custom_rs_class_mode:webinar",
            ",custom_rs_class_mode:virtual_classroom",
            "virtual_classroom",
        ),
        (",custom_rs_class_mode:disco", "", "virtual_classroom"),
    ],
)
def test_tags_of_the_event_override_those_of_its_room(
    account: Account, of_resource: str, of_event: str, mode: str
) -> None:
    room = resource_of(account, ROOM_TAGS + of_resource)

    page = launch(account, eventId=event_of(account, room, ROOM_TAGS + of_event))

    assert f'data-class-mode="{mode}"' in page.reply.text


def test_a_room_alone_waits_for_a_moderator(account: Account) -> None:
    room = resource_of(account)
    early = launch(account, "u-1", resourceId=room)
    host = launch(account, "u-2", resourceId=room, userContextualRole="0")
    then = launch(account, "u-1", resourceId=room)
    host.leave()
    late = launch(account, "u-3", resourceId=room)

    assert [p.status for p in (early, host, then, late)] == [403, 200, 200, 403]
    assert early.refusal == (403, "no-moderator", "")
    assert "Try again" in early.text


def test_analytics_know_the_room_by_its_resource_by_both_ways(account: Account) -> None:
    room = resource_of(account)
    event = event_of(account, room)
    launch(account, eventId=event, userContextualRole="0")

    answers = [
        call_newrow_directly(account.simulator, "analytics/sessions", third_party_room_id=room),
        call_newrow_through_kaf(account.simulator, f"resourceId:{room}", "analytics/sessions"),
        call_newrow_through_kaf(account.simulator, f"eventId:{event}", "analytics/sessions"),
    ]

    rows = [answer.json()["data"]["sessions"] for answer in answers]
    assert [[row["third_party_room_id"] for row in found] for found in rows] == [[room]] * 3


def test_launch_refuses_what_opens_no_room(account: Account) -> None:
    room, plain, gone = (resource_of(account, tags) for tags in (ROOM_TAGS, "vcprovider:x", "a"))
    over = event_of(account, room)
    account.client.schedule.scheduleResource.delete(int(gone))
    account.client.schedule.scheduleEvent.delete(int(over))
    bare = event_of(account)
    pages = [
        launch(account),
        launch(account, eventId=bare, resourceId=room),
        launch(account, eventId="99999999"),
        launch(account, eventId=over),
        launch(account, resourceId=gone),
        launch(account, resourceId=plain),
        launch(account, eventId=bare),
        launch(account, resourceId=room, role=""),
        launch(account, "", resourceId=room),
        launch(account, resourceId=room, expiry=-10),
    ]

    assert [page.refusal for page in pages] == [
        (400, "place", "eventId"),
        (400, "place", "eventId"),
        (404, "event-missing", "eventId"),
        (404, "event-missing", "eventId"),
        (404, "resource-missing", "resourceId"),
        (403, "not-newrow", ""),
        (403, "no-resource", "eventId"),
        (400, "role", "role"),
        (400, "no-user", ""),
        (403, "expired", ""),
    ]
    assert account.simulator.visits() == []
