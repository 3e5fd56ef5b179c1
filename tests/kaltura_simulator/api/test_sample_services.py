"""Services that Kaltura's published samples use beside the entries: chapters, sign-in, search."""

from __future__ import annotations

from typing import Any

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import USER, call, ks_of
from tests.kaltura_simulator.support.sample_forms import code


# ------------------------------------------------------------------------ chapters, notes
def chapter(**more: Any) -> dict[str, Any]:
    own = {"objectType": "KalturaThumbCuePoint", "entryId": "0_videoone", "subType": 2}
    return own | {"title": "Welcome", "startTime": 1000} | more


def test_a_vendor_marks_chapters(kaltura: Simulator):
    ks = ks_of(kaltura)
    add = "cuepoint_cuepoint.add"
    first = call(kaltura, add, ks=ks, cuePoint=chapter())
    second = call(kaltura, add, ks=ks, cuePoint=chapter(title="Talk", startTime=30_000))
    asked = {"objectType": "KalturaThumbCuePointFilter", "entryIdEqual": "0_videoone"}
    asked |= {"subTypeEqual": 2, "orderBy": "-startTime"}
    found = call(kaltura, "cuepoint_cuepoint.list", ks=ks, filter=asked)
    assert [row["id"] for row in found["objects"]] == [second["id"], first["id"]]
    assert (first["cuePointType"], first["status"]) == ("thumbCuePoint.Thumb", 4)


def test_marks_are_held_to_their_clip(kaltura: Simulator):
    ks = ks_of(kaltura)
    made = call(kaltura, "cuepoint_cuepoint.add", ks=ks, cuePoint=chapter())
    wrong = {
        "START_TIME_CANNOT_BE_LESS_THAN_0": chapter(startTime=-1),
        "START_TIME_IS_BIGGER_THAN_ENTRY_END_TIME": chapter(startTime=90_001),
        "ENTRY_ID_NOT_FOUND": chapter(entryId="0_none"),
        "PROPERTY_VALIDATION_CANNOT_BE_NULL": {"objectType": "KalturaThumbCuePoint"},
        "OBJECT_TYPE_ABSTRACT": {"entryId": "0_videoone"},
    }
    codes = [
        code(call(kaltura, "cuepoint_cuepoint.add", ks=ks, cuePoint=sent))
        for sent in wrong.values()
    ]
    moved = {"objectType": "KalturaThumbCuePoint", "entryId": "0_videotwo"}
    other = call(kaltura, "cuepoint_cuepoint.update", ks=ks, id=made["id"], cuePoint=moved)
    assert codes == list(wrong)
    assert code(other) == "CANNOT_UPDATE_ENTRY_ID"


def test_marks_are_changed_copied_and_deleted(kaltura: Simulator):
    ks = ks_of(kaltura)
    made = call(kaltura, "cuepoint_cuepoint.add", ks=ks, cuePoint=chapter())
    sent = {"objectType": "KalturaThumbCuePoint", "title": "Hello"}
    changed = call(kaltura, "cuepoint_cuepoint.update", ks=ks, id=made["id"], cuePoint=sent)
    copy = call(kaltura, "cuepoint_cuepoint.clone", ks=ks, id=made["id"], entryId="0_videotwo")
    call(kaltura, "cuepoint_cuepoint.delete", ks=ks, id=made["id"])
    gone = call(kaltura, "cuepoint_cuepoint.get", ks=ks, id=made["id"])
    both = {"entryIdIn": "0_videoone,0_videotwo,"}
    left = call(kaltura, "cuepoint_cuepoint.count", ks=ks, filter=both)
    assert (changed["title"], changed["startTime"]) == ("Hello", 1000)
    assert (copy["copiedFrom"], copy["title"]) == (made["id"], "Hello")
    assert (gone["code"], gone["message"], left) == (
        "INVALID_CUE_POINT_ID",
        f"Invalid cue point id [{made['id']}]",
        1,
    )


