"""The real client plans an event, runs it, reads its figures, and deletes it again.

Each chapter starts where the one before it ended; at the end every action that portals
use was called.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from KalturaClient import KalturaClient
from KalturaClient.Plugins import (
    Attachment,
    Caption,
    Core,
    EventNotification,
    HttpNotification,
    Metadata,
    Reach,
    Room,
    Schedule,
)

from kaltura_simulator import constants
from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.reach.test_reach import vendor_of
from tests.kaltura_simulator.support.clients import USER, client_of, code_of, fields_of, value_of
from tests.kaltura_simulator.support.kaf_users import join
from tests.kaltura_simulator.support.receiver import Receiver

HOUR = 3600
EVENTS_XML = (
    "<metadata><StartTime>{}</StartTime><EndTime>{}</EndTime><Timezone>UTC</Timezone></metadata>"
)
#: Every action that a portal calls, by its name on the wire.
SPOKEN = """
    session.start session.get session.end session.startWidgetSession
    appToken.add appToken.get appToken.list appToken.update appToken.delete appToken.startSession
    user.add user.get user.update user.list user.delete
    group_group.add groupUser.add groupUser.list
    category.add category.get category.update category.list category.move category.delete
    categoryEntry.add categoryEntry.list categoryEntry.delete
    categoryUser.add categoryUser.get categoryUser.update categoryUser.list categoryUser.delete
    baseEntry.get baseEntry.list baseEntry.update baseEntry.delete media.get media.list
    liveStream.add liveStream.get liveStream.update liveStream.list liveStream.delete
    liveStream.isLive liveStream.getDetails liveStream.updateOfflineThumbnailJpeg
    room_room.add room_room.get room_room.update room_room.list room_room.delete
    metadata_metadata.add metadata_metadata.get metadata_metadata.update metadata_metadata.list
    metadata_metadata.delete metadata_metadataProfile.list metadata_metadataProfile.get
    schedule_scheduleEvent.add schedule_scheduleEvent.get schedule_scheduleEvent.update
    schedule_scheduleEvent.list schedule_scheduleEvent.cancel schedule_scheduleEvent.delete
    schedule_scheduleEvent.getConflicts
    schedule_scheduleResource.add schedule_scheduleResource.get schedule_scheduleResource.update
    schedule_scheduleResource.list schedule_scheduleResource.delete
    schedule_scheduleEventResource.add schedule_scheduleEventResource.get
    schedule_scheduleEventResource.list schedule_scheduleEventResource.delete
    conversionProfile.list conversionProfile.get accessControlProfile.list
    uiConf.get uiConf.list uiConf.listTemplates report.getTable report.getTotal
    eventNotification_eventNotificationTemplate.listTemplates
    eventNotification_eventNotificationTemplate.clone
    eventNotification_eventNotificationTemplate.updateStatus
    eventNotification_eventNotificationTemplate.list
    eventNotification_eventNotificationTemplate.delete
    reach_reachProfile.list reach_vendorCatalogItem.list reach_entryVendorTask.add
    reach_entryVendorTask.get reach_entryVendorTask.list reach_entryVendorTask.getJobs
    reach_entryVendorTask.updateJob caption_captionAsset.add caption_captionAsset.setContent
    caption_captionAsset.list attachment_attachmentAsset.add
    attachment_attachmentAsset.setContent attachment_attachmentAsset.list
