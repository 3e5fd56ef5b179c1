"""The rules that categories, entries, events, metadata and resources obey."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from KalturaClient.Plugins.Core import KalturaCategory

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import USER, call, client_of, code_of, ks_of

START = 2_000_000_000
XML = "<metadata><IsKwebcastEntry>1</IsKwebcastEntry><IsSelfServe>0</IsSelfServe></metadata>"
DAY = 86400


def add_live(kaltura: Simulator, **fields: Any) -> dict[str, Any]:
    sent = {"name": "x", "mediaType": 201, **fields}
    made = call(kaltura, "livestream.add", ks=ks_of(kaltura), sourceType="32", liveStreamEntry=sent)
    return dict(made)


def add_event(
    kaltura: Simulator, entry: str, start: int = START, end: int = START + 3600, **fields: Any
) -> dict[str, Any]:
    sent = {
        "objectType": "KalturaLiveStreamScheduleEvent",
        "summary": "s",
        "startDate": start,
        "endDate": end,
        "recurrenceType": 0,
        "templateEntryId": entry,
        **fields,
    }
    ks = ks_of(kaltura)
    return dict(call(kaltura, "schedule_scheduleevent.add", ks=ks, scheduleEvent=sent))


def add_record(kaltura: Simulator, entry: str, xml: str = XML, profile: int = 1301) -> Any:
    params = {"metadataProfileId": profile, "objectType": "1", "objectId": entry, "xmlData": xml}
    return call(kaltura, "metadata_metadata.add", ks=ks_of(kaltura), **params)


def outcome(reply: dict[str, Any]) -> str:
    return str(reply.get("code", "ok"))


# ------------------------------------------------------ categories, entries, ids
@pytest.mark.parametrize(
    ("sent", "kept"),
    [("  Day 1  ", "Day 1"), ("a>b<c,d", "a_b_c_d"), ("Büro", "Büro")],
)
def test_cleans_names_of_categories(kaltura: Simulator, sent: str, kept: str):
    """Names are trimmed; ``>``, ``<`` and ``,`` become ``_``."""
    assert client_of(kaltura).category.add(KalturaCategory(name=sent)).name == kept


@pytest.mark.parametrize("again", ["Büro", "BÜRO", "buro", " Büro "])
def test_keeps_names_of_categories_apart(kaltura: Simulator, again: str):
    """A full name is unique, whatever its case and accents; under another parent it is free."""
    ks = ks_of(kaltura)
    first = call(kaltura, "category.add", ks=ks, category={"name": "Büro"})
    second = call(kaltura, "category.add", ks=ks, category={"name": again})
    below = {"name": again, "parentId": first["id"]}
    assert second["code"] == "DUPLICATE_CATEGORY"
    assert outcome(call(kaltura, "category.add", ks=ks, category=below)) == "ok"


def test_lets_two_categories_have_one_reference_id(kaltura: Simulator):
    """``referenceId`` is a label: it need not be unique."""
    ks = ks_of(kaltura)
    for name in ("a", "b"):
        call(kaltura, "category.add", ks=ks, category={"name": name, "referenceId": "portal:1"})
    found = call(kaltura, "category.list", ks=ks, filter={"referenceIdEqual": "portal:1"})
    assert found["totalCount"] == 2


def test_deletes_categories_with_all_below_and_keeps_the_entries(kaltura: Simulator):
    """Deleting a category deletes the categories below it, never an entry."""
    client, entry = client_of(kaltura), add_live(kaltura)["id"]
    top = client.category.add(KalturaCategory(name="Top")).id
    low = client.category.add(KalturaCategory(name="Low", parentId=top)).id
    link = {"categoryId": low, "entryId": entry}
    call(kaltura, "categoryentry.add", ks=client.getKs(), categoryEntry=link)
    client.category.delete(top, 0)
    assert [code_of(client.category.get, key) for key in (top, low)] == ["CATEGORY_NOT_FOUND"] * 2
    assert client.baseEntry.get(entry).id == entry


def test_makes_live_entries_ready_and_rooms_without_content(kaltura: Simulator):
    """A new live entry is READY at once; a new room is NO_CONTENT, and usable."""
    room = {"name": "r", "roomType": 1}
    made = call(kaltura, "room_room.add", ks=ks_of(kaltura), entry=room)
    assert (add_live(kaltura)["status"], made["status"], made["type"]) == (2, 7, "room.room")


def test_numbers_entries_and_the_rest_as_kaltura_does(kaltura: Simulator):
    """Entries have ``0_`` and eight letters or digits, everything else counts in numbers."""
    entry, ks = add_live(kaltura)["id"], ks_of(kaltura)
    resource = {"objectType": "KalturaLocationScheduleResource", "name": "Room"}
    numbers = [
        call(kaltura, "category.add", ks=ks, category={"name": "c"})["id"],
        add_event(kaltura, entry)["id"],
        call(kaltura, "schedule_scheduleresource.add", ks=ks, scheduleResource=resource)["id"],
        add_record(kaltura, entry)["id"],
        call(kaltura, "metadata_metadataprofile.list", ks=ks)["objects"][0]["id"],
    ]
    assert re.fullmatch(r"[01]_[0-9a-z]{8}", entry)
    assert [type(number) for number in numbers] == [int] * 5


def test_gives_times_in_whole_seconds(kaltura: Simulator):
    """Times are integer Unix seconds."""
    made = add_live(kaltura)
    assert type(made["createdAt"]) is int
    assert abs(made["createdAt"] - time.time()) < 10


# ----------------------------------------------------------- events and metadata
@pytest.mark.parametrize("action", ["baseentry.update", "baseentry.delete"])
def test_refuses_other_users_with_the_wrong_type(kaltura: Simulator, action: str):
    """A USER session on another's entry gets INVALID_TYPE, with no session quoted."""
    entry = add_live(kaltura)["id"]
    params = {"entryId": entry, "baseEntry": {"name": "mine"}}
    reply = call(kaltura, action, ks=ks_of(kaltura, USER, "other"), **params)
    message = 'Invalid KS "", Error "-4,INVALID_TYPE"'
    assert (reply["code"], reply["message"]) == ("INVALID_KS", message)
    assert kaltura.objects("liveStream")[0]["name"] == "x"


