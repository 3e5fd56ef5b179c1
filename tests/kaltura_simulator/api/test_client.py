"""The real Kaltura client takes an event through its life, every action at least once."""

from __future__ import annotations

import hashlib
import json
import time

import pytest
from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.exceptions import KalturaException
from KalturaClient.Plugins import Core, Metadata, Room, Schedule

from tests.kaltura_simulator.support.clients import (
    USER,
    call,
    client_of,
    code_of,
    fields_of,
    value_of,
)

START = 2_000_000_000


@pytest.fixture
def client(kaltura):
    return client_of(kaltura)


def live_entry(name="Keynote", **fields):
    entry = Core.KalturaLiveStreamEntry(
        name=name, mediaType=Core.KalturaMediaType.LIVE_STREAM_FLASH
    )
    for field, value in fields.items():
        setattr(entry, field, value)
    return entry


def add_live(client, **fields):
    return client.liveStream.add(live_entry(**fields), Core.KalturaSourceType.LIVE_STREAM)


def event_on(entry_id, start=START, end=START + 3600, **fields):
    event = Schedule.KalturaLiveStreamScheduleEvent(
        summary="Keynote",
        startDate=start,
        endDate=end,
        recurrenceType=Schedule.KalturaScheduleEventRecurrenceType.NONE,
        templateEntryId=entry_id,
    )
    for field, value in fields.items():
        setattr(event, field, value)
    return event


def profile_of(client, system_name):
    asked = Metadata.KalturaMetadataProfileFilter(systemNameEqual=system_name)
    return client.metadata.metadataProfile.list(asked).objects[0]


def test_client_builds_a_category_tree(client):
    parent = client.category.list(Core.KalturaCategoryFilter(fullNameEqual="KAF>site>channels"))
    event = client.category.add(
        Core.KalturaCategory(
            name="Conf <1>, a", parentId=parent.objects[0].id, referenceId="portal:1", tags="a, b"
        )
    )
    track = client.category.add(Core.KalturaCategory(name="Track", parentId=event.id))
    client.category.update(event.id, Core.KalturaCategory(name="Conf"))
    moved = client.category.add(Core.KalturaCategory(name="Other", parentId=parent.objects[0].id))
    client.category.move(str(track.id), moved.id)

    found = client.category.get(track.id)
    assert (event.name, event.fullName) == ("Conf _1__ a", "KAF>site>channels>Conf _1__ a")
    assert fields_of(found, "fullName", "depth", "parentId") == {
        "fullName": "KAF>site>channels>Other>Track",
        "depth": 4,
        "parentId": moved.id,
    }
    client.category.delete(moved.id, 0)
    assert code_of(client.category.get, track.id) == "CATEGORY_NOT_FOUND"


def test_client_creates_a_webcast_as_the_recipe_says(client, kaltura, tmp_path):
    made = add_live(
        client,
        description="d",
        dvrStatus=Core.KalturaDVRStatus.ENABLED,
        dvrWindow=60,
        recordStatus=Core.KalturaRecordStatus.APPENDED,
        explicitLive=1,
        adminTags="kms-webcast-event,kwebcast,vpaas-webcast",
        tags="Two, one,two",
        referenceId="portal:2",
        recordingOptions=Core.KalturaLiveEntryRecordingOptions(shouldCopyEntitlement=1),
    )
    assert fields_of(
        made, "name", "status", "type", "tags", "adminTags", "viewMode", "sourceType", "dvrWindow"
    ) == {
        "name": "Keynote",
        "status": "2",
        "type": "7",
        "tags": "two, one",
        "adminTags": "kms-webcast-event,kwebcast,vpaas-webcast",
        "viewMode": 0,
        "sourceType": "32",
        "dvrWindow": 60,
    }
    assert made.streamName == f"{made.id}_%i"
    assert made.primaryBroadcastingUrl.startswith(f"rtmp://{made.id}.p.")
    client.baseEntry.updateThumbnailFromUrl(made.id, "https://example.test/a.jpg")
    picture = tmp_path / "a.jpg"
    picture.write_bytes(b"JPEG")
    with picture.open("rb") as file:
        client.liveStream.updateOfflineThumbnailJpeg(made.id, file)
    assert kaltura.keys("liveStream") == ["portal:2"]


