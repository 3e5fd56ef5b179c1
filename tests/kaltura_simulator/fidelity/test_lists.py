"""What lists show: their pages, their limits, and how far the search index lags behind."""

from __future__ import annotations

from typing import Any

import pytest
from KalturaClient.Plugins.Core import (
    KalturaCategory,
    KalturaCategoryFilter,
    KalturaFilterPager,
    KalturaUser,
)

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import USER, call, client_of, ks_of

START = 2_000_000_000
XML = "<metadata><IsKwebcastEntry>1</IsKwebcastEntry><IsSelfServe>0</IsSelfServe></metadata>"


def add_live(kaltura: Simulator, name: str = "x", **fields: Any) -> str:
    sent = {"name": name, "mediaType": 201, **fields}
    made = call(kaltura, "livestream.add", ks=ks_of(kaltura), sourceType="32", liveStreamEntry=sent)
    return str(made["id"])


def event(entry: str, start: int = START, **fields: Any) -> dict[str, Any]:
    return {
        "objectType": "KalturaLiveStreamScheduleEvent",
        "summary": "s",
        "startDate": start,
        "endDate": start + 60,
        "recurrenceType": 0,
        "templateEntryId": entry,
        **fields,
    }


def add_event(kaltura: Simulator, entry: str, start: int = START) -> Any:
    sent = event(entry, start)
    return call(kaltura, "schedule_scheduleevent.add", ks=ks_of(kaltura), scheduleEvent=sent)


# ---------------------------------------------------------------- pages of lists
def test_clamps_pages_to_500(kaltura: Simulator):
    """A page holds 30 unless asked for, and never more than 500."""
    requests = {
        str(number): {"service": "category", "action": "add", "category": {"name": f"c{number}"}}
        for number in range(510)
    }
    call(kaltura, "multirequest.null", ks=ks_of(kaltura), **requests)
    service = client_of(kaltura).category
    pages = [
        service.list(None, KalturaFilterPager(pageSize=size, pageIndex=index))
        for size, index in ((0, 1), (500, 1), (501, 1), (10_000, 2), (100, 6))
    ]
    assert [len(page.objects) for page in pages] == [30, 500, 500, 13, 13]
    assert {page.totalCount for page in pages} == {513}


def test_shows_a_viewer_only_its_own_entries(kaltura: Simulator):
    """A USER session without ``list:*`` lists its own entries only, in every service."""
    mine, other = add_live(kaltura, "mine", userId="ann"), add_live(kaltura, "other")
    seen = {}
    for privileges in ("", "list:*"):
        ks = ks_of(kaltura, USER, "ann", privileges)
        for action in ("baseentry.list", "livestream.list"):
            rows = call(kaltura, action, ks=ks, filter={"typeEqual": 7})["objects"]
            seen[action, privileges] = sorted(row["id"] for row in rows)
    assert seen == {
        ("baseentry.list", ""): [mine],
        ("livestream.list", ""): [mine],
        ("baseentry.list", "list:*"): sorted([mine, other]),
        ("livestream.list", "list:*"): sorted([mine, other]),
    }


def test_hides_deleted_entries_and_events(kaltura: Simulator):
    """What was deleted is in no list; a cancelled event still is."""
    ks, entry = ks_of(kaltura), add_live(kaltura)
    gone, off = add_event(kaltura, entry)["id"], add_event(kaltura, entry, START + 600)["id"]
    call(kaltura, "schedule_scheduleevent.delete", ks=ks, scheduleEventId=gone)
    call(kaltura, "schedule_scheduleevent.cancel", ks=ks, scheduleEventId=off)
    call(kaltura, "baseentry.delete", ks=ks, entryId=entry)
    events = call(kaltura, "schedule_scheduleevent.list", ks=ks)["objects"]
    streams = call(kaltura, "livestream.list", ks=ks)["objects"]
    assert ([row["id"] for row in events], streams) == ([off], [])