""".split()


@dataclass
class Story:
    """The event so far: who runs it, and the ids of what was made."""

    kaltura: Simulator
    client: KalturaClient
    receiver: Receiver
    start: int = 0
    event: int = 0
    track: int = 0
    webcast: str = ""
    room: str = ""
    slots: dict[str, int] = field(default_factory=dict)
    records: list[int] = field(default_factory=list)


@pytest.fixture
def story(kaltura: Simulator) -> Iterator[Story]:
    receiver = Receiver()
    start = int(kaltura.state()["now"]) + 24 * HOUR
    yield Story(kaltura, client_of(kaltura), receiver, start)
    receiver.close()


def test_client_lives_through_an_event(story: Story, tmp_path: Path):
    kaltura = story.kaltura
    kaltura.forget_requests()
    signs_in(story)
    looks_around(story)
    subscribes(story)
    plans(story)
    books_an_old_room(story)
    invites(story)
    goes_on_air(story, tmp_path)
    reads_attendance(story)
    orders_captions(story)
    changes_its_mind(story)
    cleans_up(story)

    assert [action for action in SPOKEN if kaltura.calls(action) == 0] == []
    failed = [call for call in kaltura.requests() if call["outcome"] == "INTERNAL_SERVERL_ERROR"]
    assert failed == []


# ----------------------------------------------------------------------- chapters
def signs_in(story: Story) -> None:
    """A session started with the secret, then one started with an app token."""
    kaltura, first = story.kaltura, client_of(story.kaltura)
    ks = first.session.start(kaltura.admin_secret, "manager", 2, kaltura.partner_id, HOUR)
    first.setKs(ks)
    token = first.appToken.add(
        Core.KalturaAppToken(
            hashType=Core.KalturaAppTokenHashType.SHA256,
            sessionUserId="manager",
            sessionType=Core.KalturaSessionType.ADMIN,
            sessionPrivileges="disableentitlement",
        )
    )
    first.appToken.update(token.id, Core.KalturaAppToken(description="the portal's"))
    assert first.appToken.get(token.id).description == "the portal's"
    assert [row.id for row in first.appToken.list().objects] == [token.id]
    anybody = client_of(kaltura)
    anybody.setKs(anybody.session.startWidgetSession(f"_{kaltura.partner_id}").ks)
    proof = hashlib.sha256((anybody.getKs() + token.token).encode()).hexdigest()
    story.client.setKs(anybody.appToken.startSession(token.id, proof).ks)
    told = story.client.session.get()
    assert (told.userId, value_of(told.sessionType)) == ("manager", 2)
    first.session.end()
    assert code_of(first.category.list) == "INVALID_KS"


def looks_around(story: Story) -> None:
    """Find the account's profiles, players, templates and category for events."""
    client = story.client
    live = client.conversionProfile.list(Core.KalturaConversionProfileFilter(typeEqual="2"))
    named = {row.systemName: row.id for row in live.objects}
    assert client.conversionProfile.get(named["Default_Live"]).name
    assert client.accessControlProfile.list().totalCount >= 2
    players = client.uiConf.list(Core.KalturaUiConfFilter(tagsMultiLikeOr="player"))
    assert client.uiConf.get(players.objects[0].id).id == constants.PLAYER_UICONF_ID
    studio = client.uiConf.listTemplates(Core.KalturaUiConfFilter(objTypeEqual=21))
    assert "recommendedVersionUrl" in studio.objects[0].config
    profiles = client.metadata.metadataProfile.list(
        Metadata.KalturaMetadataProfileFilter(systemNameEqual="KMS_EVENTS3")
    )
    assert client.metadata.metadataProfile.get(profiles.objects[0].id).xsd.startswith("<")
    videos = client.media.list(Core.KalturaMediaEntryFilter(mediaTypeEqual=1))
    assert client.media.get(videos.objects[0].id).duration > 0


def subscribes(story: Story) -> None:
    """Subscribe the portal to changes of entries."""
    service = story.client.eventNotification.eventNotificationTemplate
    asked = EventNotification.KalturaEventNotificationTemplateFilter(
        systemNameEqual="HTTP_ENTRY_CHANGED"
    )
    (original,) = service.listTemplates(asked).objects
    data = HttpNotification.KalturaHttpNotificationObjectData(
        apiObjectType="KalturaBaseEntry", format=1
    )
    own = HttpNotification.KalturaHttpNotificationTemplate(
        systemName="portal", url=story.receiver.url, data=data
    )
    made = service.clone(original.id, own)
    service.updateStatus(made.id, 2)
    assert [row.systemName for row in service.list().objects] == ["portal"]