def test_client_writes_metadata_that_fits_and_is_told_what_does_not(client):
    entry = add_live(client)
    profile = profile_of(client, "KMS_EVENTS3")
    service = client.metadata.metadata
    kind = Metadata.KalturaMetadataObjectType.ENTRY
    good = (
        "<metadata><StartTime>1</StartTime><EndTime>2</EndTime><Timezone>UTC</Timezone></metadata>"
    )
    record = service.add(profile.id, kind, entry.id, good)
    with pytest.raises(KalturaException) as again:
        service.add(profile.id, kind, entry.id, good)
    with pytest.raises(KalturaException) as wrong:
        service.update(
            record.id, "<metadata><EndTime>2</EndTime><StartTime>1</StartTime></metadata>"
        )
    changed = service.update(record.id, good.replace("UTC", "Europe/Berlin"))
    listed = service.list(
        Metadata.KalturaMetadataFilter(objectIdEqual=entry.id, metadataProfileIdEqual=profile.id)
    )

    assert again.value.message == f"Metadata already exists id [{record.id}]"
    assert (wrong.value.code, "StartTime" in wrong.value.message) == ("INVALID_METADATA_DATA", True)
    assert [row.xml for row in listed.objects] == [changed.xml]
    assert (changed.version, code_of(service.update, record.id, good, 1)) == (
        record.version + 10,
        "INVALID_METADATA_VERSION",
    )
    service.delete(record.id)
    assert code_of(service.get, record.id) == "METADATA_NOT_FOUND"


@pytest.mark.parametrize(
    ("system_name", "xml"),
    [
        (
            "KMS_KWEBCAST2",
            "<metadata><SlidesDocEntryId/><IsKwebcastEntry>1</IsKwebcastEntry>"
            "<IsSelfServe>0</IsSelfServe></metadata>",
        ),
        (
            "EntryAdditionalInfo",
            "<metadata><Key/><Value/><Detail><Key>webcastType</Key>"
            '<Value>"manual"</Value></Detail><Detail><Key>a</Key><Value>1</Value></Detail></metadata>',
        ),
        (
            "KMS_EVENTS3",
            "<metadata><StartTime>1</StartTime><EndTime>2</EndTime><Timezone>UTC</Timezone>"
            "<Presenter><PresenterId>a</PresenterId><PresenterName>A</PresenterName></Presenter>"
            "<Presenter><PresenterName>B</PresenterName></Presenter></metadata>",
        ),
    ],
)
def test_client_may_write_the_published_samples(client, system_name, xml):
    profile = profile_of(client, system_name)
    entry = add_live(client)
    record = client.metadata.metadata.add(profile.id, "1", entry.id, xml)
    assert (record.xml, record.objectId) == (xml, entry.id)


def test_client_schedules_and_is_kept_from_overlaps(client):
    entry = add_live(client)
    service = client.schedule.scheduleEvent
    first = service.add(event_on(entry.id, referenceId="portal:3", preStartTime=600))
    touching = service.add(event_on(entry.id, START + 3600, START + 7200))
    overlapping = event_on(entry.id, START - 300, START - 100)
    found = service.list(
        Schedule.KalturaLiveStreamScheduleEventFilter(
            templateEntryIdEqual=entry.id, startDateLessThanOrEqual=START - 600
        )
    )
    capabilities = client.liveStream.get(entry.id).capabilities
    refusal = code_of(service.add, overlapping)
    cancelled = service.cancel(touching.id)
    moved = service.update(first.id, event_on(entry.id, START + 8000, START + 9000))

    assert refusal == "SCHEDULE_TIME_IN_USE"
    assert [row.id for row in found.objects] == [first.id]
    assert capabilities == "live_schedule_capability"
    assert value_of(cancelled.status) == Schedule.KalturaScheduleEventStatus.CANCELLED
    assert fields_of(moved, "startDate", "duration", "sequence", "ownerId") == {
        "startDate": START + 8000,
        "duration": 1000,
        "sequence": 2,
        "ownerId": "manager",
    }
    service.delete(first.id)
    assert code_of(service.get, first.id) == "INVALID_OBJECT_ID"