@pytest.mark.parametrize(
    ("action", "asked"),
    [
        ("category.list", {}),
        ("baseentry.list", {}),
        ("livestream.list", {}),
        ("schedule_scheduleevent.list", {}),
        ("metadata_metadata.list", {"objectIdEqual": "0_x"}),
        ("categoryuser.list", {"categoryIdEqual": 100_000_003}),
    ],
)
def test_refuses_deep_pages_of_the_index(kaltura: Simulator, action: str, asked: dict[str, Any]):
    """Lists of the search index end before row 10,000."""
    ks = ks_of(kaltura)
    last, beyond = (
        call(kaltura, action, ks=ks, filter=asked, pager={"pageSize": 500, "pageIndex": index})
        for index in (20, 21)
    )
    assert (last.get("code"), last["objects"]) == (None, [])
    assert (beyond["code"], beyond["message"]) == (
        "QUERY_EXCEEDED_MAX_MATCHES_ALLOWED",
        "Unable to generate list. max matches value was reached",
    )


@pytest.mark.parametrize(
    "action",
    [
        "schedule_scheduleresource.list",
        "schedule_scheduleeventresource.list",
        "metadata_metadataprofile.list",
        "apptoken.list",
    ],
)
def test_pages_without_limit_elsewhere(kaltura: Simulator, action: str):
    """Lists that do not come from the index have no such limit."""
    pager = {"pageSize": 500, "pageIndex": 21}
    assert call(kaltura, action, ks=ks_of(kaltura), pager=pager)["objects"] == []


# --------------------------------------------------- the lag of the search index
LATE = ("entry", "category", "event", "member", "metadata", "order")


def written(kaltura: Simulator) -> dict[str, Any]:
    """One of everything that has a list, made now."""
    ks, client = ks_of(kaltura), client_of(kaltura)
    entry = add_live(kaltura)
    category = client.category.add(KalturaCategory(name="Track")).id
    client.user.add(KalturaUser(id="ann", firstName="A", lastName="B"))
    member = {"categoryId": category, "userId": "ann"}
    call(kaltura, "categoryuser.add", ks=ks, categoryUser=member)
    link = {"categoryId": category, "entryId": entry}
    call(kaltura, "categoryentry.add", ks=ks, categoryEntry=link)
    record = {"metadataProfileId": 1301, "objectType": 1, "objectId": entry, "xmlData": XML}
    resource = {"objectType": "KalturaLocationScheduleResource", "name": "Room"}
    sent = call(kaltura, "schedule_scheduleresource.add", ks=ks, scheduleResource=resource)
    order = {"entryId": "0_videoone", "catalogItemId": 1411}
    profile = {"name": "new", "profileType": 2, "defaultOutputFormat": 1}
    made = {
        "order": call(kaltura, "reach_entryvendortask.add", ks=ks, entryVendorTask=order)["id"],
        "reach": call(kaltura, "reach_reachprofile.add", ks=ks, reachProfile=profile)["id"],
        "entry": entry,
        "category": category,
        "event": add_event(kaltura, entry)["id"],
        "metadata": call(kaltura, "metadata_metadata.add", ks=ks, **record)["id"],
        "resource": sent["id"],
        "token": call(kaltura, "apptoken.add", ks=ks, appToken={})["id"],
    }
    booking = {"eventId": made["event"], "resourceId": made["resource"]}
    call(kaltura, "schedule_scheduleeventresource.add", ks=ks, scheduleEventResource=booking)
    return made


def counted(kaltura: Simulator, made: dict[str, Any]) -> dict[str, int]:
    """How many of them their lists show."""
    ks = ks_of(kaltura)
    asked = {
        "entry": ("baseentry.list", {"idEqual": made["entry"]}),
        "category": ("category.list", {"idEqual": made["category"]}),
        "event": ("schedule_scheduleevent.list", {"idEqual": made["event"]}),
        "member": ("categoryuser.list", {"categoryIdEqual": made["category"]}),
        "metadata": ("metadata_metadata.list", {"objectIdEqual": made["entry"]}),
        "link": ("categoryentry.list", {"entryIdEqual": made["entry"]}),
        "resource": ("schedule_scheduleresource.list", {"idEqual": made["resource"]}),
        "booking": ("schedule_scheduleeventresource.list", {"eventIdEqual": made["event"]}),
        "token": ("apptoken.list", {"idEqual": made["token"]}),
        "order": ("reach_entryvendortask.list", {"idEqual": made["order"]}),
        "reach": ("reach_reachprofile.list", {"idEqual": made["reach"]}),
    }
    return {
        name: call(kaltura, action, ks=ks, filter=filter)["totalCount"]
        for name, (action, filter) in asked.items()
    }