def plans(story: Story) -> None:
    """Event and track as categories; a webcast and a room in them, with events and metadata."""
    client = story.client
    above = client.category.list(Core.KalturaCategoryFilter(fullNameEqual="KAF>site>channels"))
    parent = above.objects[0].id
    story.event = client.category.add(
        Core.KalturaCategory(name="Conference", parentId=parent, referenceId="portal:event:1")
    ).id
    story.track = client.category.add(
        Core.KalturaCategory(name="Track", parentId=story.event, referenceId="portal:track:1")
    ).id
    client.category.update(story.track, Core.KalturaCategory(name="Main track"))
    assert client.category.get(story.track).fullName == "KAF>site>channels>Conference>Main track"
    entry = Core.KalturaLiveStreamEntry(
        name="Keynote",
        mediaType=Core.KalturaMediaType.LIVE_STREAM_FLASH,
        referenceId="portal:session:1",
        adminTags="kms-webcast-event,kwebcast,vpaas-webcast",
        explicitLive=1,
    )
    story.webcast = client.liveStream.add(entry, Core.KalturaSourceType.LIVE_STREAM).id
    room = Room.KalturaRoomEntry(
        name="Workshop",
        roomType=1,
        referenceId="portal:session:2",
        templateRoomEntryId=constants.ROOM_TEMPLATE_INTERACTIVE,
    )
    story.room = client.room.room.add(room).id
    for key in (story.webcast, story.room):
        link = Core.KalturaCategoryEntry(categoryId=story.track, entryId=key)
        client.categoryEntry.add(link)
    places = client.categoryEntry.list(Core.KalturaCategoryEntryFilter(categoryIdEqual=story.track))
    assert {row.entryId for row in places.objects} == {story.webcast, story.room}
    _schedules(story)
    _describes(story)


def _schedules(story: Story) -> None:
    service = story.client.schedule.scheduleEvent
    for key in (story.webcast, story.room):
        event = Schedule.KalturaLiveStreamScheduleEvent(
            summary="On the calendar",
            startDate=story.start,
            endDate=story.start + HOUR,
            recurrenceType=Schedule.KalturaScheduleEventRecurrenceType.NONE,
            templateEntryId=key,
            referenceId=f"portal:{key}",
        )
        story.slots[key] = service.add(event).id
        assert code_of(service.add, event) == "SCHEDULE_TIME_IN_USE"
    asked = Schedule.KalturaLiveStreamScheduleEventFilter(templateEntryIdEqual=story.webcast)
    assert [row.id for row in service.list(asked).objects] == [story.slots[story.webcast]]


def _describes(story: Story) -> None:
    service, kind = story.client.metadata.metadata, Metadata.KalturaMetadataObjectType.ENTRY
    xml = EVENTS_XML.format(story.start, story.start + HOUR)
    made = service.add(constants.METADATA_PROFILE_EVENTS, kind, story.webcast, xml)
    story.records.append(made.id)
    assert service.get(made.id).xml == xml
    refused = code_of(service.add, constants.METADATA_PROFILE_EVENTS, kind, story.webcast, xml)
    assert refused == "METADATA_ALREADY_EXISTS"


def books_an_old_room(story: Story) -> None:
    """An older room is a resource that an event books."""
    schedule = story.client.schedule
    room = Schedule.KalturaLocationScheduleResource(
        name="Hall", systemName="portal:hall", tags="vcprovider:newrow"
    )
    hall = schedule.scheduleResource.add(room)
    change = Schedule.KalturaLocationScheduleResource(description="upstairs")
    schedule.scheduleResource.update(hall.id, change)
    assert schedule.scheduleResource.get(hall.id).description == "upstairs"
    event = Schedule.KalturaRecordScheduleEvent(
        summary="Talk", startDate=story.start, endDate=story.start + HOUR, recurrenceType=0
    )
    talk = schedule.scheduleEvent.add(event)
    schedule.scheduleEventResource.add(
        Schedule.KalturaScheduleEventResource(eventId=talk.id, resourceId=hall.id)
    )
    assert schedule.scheduleEventResource.get(talk.id, hall.id).resourceId == hall.id
    booked = Schedule.KalturaScheduleEventResourceFilter(resourceIdEqual=hall.id)
    assert [r.eventId for r in schedule.scheduleEventResource.list(booked).objects] == [talk.id]
    conflicts = schedule.scheduleEvent.getConflicts(str(hall.id), event)
    assert [row.id for row in conflicts.objects] == [talk.id]
    schedule.scheduleEventResource.delete(talk.id, hall.id)
    schedule.scheduleResource.delete(hall.id)
    assert schedule.scheduleResource.list().totalCount == 0
    schedule.scheduleEvent.delete(talk.id)