def test_client_books_a_legacy_room(client):
    resource = client.schedule.scheduleResource.add(
        Schedule.KalturaLocationScheduleResource(
            name="Room 1", systemName="portal:4", tags="vcprovider:newrow,custom_rec_auto_start:on"
        )
    )
    event = client.schedule.scheduleEvent.add(
        Schedule.KalturaRecordScheduleEvent(
            summary="Talk", startDate=START, endDate=START + 60, recurrenceType=0
        )
    )
    booking = Schedule.KalturaScheduleEventResource(eventId=event.id, resourceId=resource.id)
    service = client.schedule.scheduleEventResource
    service.add(booking)
    again = Schedule.KalturaLocationScheduleResource(name="Room 2", systemName="portal:4")

    assert code_of(service.add, booking) == "SCHEDULE_EVENT_RESOURCE_ALREADY_EXISTS"
    assert code_of(client.schedule.scheduleResource.add, again) == "SYSTEM_NAME_ALREADY_EXISTS"
    listed = service.list(Schedule.KalturaScheduleEventResourceFilter(resourceIdEqual=resource.id))
    assert [row.eventId for row in listed.objects] == [event.id]
    service.delete(event.id, resource.id)
    client.schedule.scheduleResource.delete(resource.id)
    assert code_of(client.schedule.scheduleResource.get, resource.id) == "INVALID_OBJECT_ID"


def test_client_opens_a_room_from_a_template(client):
    service = client.room.room
    room = service.add(
        Room.KalturaRoomEntry(
            name="Workshop",
            roomType=Room.KalturaRoomType.ROOM,
            referenceId="portal:5",
            templateRoomEntryId="0_tmplroom",
        )
    )
    wrong = Room.KalturaRoomEntry(name="x", roomType=1, templateRoomEntryId="0_nosuchid")
    service.update(room.id, Room.KalturaRoomEntry(name="Renamed"))
    any_status = Room.KalturaRoomEntryFilter(referenceIdIn="portal:5", statusIn="7,2")

    assert fields_of(room, "status", "type", "roomType") == {
        "status": "7",
        "type": "room.room",
        "roomType": 1,
    }
    assert code_of(service.add, wrong) == "ENTRY_ID_NOT_FOUND"
    assert service.list(Room.KalturaRoomEntryFilter(referenceIdIn="portal:5")).totalCount == 0
    assert [row.name for row in service.list(any_status).objects] == ["Renamed"]
    service.delete(room.id)
    assert code_of(service.get, room.id) == "ENTRY_ID_NOT_FOUND"


def test_client_puts_an_entry_into_a_category(client):
    entry = add_live(client)
    place = client.category.add(Core.KalturaCategory(name="Track"))
    link = Core.KalturaCategoryEntry(categoryId=place.id, entryId=entry.id)
    service = client.categoryEntry
    service.add(link)

    assert code_of(service.add, link) == "CATEGORY_ENTRY_ALREADY_EXISTS"
    found = client.baseEntry.list(Core.KalturaBaseEntryFilter(categoriesIdsMatchOr=str(place.id)))
    assert [row.id for row in found.objects] == [entry.id]
    assert client.category.get(place.id).entriesCount == 1
    service.delete(entry.id, place.id)
    assert code_of(service.delete, entry.id, place.id) == "ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY"
    assert service.list(Core.KalturaCategoryEntryFilter(entryIdEqual=entry.id)).objects == []


def test_client_makes_somebody_a_member(client):
    place = client.category.add(Core.KalturaCategory(name="Track"))
    member = Core.KalturaCategoryUser(categoryId=place.id, userId="ann")
    unknown = code_of(client.categoryUser.get, place.id, "ann")
    made = client.categoryUser.add(member)
    moderator = Core.KalturaCategoryUser(permissionLevel=1)

    assert code_of(client.categoryUser.add, member) == "CATEGORY_USER_ALREADY_EXISTS"
    assert (unknown, client.category.get(place.id).membersCount) == ("INVALID_USER_ID", 1)
    # A member that there is none of becomes a user, of whom no more than the id is known.
    assert (made.permissionNames, client.user.get("ann").fullName) == ("CATEGORY_VIEW", "ann")
    assert code_of(client.categoryUser.update, place.id, "ann", moderator) == (
        "CANNOT_OVERRIDE_MANUAL_CHANGES"
    )
    changed = client.categoryUser.update(place.id, "ann", moderator, True)
    assert value_of(changed.permissionLevel) == 1
    client.categoryUser.delete(place.id, "ann")
    assert code_of(client.categoryUser.get, place.id, "ann") == "INVALID_CATEGORY_USER_ID"