def test_shows_what_is_indexed_late_and_the_rest_at_once(kaltura: Simulator):
    """Entries, categories, events, members, metadata and orders are listed after the lag alone."""
    kaltura.set_index_delay(60)
    made = written(kaltura)
    before = counted(kaltura, made)
    kaltura.advance(61)
    after = counted(kaltura, made)
    assert before == {name: 0 if name in LATE else 1 for name in before}
    assert after == dict.fromkeys(before, 1)


def test_finds_a_changed_object_late_and_shows_it_as_it_is(kaltura: Simulator):
    """The index says which objects a list holds, the database what they are like."""
    client = client_of(kaltura)
    made = client.category.add(KalturaCategory(name="Before"))
    kaltura.set_index_delay(60)
    client.category.update(made.id, KalturaCategory(name="After"))
    seen = []
    for seconds in (0, 61):
        kaltura.advance(seconds)
        for name in ("Before", "After"):
            rows = client.category.list(KalturaCategoryFilter(fullNameEqual=name)).objects
            seen.append([row.name for row in rows])
    assert seen == [["After"], [], [], ["After"]]


def test_shows_deleted_objects_for_a_while_and_says_that_they_are(kaltura: Simulator):
    """In spite of ``statusIn``: the index still has the old status."""
    ks, made = ks_of(kaltura), written(kaltura)
    kaltura.set_index_delay(60)
    call(kaltura, "metadata_metadata.delete", ks=ks, id=made["metadata"])
    call(kaltura, "schedule_scheduleevent.delete", ks=ks, scheduleEventId=made["event"])
    call(kaltura, "category.delete", ks=ks, id=made["category"])
    call(kaltura, "baseentry.delete", ks=ks, entryId=made["entry"])
    asked = {
        "baseentry.list": {"idEqual": made["entry"], "statusIn": "2,7"},
        "category.list": {"idEqual": made["category"], "statusEqual": 2},
        "schedule_scheduleevent.list": {"idEqual": made["event"], "statusIn": "1,2"},
        "metadata_metadata.list": {"objectIdEqual": made["entry"], "statusEqual": 1},
    }
    seen = []
    for seconds in (0, 61):
        kaltura.advance(seconds)
        lists = [call(kaltura, action, ks=ks, filter=f)["objects"] for action, f in asked.items()]
        seen.append([[row["status"] for row in rows] for rows in lists])
    assert seen == [[[3], [4], [3], [3]], [[], [], [], []]]


def test_finds_overlaps_as_late_as_lists(kaltura: Simulator):
    """The overlap check reads the same index: two events added quickly may both pass."""
    entry = add_live(kaltura)
    kaltura.set_index_delay(60)
    quick = [add_event(kaltura, entry).get("code", "ok") for _ in range(2)]
    kaltura.advance(61)
    assert [*quick, add_event(kaltura, entry)["code"]] == ["ok", "ok", "SCHEDULE_TIME_IN_USE"]


def test_gets_everything_at_once(kaltura: Simulator):
    """``get`` never waits for the index."""
    kaltura.set_index_delay(60)
    made, ks = written(kaltura), ks_of(kaltura)
    replies = [
        call(kaltura, "baseentry.get", ks=ks, entryId=made["entry"]),
        call(kaltura, "category.get", ks=ks, id=made["category"]),
        call(kaltura, "schedule_scheduleevent.get", ks=ks, scheduleEventId=made["event"]),
        call(kaltura, "metadata_metadata.get", ks=ks, id=made["metadata"]),
    ]
    assert [reply["id"] for reply in replies] == [
        made[name] for name in ("entry", "category", "event", "metadata")
    ]