def invites(story: Story) -> None:
    """People are users, members of the event, and in a group."""
    client, place = story.client, story.event
    client.user.add(Core.KalturaUser(id="ann", firstName="Ann", lastName="Lee"))
    client.user.update("ann", Core.KalturaUser(email="ann@example.org"))
    assert client.user.get("ann").email == "ann@example.org"
    client.group.group.add(_group("crew"))
    client.groupUser.add(Core.KalturaGroupUser(userId="ann", groupId="crew"))
    crew = client.groupUser.list(Core.KalturaGroupUserFilter(groupIdEqual="crew"))
    assert [row.userId for row in crew.objects] == ["ann"]
    client.categoryUser.add(Core.KalturaCategoryUser(categoryId=place, userId="ann"))
    moderator = Core.KalturaCategoryUser(permissionLevel=1)
    client.categoryUser.update(place, "ann", moderator, True)
    assert value_of(client.categoryUser.get(place, "ann").permissionLevel) == 1
    members = client.categoryUser.list(Core.KalturaCategoryUserFilter(categoryIdEqual=place))
    assert [row.userId for row in members.objects] == ["ann"]


def _group(name: str) -> Any:
    from KalturaClient.Plugins.Group import KalturaGroup

    return KalturaGroup(id=name, screenName=name)


def goes_on_air(story: Story, folder: Path) -> None:
    """A thumbnail, then a preview for the producer, then the stream for everybody."""
    client, kaltura, key = story.client, story.kaltura, story.webcast
    picture = folder / "wait.jpg"
    picture.write_bytes(b"\xff\xd8\xff\xe0 a picture")
    with picture.open("rb") as file:
        client.liveStream.updateOfflineThumbnailJpeg(key, file)
    viewer = client_of(kaltura, USER, "ann", f"sview:{key}")
    seen = []
    for state in ("off", "preview", "on_air"):
        kaltura.switch(key, state)
        status = value_of(client.liveStream.getDetails(key).broadcastStatus)
        seen.append((status, client.liveStream.isLive(key), viewer.liveStream.isLive(key)))
    assert seen == [(1, False, False), (2, True, False), (3, True, True)]
    change = Core.KalturaLiveStreamEntry(dvrWindow=30)
    assert code_of(client.liveStream.update, key, change) == (
        "CANNOT_UPDATE_FIELDS_WHILE_ENTRY_BROADCASTING"
    )
    for entry in (key, story.room):
        page = join(kaltura, entry, "ann", firstName="Ann")
        assert page.status == 200
    start = int(kaltura.state()["now"]) - HOUR
    visit = {"userId": "ann", "joined": start, "left": start + 600, "played": "live"}
    kaltura.add_visits([visit | {"entryId": key}])
    kaltura.switch(key, "off")


def reads_attendance(story: Story) -> None:
    """Minutes of each person, and their total."""
    now = int(story.kaltura.state()["now"])
    asked = Core.KalturaEndUserReportInputFilter(
        fromDate=now - 2 * HOUR, toDate=now + HOUR, entryIdIn=story.webcast
    )
    service = story.client.report
    table = service.getTable("40009", asked, Core.KalturaFilterPager())
    assert "ann" in table.data
    assert service.getTotal("40001", asked).data


def orders_captions(story: Story) -> None:
    """A vendor captions last year's recording."""
    client, vendor = story.client, vendor_of(story.kaltura)
    video = constants.READY_VIDEOS[0][0]
    profile = client.reach.reachProfile.list().objects[0]
    items = client.reach.vendorCatalogItem.list(
        Reach.KalturaVendorCaptionsCatalogItemFilter(serviceTypeEqual=2)
    )
    order = Reach.KalturaEntryVendorTask(
        entryId=video, catalogItemId=items.objects[0].id, reachProfileId=profile.id
    )
    task = client.reach.entryVendorTask.add(order)
    (job,) = vendor.reach.entryVendorTask.getJobs().objects
    assert job.id == task.id
    _moves(vendor, task.id, 3)
    asset = client.caption.captionAsset.add(
        video, Caption.KalturaCaptionAsset(language="English", format="1")
    )
    text = Core.KalturaStringResource(content="1\n00:00:00,000 --> 00:00:02,000\nWelcome\n")
    client.caption.captionAsset.setContent(asset.id, text)
    _moves(vendor, task.id, 2, outputObjectId=asset.id)
    assert value_of(client.reach.entryVendorTask.get(task.id).status) == 2
    done = client.reach.entryVendorTask.list(
        Reach.KalturaEntryVendorTaskFilter(entryIdEqual=video, statusEqual=2)
    )
    captions = client.caption.captionAsset.list(Core.KalturaAssetFilter(entryIdEqual=video))
    assert ([row.id for row in done.objects], [row.id for row in captions.objects]) == (
        [task.id],
        [asset.id],
    )
    _attaches(client, video)