@pytest.mark.parametrize(
    ("echoed", "code"),
    [
        (("id", "partnerId", "creatorId", "type", "name"), "ok"),
        (("status",), "PROPERTY_VALIDATION_NOT_UPDATABLE"),
        (("createdAt",), "PROPERTY_VALIDATION_NOT_UPDATABLE"),
    ],
)
def test_client_may_echo_some_of_a_live_entry(client, kaltura, echoed, code):
    key = add_live(client).id
    stored = call(kaltura, "livestream.get", ks=client.getKs(), entryId=key)
    sent = {name: stored[name] for name in echoed}
    reply = call(kaltura, "livestream.update", ks=client.getKs(), entryId=key, liveStreamEntry=sent)
    assert reply.get("code", "ok") == code


def test_client_sees_who_may_watch_a_preview(client, kaltura):
    entry = add_live(client, explicitLive=1)
    viewer = client_of(kaltura, USER, "viewer", "sview:*")
    seen = []
    for state in ("off", "preview", "on_air"):
        kaltura.switch(entry.id, state)
        status = value_of(client.liveStream.getDetails(entry.id).broadcastStatus)
        live = (client.liveStream.isLive(entry.id), viewer.liveStream.isLive(entry.id))
        seen.append((state, status, *live))
    assert seen == [
        ("off", 1, False, False),
        ("preview", 2, True, False),
        ("on_air", 3, True, True),
    ]


def test_client_cannot_change_a_stream_that_is_on_air(client, kaltura):
    entry = add_live(client)
    kaltura.switch(entry.id, "on_air")
    change = Core.KalturaLiveStreamEntry(dvrWindow=30)
    assert code_of(client.liveStream.update, entry.id, change) == (
        "CANNOT_UPDATE_FIELDS_WHILE_ENTRY_BROADCASTING"
    )
    assert code_of(client.liveStream.delete, entry.id) == "CANNOT_DELETE_LIVE_ENTRY_WHILE_STREAMING"
    kaltura.switch(entry.id, "off")
    kaltura.advance(5)
    client.liveStream.delete(entry.id)
    assert code_of(client.liveStream.get, entry.id) == "ENTRY_ID_NOT_FOUND"


def test_client_sees_a_simulive_by_the_clock(client, kaltura):
    entry = add_live(client)
    start = int(time.time()) + 3600
    event = event_on(entry.id, start, start + 90, sourceEntryId="0_videoone")
    client.schedule.scheduleEvent.add(event)
    seen = []
    anybody = KalturaClient(KalturaConfiguration(kaltura.url))
    for seconds in (0, 3600 + 30, 120):
        kaltura.advance(seconds)
        seen.append(anybody.liveStream.isLive(entry.id))
    assert seen == [False, True, False]


def test_client_starts_a_session_from_an_app_token(client, kaltura):
    token = client.appToken.add(
        Core.KalturaAppToken(
            hashType=Core.KalturaAppTokenHashType.SHA256,
            sessionUserId="robot",
            sessionType=Core.KalturaSessionType.ADMIN,
            sessionPrivileges="disableentitlement",
        )
    )
    widget = client_of(kaltura)
    widget.setKs(client.session.startWidgetSession(f"_{kaltura.partner_id}").ks)
    proof = hashlib.sha256((widget.getKs() + token.token).encode()).hexdigest()
    privileges = "edit:*,mine:1"
    started = widget.appToken.startSession(token.id, proof, sessionPrivileges=privileges)
    robot = client_of(kaltura)
    robot.setKs(started.ks)

    assert (started.userId, started.privileges) == (
        "robot",
        f"sessionid:{token.id},apptoken:{token.id},disableentitlement,mine:1",
    )
    assert robot.category.list().totalCount == 3
    assert (
        code_of(widget.appToken.startSession, token.id, proof.upper()) == "INVALID_APP_TOKEN_HASH"
    )
    client.appToken.delete(token.id)
    assert code_of(robot.category.list) == "INVALID_KS"