def test_a_chat_log_is_read_page_by_page(kaltura: Simulator):
    ks = ks_of(kaltura)
    note = {"objectType": "KalturaAnnotation", "entryId": "0_videoone", "tags": "qna"}
    for text, public in (("first", 1), ("second", 1), ("hidden", 0)):
        sent = note | {"text": text, "isPublic": public}
        call(kaltura, "cuepoint_cuepoint.add", ks=ks, cuePoint=sent)
    asked = {"objectType": "KalturaAnnotationFilter", "tagsLike": "qna", "isPublicEqual": 1}
    asked |= {"cuePointTypeEqual": "annotation.Annotation", "entryIdIn": "0_videoone,"}
    asked |= {"orderBy": "+updatedAt", "updatedAtGreaterThanOrEqual": 1_600_000_000}
    found = []
    for page in (1, 2, 3):
        pager = {"pageSize": 1, "pageIndex": page}
        rows = call(kaltura, "cuepoint_cuepoint.list", ks=ks, filter=asked, pager=pager)
        found += [row["text"] for row in rows["objects"]]
    everywhere = call(kaltura, "cuepoint_cuepoint.list", ks=ks, filter={"tagsLike": "qna"})
    assert found == ["first", "second"]
    assert (everywhere["code"], everywhere["args"]["PROP_NAME"].split("/")[0]) == (
        "PROPERTY_VALIDATION_CANNOT_BE_NULL",
        "KalturaCuePointFilter::idEqual",
    )


def test_viewers_read_marks_and_touch_only_their_own(kaltura: Simulator):
    made = call(kaltura, "cuepoint_cuepoint.add", ks=ks_of(kaltura), cuePoint=chapter())
    viewer = ks_of(kaltura, USER, "viewer")
    asked = {"entryIdEqual": "0_videoone"}
    seen = call(kaltura, "cuepoint_cuepoint.list", ks=viewer, filter=asked)
    refused = call(kaltura, "cuepoint_cuepoint.delete", ks=viewer, id=made["id"])
    own = {"objectType": "KalturaAnnotation", "entryId": "0_videoone", "text": "mine"}
    mine = call(kaltura, "cuepoint_cuepoint.add", ks=viewer, cuePoint=own)
    other = ks_of(kaltura, USER, "other")
    hidden = call(kaltura, "cuepoint_cuepoint.get", ks=other, id=mine["id"])
    gone = call(kaltura, "cuepoint_cuepoint.delete", ks=viewer, id=mine["id"])
    assert (seen["totalCount"], code(refused), code(hidden), gone) == (
        1,
        "INVALID_KS",
        "INVALID_CUE_POINT_ID",
        None,
    )


# ----------------------------------------------------------------------------- signing in
def test_an_administrator_signs_in_with_an_address(kaltura: Simulator):
    person = {"id": "boss", "email": "Boss@example.org", "isAdmin": True, "password": "Pass-word1"}
    made = call(kaltura, "user.add", ks=ks_of(kaltura), user=person)
    sent = {"loginId": "boss@example.org", "password": "Pass-word1", "partnerId": 101}
    ks = call(kaltura, "user.loginByLoginId", **sent)
    opened = call(kaltura, "session.get", ks=ks)
    wrong = [
        call(kaltura, "user.loginByLoginId", **sent | {"password": "else"}),
        call(kaltura, "user.loginByLoginId", **sent | {"loginId": "nobody@example.org"}),
        call(kaltura, "user.loginByLoginId", **sent | {"partnerId": 99}),
        call(kaltura, "user.loginByLoginId", **sent | {"partnerId": 77}),
    ]
    assert ("password" in made, made["loginEnabled"]) == (False, True)
    assert (opened["userId"], opened["sessionType"]) == ("boss", "2")
    assert [code(row) for row in wrong] == [
        "USER_WRONG_PASSWORD",
        "USER_NOT_FOUND",
        "USER_NOT_FOUND",
        "SERVICE_FORBIDDEN_CONTENT_BLOCKED",
    ]


def test_signing_in_is_allowed_and_taken_back(kaltura: Simulator):
    ks, person = ks_of(kaltura), {"id": "ann", "email": "ann@example.org"}
    call(kaltura, "user.add", ks=ks, user=person)
    login = {"userId": "ann", "password": "Pass-word1", "partnerId": 101}
    before = call(kaltura, "user.login", **login)
    named = {"userId": "ann", "loginId": "ann@example.org"}
    call(kaltura, "user.enableLogin", ks=ks, password="Pass-word1", **named)
    opened = call(kaltura, "session.get", session=call(kaltura, "user.login", **login), ks=ks)
    found = call(kaltura, "user.getByLoginId", ks=ks, loginId="ANN@example.org")
    call(kaltura, "user.disableLogin", ks=ks, **named)
    after = call(kaltura, "user.login", **login)
    assert (code(before), code(after)) == ("USER_NOT_FOUND", "USER_NOT_FOUND")
    assert (opened["userId"], opened["sessionType"], found["id"]) == ("ann", "0", "ann")