def _moves(vendor: KalturaClient, task: int, status: int, **more: Any) -> None:
    told = Reach.KalturaEntryVendorTask(status=status, **more)
    assert value_of(vendor.reach.entryVendorTask.updateJob(task, told).status) == status


def _attaches(client: KalturaClient, video: str) -> None:
    service = client.attachment.attachmentAsset
    made = service.add(video, Attachment.KalturaAttachmentAsset(filename="a.txt", format="1"))
    service.setContent(made.id, Core.KalturaStringResource(content="hello"))
    listed = service.list(Core.KalturaAssetFilter(entryIdEqual=video))
    assert [row.id for row in listed.objects] == [made.id]


def changes_its_mind(story: Story) -> None:
    """Another name, hour and track; the portal is notified of each change."""
    client, key = story.client, story.webcast
    story.kaltura.advance(60)  # The recording is done: the entry may change again.
    client.liveStream.update(key, Core.KalturaLiveStreamEntry(description="Moved", dvrWindow=30))
    client.baseEntry.update(key, Core.KalturaBaseEntry(name="Opening keynote"))
    client.room.room.update(story.room, Room.KalturaRoomEntry(name="Workshop 2"))
    assert client.room.room.get(story.room).name == "Workshop 2"
    assert fields_of(client.liveStream.get(key), "name", "description", "dvrWindow") == {
        "name": "Opening keynote",
        "description": "Moved",
        "dvrWindow": 30,
    }
    _is_notified(story, "Opening keynote")
    later = Schedule.KalturaLiveStreamScheduleEvent(
        startDate=story.start + HOUR, endDate=story.start + 2 * HOUR
    )
    service = story.client.schedule.scheduleEvent
    service.update(story.slots[key], later)
    assert fields_of(service.get(story.slots[key]), "startDate", "sequence") == {
        "startDate": story.start + HOUR,
        "sequence": 2,
    }
    records, xml = client.metadata.metadata, EVENTS_XML.format(story.start + HOUR, story.start)
    records.update(story.records[0], xml)
    asked = Metadata.KalturaMetadataFilter(objectIdEqual=key)
    assert [row.xml for row in records.list(asked).objects] == [xml]
    other = client.category.add(Core.KalturaCategory(name="Other", parentId=story.event))
    client.category.move(str(story.track), other.id)
    assert client.category.get(story.track).parentId == other.id


def _is_notified(story: Story, words: str) -> None:
    """Wait for the notification; others may have come before."""
    came = story.receiver.wait()
    while not any(words in got.body for got in came):
        came = story.receiver.wait(len(came) + 1)


def cleans_up(story: Story) -> None:
    """Delete everything in the order that Kaltura allows."""
    client = story.client
    client.metadata.metadata.delete(story.records[0])
    cancelled = client.schedule.scheduleEvent.cancel(story.slots[story.room])
    assert value_of(cancelled.status) == Schedule.KalturaScheduleEventStatus.CANCELLED
    for slot in story.slots.values():
        client.schedule.scheduleEvent.delete(slot)
    client.categoryEntry.delete(story.webcast, story.track)
    client.room.room.delete(story.room)
    client.liveStream.delete(story.webcast)
    (recording,) = client.baseEntry.list(
        Core.KalturaBaseEntryFilter(rootEntryIdEqual=story.webcast)
    ).objects
    client.baseEntry.delete(recording.id)
    assert code_of(client.baseEntry.get, story.webcast) == "ENTRY_ID_NOT_FOUND"
    client.categoryUser.delete(story.event, "ann")
    client.category.delete(story.event, 0)
    client.user.delete("ann")
    assert "ann" not in [row.id for row in client.user.list().objects]
    for row in client.eventNotification.eventNotificationTemplate.list().objects:
        client.eventNotification.eventNotificationTemplate.delete(row.id)
    token = client.appToken.list().objects[0].id
    client.appToken.delete(token)
    assert code_of(client.category.list) == "INVALID_KS"
    left = client_of(story.kaltura)
    assert left.liveStream.list().totalCount == 0
    workshop = Room.KalturaRoomEntryFilter(idEqual=story.room, statusIn="7")
    assert left.room.room.list(workshop).totalCount == 0
    assert left.category.list().totalCount == 3
    assert left.schedule.scheduleEvent.list().totalCount == 0