@pytest.mark.parametrize(
    ("start", "end", "seen"),
    [
        (START - 60, START, "ok"),
        (START + 3600, START + 3660, "ok"),
        (START + 10, START + 20, "SCHEDULE_TIME_IN_USE"),
        (START - 10, START + 4000, "SCHEDULE_TIME_IN_USE"),
        (START + 3599, START + 3700, "SCHEDULE_TIME_IN_USE"),
    ],
)
def test_keeps_events_of_an_entry_apart(kaltura: Simulator, start: int, end: int, seen: str):
    """Events of one entry may touch, not overlap; a cancelled one still occupies its time."""
    entry = add_live(kaltura)["id"]
    first = add_event(kaltura, entry)["id"]
    other = outcome(add_event(kaltura, add_live(kaltura)["id"], start, end))
    ks = ks_of(kaltura)
    call(kaltura, "schedule_scheduleevent.cancel", ks=ks, scheduleEventId=first)
    assert (outcome(add_event(kaltura, entry, start, end)), other) == (seen, "ok")


def test_widens_live_events_by_what_comes_before_and_after(kaltura: Simulator):
    """Filters and overlaps use the widened window; replies show the times as they were set."""
    entry = add_live(kaltura)["id"]
    made = add_event(kaltura, entry, preStartTime=600, postEndTime=300)
    found = [
        call(kaltura, "schedule_scheduleevent.list", ks=ks_of(kaltura), filter=asked)["totalCount"]
        for asked in (
            {"startDateLessThanOrEqual": START - 600},
            {"startDateLessThanOrEqual": START - 601},
            {"endDateGreaterThanOrEqual": START + 3900},
        )
    ]
    before = add_event(kaltura, entry, START - 500, START - 400)
    assert (made["startDate"], made["endDate"], made["duration"]) == (START, START + 3600, 3600)
    assert (found, outcome(before)) == ([1, 0, 1], "SCHEDULE_TIME_IN_USE")


@pytest.mark.parametrize(
    ("kind", "longest"),
    [
        ("KalturaRecordScheduleEvent", DAY),
        ("KalturaLiveStreamScheduleEvent", DAY),
        ("KalturaMeetingScheduleEvent", 3 * DAY),
        ("KalturaLiveRedirectScheduleEvent", 63_072_000),
    ],
)
def test_limits_how_long_events_last(kaltura: Simulator, kind: str, longest: int):
    """An event may last exactly the limit of its class, not one second more."""
    shape = {"objectType": kind, "templateEntryId": None}
    shape = {name: value for name, value in shape.items() if value}
    entry = add_live(kaltura)["id"]
    replies = [
        add_event(kaltura, entry, START, START + seconds, **shape)
        for seconds in (longest + 1, longest)
    ]
    assert [outcome(reply) for reply in replies] == ["MAX_SCHEDULE_DURATION_REACHED", "ok"]
    assert replies[0]["message"] == f"Maximum schedule duration [{longest}] reached"