# ------------------------------------------------------------------- searching for sessions
def search(kaltura: Simulator, *items: dict[str, Any], **more: Any) -> list[str]:
    """The names that a search for all of these conditions finds."""
    kind = "KalturaESearchEntryOperator"
    asked = {"searchOperator": {"objectType": kind, "operator": 1, "searchItems": list(items)}}
    sent = {"searchParams": {"objectType": "KalturaESearchEntryParams"} | asked | more}
    found = call(kaltura, "elasticsearch_esearch.searchEntry", ks=ks_of(kaltura), **sent)
    assert found["totalCount"] == len(found["objects"])
    return [row["object"]["name"] for row in found["objects"]]


def field(name: str, term: str, how: int = 1) -> dict[str, Any]:
    own = {"objectType": "KalturaESearchEntryItem", "fieldName": name}
    return own | {"searchTerm": term, "itemType": how}


def either(*items: dict[str, Any]) -> dict[str, Any]:
    kind = "KalturaESearchEntryOperator"
    return {"objectType": kind, "operator": 2, "searchItems": list(items)}


def test_the_sessions_of_an_event_are_found_by_their_metadata(kaltura: Simulator):
    """Streams and rooms whose custom data names the event, ready or without content."""
    ks = ks_of(kaltura)
    live = {"objectType": "KalturaLiveStreamEntry", "mediaType": 201, "sourceType": "32"}
    room = {"objectType": "KalturaRoomEntry", "roomType": 1}
    for name, entry, zone in (
        ("Stream", live, "Event7"),
        ("Room", room, "Event7"),
        ("Other", live, "Event8"),
    ):
        made = call(kaltura, "baseEntry.add", ks=ks, entry=entry | {"name": name})
        xml = f"<metadata><Timezone>{zone}</Timezone></metadata>"
        sent = {"metadataProfileId": 1302, "objectType": "1", "objectId": made["id"]}
        call(kaltura, "metadata_metadata.add", ks=ks, xmlData=xml, **sent)
    fields = call(kaltura, "metadata_metadataprofile.listFields", ks=ks, metadataProfileId=1302)
    zone_id = next(row["id"] for row in fields["objects"] if row["key"] == "Timezone")
    kinds = either(field("entry_type", "room.room"), field("entry_type", "7"))
    own = {"objectType": "KalturaESearchEntryMetadataItem", "metadataProfileId": 1302}
    data = own | {"metadataFieldId": zone_id, "itemType": 1, "searchTerm": "Event7"}
    assert sorted(search(kaltura, kinds, data, objectStatuses="2,7")) == ["Room", "Stream"]
    assert search(kaltura, kinds, data, objectStatuses="2") == []


def test_a_search_takes_words_beginnings_ranges_and_their_opposite(kaltura: Simulator):
    length = {"objectType": "KalturaESearchEntryItem", "fieldName": "length_in_msecs"}
    limits = {"objectType": "KalturaESearchRange", "greaterThan": 90_000}
    everything = [
        call(kaltura, "baseEntry.get", ks=ks_of(kaltura), entryId=key)["name"]
        for key in ("0_videoone", "0_videotwo")
    ]
    long = search(kaltura, length | {"itemType": 5, "range": limits})
    kind = "KalturaESearchEntryOperator"
    short = search(
        kaltura,
        {
            "objectType": kind,
            "operator": 3,
            "searchItems": [length | {"itemType": 5, "range": limits}],
        },
    )
    first_word = everything[0].split()[0]
    unified = {"objectType": "KalturaESearchUnifiedItem", "itemType": 2, "searchTerm": "0_videoone"}
    assert (short + long, search(kaltura, unified)) == (everything, everything[:1])
    assert everything[0] in search(kaltura, field("name", first_word, 3))
    assert sorted(search(kaltura, field("id", "", 4))) == sorted(everything)