def test_client_gets_each_answer_of_a_multirequest(client):
    client.startMultiRequest()
    made = client.category.add(Core.KalturaCategory(name="One"))
    client.category.get(5)
    client.category.add(Core.KalturaCategory(name="Two", parentId=made.id))
    client.category.list(Core.KalturaCategoryFilter(parentIdEqual=made.id))
    one, refused, two, listed = client.doMultiRequest()
    assert (one.name, refused.code, two.fullName, listed.totalCount) == (
        "One",
        "CATEGORY_NOT_FOUND",
        "One>Two",
        1,
    )


def test_client_unsets_a_property_with_none(client):
    made = client.category.add(Core.KalturaCategory(name="One", referenceId="r", description="d"))
    change = Core.KalturaCategory(description=None, tags="t")
    client.category.update(made.id, change)
    found = client.category.get(made.id)
    assert (found.description, found.referenceId, found.tags) == ("", "r", "t")


def test_client_finds_the_accounts_profiles_and_player(client):
    live = client.conversionProfile.list(Core.KalturaConversionProfileFilter(typeEqual="2"))
    player = client.uiConf.get(1201)
    assert ([row.systemName for row in live.objects], player.tags) == (
        ["Default_Live", "Passthrough_Live"],
        "kalturaPlayerJs,player,latest",
    )
    assert client.system.ping() is True


def test_client_sees_categories_count_an_entry_once(client):
    top = client.category.add(Core.KalturaCategory(name="Top"))
    one = client.category.add(Core.KalturaCategory(name="One", parentId=top.id))
    two = client.category.add(Core.KalturaCategory(name="Two", parentId=top.id))
    first, second = add_live(client), add_live(client)

    def counts(*places):
        found = [client.category.get(row.id) for row in places]
        return [(row.entriesCount, row.directEntriesCount) for row in found]

    seen = []
    for entry, place in ((first, one), (first, two), (second, two), (second, top)):
        client.categoryEntry.add(Core.KalturaCategoryEntry(categoryId=place.id, entryId=entry.id))
        seen.append(counts(top, one, two))
    client.categoryEntry.delete(first.id, one.id)
    seen.append(counts(top, one, two))
    client.category.delete(two.id, 1)
    seen.append(counts(top, one))
    assert seen == [
        [(1, 0), (1, 1), (0, 0)],
        [(1, 0), (1, 1), (1, 1)],
        [(2, 0), (1, 1), (2, 2)],
        [(2, 1), (1, 1), (2, 2)],
        [(2, 1), (0, 0), (2, 2)],
        [(2, 2), (0, 0)],
    ]


def test_client_finds_what_the_account_says_of_itself(client, kaltura):
    templates = client.uiConf.listTemplates(Core.KalturaUiConfFilter(objTypeEqual=21)).objects
    downloads = json.loads(templates[0].config)
    assert client.partner.getInfo().id == kaltura.partner_id
    assert (len(templates), sorted(downloads), sorted(downloads["osx"])) == (
        1,
        ["osx", "windows"],
        ["minimumVersion", "recommendedVersion", "recommendedVersionUrl"],
    )


@pytest.mark.parametrize(
    ("holder", "seen"),
    [
        ({"systemName": "brief"}, {"name": "KAF", "objectType": "KalturaCategory"}),
        ({"systemName": "nobody kept this"}, None),
    ],
)
def test_client_gets_answers_cut_by_a_kept_profile(client, kaltura, holder, seen):
    kept = Core.KalturaResponseProfile(
        name="brief",
        systemName="brief",
        type=Core.KalturaResponseProfileType.INCLUDE_FIELDS,
        fields="name",
    )
    client.responseProfile.add(kept)
    profile = {"objectType": "KalturaResponseProfileHolder", **holder}
    asked = {"fullNameEqual": "KAF"}
    found = call(
        kaltura, "category.list", ks=client.getKs(), filter=asked, responseProfile=profile
    )["objects"]
    whole = call(kaltura, "category.list", ks=client.getKs(), filter=asked)["objects"]
    assert found == ([seen] if seen else whole)
    assert code_of(client.responseProfile.add, kept) == "RESPONSE_PROFILE_DUPLICATE_SYSTEM_NAME"