def test_counts_cancels_and_deletes_events(kaltura: Simulator):
    """``sequence`` rises with each update; cancelled events are there, deleted ones are not."""
    ks, entry = ks_of(kaltura), add_live(kaltura)["id"]
    key = add_event(kaltura, entry, ownerId="somebody")["id"]
    change = {"objectType": "KalturaLiveStreamScheduleEvent", "summary": "new"}
    asked = {"ks": ks, "scheduleEventId": key}
    seen = [
        call(kaltura, "schedule_scheduleevent.get", **asked),
        call(kaltura, "schedule_scheduleevent.update", scheduleEvent=change, **asked),
        call(kaltura, "schedule_scheduleevent.cancel", **asked),
        call(kaltura, "schedule_scheduleevent.get", **asked),
        call(kaltura, "schedule_scheduleevent.delete", **asked),
    ]
    gone = call(kaltura, "schedule_scheduleevent.get", **asked)
    assert [(row["sequence"], row["status"]) for row in seen] == [
        (1, 2),
        (2, 2),
        (2, 1),
        (2, 1),
        (2, 3),
    ]
    assert (seen[0]["ownerId"], gone["code"]) == ("manager", "INVALID_OBJECT_ID")


def test_keeps_one_record_for_each_profile_and_object(kaltura: Simulator):
    """A second record is refused with the id of the first; another profile's is accepted."""
    entry = add_live(kaltura)["id"]
    first, again = add_record(kaltura, entry), add_record(kaltura, entry)
    other = add_record(kaltura, entry, "<metadata><Key/></metadata>", 1303)
    assert (again["code"], again["message"]) == (
        "METADATA_ALREADY_EXISTS",
        f"Metadata already exists id [{first['id']}]",
    )
    assert outcome(other) == "ok"


@pytest.mark.parametrize(
    "xml",
    [
        "<metadata><IsSelfServe>0</IsSelfServe><IsKwebcastEntry>1</IsKwebcastEntry></metadata>",
        "<metadata><IsKwebcastEntry> 1 </IsKwebcastEntry><Nothing/></metadata>",
        "<other/>",
        "<metadata>",
        "no XML",
    ],
    ids=["order", "unknown", "root", "open", "text"],
)
def test_validates_records_against_their_schema(kaltura: Simulator, xml: str):
    """The profile's XSD decides, down to the order of elements."""
    reply = add_record(kaltura, add_live(kaltura)["id"], xml)
    assert reply["code"] == "INVALID_METADATA_DATA"
    assert reply["message"].startswith("invalid metadata data: ")


def test_counts_the_versions_of_a_record(kaltura: Simulator):
    """A changed document raises the version, an equal one does not; an old one is refused."""
    ks, record = ks_of(kaltura), add_record(kaltura, add_live(kaltura)["id"])

    def update(xml: str, version: int) -> Any:
        params = {"id": record["id"], "xmlData": xml, "version": version}
        return call(kaltura, "metadata_metadata.update", ks=ks, **params)

    other, first = XML.replace("0", "1"), record["version"]
    same = update(XML, first)["version"]
    changed = update(other, first)["version"]
    assert (same, changed) == (first, first + 10)
    assert update(XML, first)["code"] == "INVALID_METADATA_VERSION"


@pytest.mark.parametrize(
    ("name", "key"),
    [("KMS_KWEBCAST2", 1301), ("KMS_EVENTS3", 1302), ("EntryAdditionalInfo", 1303)],
)
def test_finds_profiles_by_name_and_system_name(kaltura: Simulator, name: str, key: int):
    """Profiles are found by either of their names."""
    ks = ks_of(kaltura)
    listed = call(kaltura, "metadata_metadataprofile.list", ks=ks)["objects"]
    own = next(row for row in listed if row["id"] == key)
    found = [
        [
            row["id"]
            for row in call(kaltura, "metadata_metadataprofile.list", ks=ks, filter=asked)[
                "objects"
            ]
        ]
        for asked in ({"systemNameEqual": name}, {"nameEqual": own["name"]})
    ]
    assert found == [[key], [key]]