# -------------------------------------------------------------------------- watching live
def test_the_audience_of_a_stream_is_counted_while_it_is_on(kaltura: Simulator):
    ks = ks_of(kaltura)
    live = {"objectType": "KalturaLiveStreamEntry", "mediaType": 201, "name": "Keynote"}
    made = call(kaltura, "livestream.add", ks=ks, sourceType="32", liveStreamEntry=live)
    kaltura.switch(made["id"], "on_air")
    now = int(call(kaltura, "system.getTime"))
    start = now - now % 10 - 100
    for user, joined, left in (("a", start, start + 50), ("b", start + 20, start + 50)):
        row = {"entryId": made["id"], "userId": user, "joined": joined, "left": left}
        kaltura.add_visits([row | {"played": "live"}])
    asked = {"entryIds": made["id"], "fromTime": start, "toTime": start + 60, "live": 1}
    graph = call(
        kaltura, "livereports.getEvents", ks=ks, reportType="ENTRY_TIME_LINE", filter=asked
    )
    totals = call(kaltura, "livereports.getReport", ks=ks, reportType="ENTRY_TOTAL", filter=asked)
    wrong = call(kaltura, "livereports.getReport", ks=ks, reportType="ELSE", filter=asked)
    viewer = ks_of(kaltura, USER, "viewer")
    refused = call(kaltura, "livereports.getReport", ks=viewer, reportType="ENTRY_TOTAL")
    points = [point.split(",")[1] for point in graph[0]["data"].split(";") if point]
    assert (graph[0]["id"], points) == ("audience", ["1", "1", "2", "2", "2", "2", "0"])
    names = ("entryId", "plays", "secondsViewed", "peakAudience", "peakDvrAudience")
    assert [tuple(row[name] for name in names) for row in totals["objects"]] == [
        (made["id"], 2, 80, 2, 0)
    ]
    assert (code(wrong), code(refused)) == ("INVALID_ENUM_VALUE", "SERVICE_FORBIDDEN")


# ------------------------------------------------------------- complaints, encoders, players
def test_a_moderator_settles_complaints(kaltura: Simulator):
    ks = ks_of(kaltura)
    flag = {"flaggedEntryId": "0_videoone", "flagType": 1}
    seen = []
    for action in ("approve", "reject"):
        call(kaltura, "baseEntry.flag", ks=ks, moderationFlag=flag)
        call(kaltura, f"media.{action}", ks=ks, entryId="0_videoone")
        row = call(kaltura, "media.get", ks=ks, entryId="0_videoone")
        seen.append((row["moderationStatus"], row["moderationCount"]))
    viewer = ks_of(kaltura, USER, "viewer")
    refused = call(kaltura, "baseEntry.approve", ks=viewer, entryId="0_videoone")
    assert (seen, code(refused)) == ([(2, 0), (3, 0)], "SERVICE_FORBIDDEN")


def test_an_encoder_gets_new_addresses(kaltura: Simulator):
    ks = ks_of(kaltura)
    sent = {"objectType": "KalturaLiveStreamEntry", "mediaType": 201, "name": "Keynote"}
    old = call(kaltura, "livestream.add", ks=ks, sourceType="32", liveStreamEntry=sent)
    new = call(kaltura, "livestream.regenerateStreamToken", ks=ks, entryId=old["id"])
    names = ("primaryBroadcastingUrl", "secondaryBroadcastingUrl", "streamPassword")
    changed = [old[name] != new[name] for name in names]
    viewer = ks_of(kaltura, USER, "viewer")
    refused = call(kaltura, "livestream.regenerateStreamToken", ks=viewer, entryId=old["id"])
    assert (changed, old["streamName"] == new["streamName"]) == ([True] * 3, True)
    assert code(refused) == "SERVICE_FORBIDDEN"


def test_a_producer_looks_people_up_and_makes_none(kaltura: Simulator):
    ks = ks_of(kaltura, USER, "producer", "setrole:WEBCAST_PRODUCER_DEVICE_ROLE")
    call(kaltura, "user.add", ks=ks_of(kaltura), user={"id": "ann"})
    found = call(kaltura, "user.list", ks=ks, filter={"idEqual": "ann"})
    refused = call(kaltura, "user.add", ks=ks, user={"id": "bob"})
    assert (found["totalCount"], code(refused)) == (1, "SERVICE_FORBIDDEN")


def test_an_older_player_asks_what_is_restricted(kaltura: Simulator):
    asked = {"entryId": "0_videoone", "contextDataParams": {"referrer": "https://example.org"}}
    ks = ks_of(kaltura, USER, "viewer", "setrole:PLAYBACK_BASE_ROLE")
    found = call(kaltura, "baseEntry.getContextData", ks=ks, **asked)
    names = ("isSiteRestricted", "isScheduledNow", "isAdmin", "msDuration", "streamerType")
    assert tuple(found[name] for name in names) == (False, True, False, 90_000, "http")
    assert [row["entryId"] for row in found["flavorAssets"]] == ["0_videoone"]