# ------------------------------------------------------------------ live streams
def test_shows_broadcast_addresses_to_those_who_produce(kaltura: Simulator):
    """Owners, co-editors, holders of ``edit:`` and ADMIN see the addresses; viewers do not."""
    entry = add_live(kaltura, userId="owner", entitledUsersEdit="co")["id"]
    callers = {
        "admin": ks_of(kaltura),
        "owner": ks_of(kaltura, USER, "owner"),
        "co-editor": ks_of(kaltura, USER, "co"),
        "holder": ks_of(kaltura, USER, "x", f"edit:{entry}"),
        "viewer": ks_of(kaltura, USER, "viewer", "sview:*"),
    }
    seen = {}
    for who, ks in callers.items():
        row = call(kaltura, "livestream.get", ks=ks, entryId=entry)
        seen[who] = ("primaryBroadcastingUrl" in row, "streamPassword" in row)
    assert seen == {
        "admin": (True, True),
        "owner": (True, False),
        "co-editor": (True, False),
        "holder": (True, False),
        "viewer": (False, False),
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dvrStatus", 1),
        ("dvrWindow", 99),
        ("recordStatus", 2),
        ("conversionProfileId", 1002),
        ("explicitLive", True),
    ],
)
def test_freezes_a_stream_while_it_is_on_air(kaltura: Simulator, field: str, value: Any):
    """These cannot change while an encoder is connected; the name can. Afterwards all can."""
    entry, ks = add_live(kaltura)["id"], ks_of(kaltura)

    def update(**change: Any) -> Any:
        return call(kaltura, "livestream.update", ks=ks, entryId=entry, liveStreamEntry=change)

    kaltura.switch(entry, "on_air")
    refused, renamed = update(**{field: value}), update(name="On air")
    kaltura.switch(entry, "off")
    kaltura.advance(60)  # Until the recording is done, some of them cannot change either.
    assert (refused["code"], refused["message"]) == (
        "CANNOT_UPDATE_FIELDS_WHILE_ENTRY_BROADCASTING",
        f"Cannot update [{field}] while entry is broadcasting",
    )
    assert (renamed["name"], update(**{field: value})[field]) == ("On air", value)


# --------------------------------------------------------------------- resources
def test_keeps_system_names_of_resources_apart_in_their_type(kaltura: Simulator):
    """A system name is unique among resources of one type, and free again once deleted."""
    ks = ks_of(kaltura)

    def add(kind: str) -> Any:
        sent = {"objectType": kind, "name": "Room", "systemName": "portal:1"}
        return call(kaltura, "schedule_scheduleresource.add", ks=ks, scheduleResource=sent)

    first, again = add("KalturaLocationScheduleResource"), add("KalturaLocationScheduleResource")
    other = add("KalturaCameraScheduleResource")
    key = first["id"]
    call(kaltura, "schedule_scheduleresource.delete", ks=ks, scheduleResourceId=key)
    assert (again["code"], again["message"], outcome(other)) == (
        "SYSTEM_NAME_ALREADY_EXISTS",
        "System name [portal:1] already exists",
        "ok",
    )
    assert outcome(add("KalturaLocationScheduleResource")) == "ok"


def test_books_a_resource_for_an_event_once(kaltura: Simulator):
    """A second booking of the same pair is refused; another event may have the resource too."""
    ks = ks_of(kaltura)
    resource = {"objectType": "KalturaLocationScheduleResource", "name": "Room"}
    room = call(kaltura, "schedule_scheduleresource.add", ks=ks, scheduleResource=resource)["id"]
    first, second = (add_event(kaltura, add_live(kaltura)["id"])["id"] for _ in range(2))

    def book(event: int) -> Any:
        sent = {"eventId": event, "resourceId": room}
        return call(
            kaltura, "schedule_scheduleeventresource.add", ks=ks, scheduleEventResource=sent
        )

    replies = [book(first), book(second), book(first)]
    assert [outcome(reply) for reply in replies] == [
        "ok",
        "ok",
        "SCHEDULE_EVENT_RESOURCE_ALREADY_EXISTS",
    ]
    assert replies[2]["message"] == (
        f"Schedule event resource already exists with eventId[{first}] and resourceId ({room})"
    )
