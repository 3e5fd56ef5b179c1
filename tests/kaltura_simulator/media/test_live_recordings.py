"""Live entries are recorded, and cannot change while the recording is made."""

from __future__ import annotations

import pytest
from KalturaClient.Plugins import Core, Room

from kaltura_simulator.testing import Simulator, SimulatorFailed
from tests.kaltura_simulator.support.clients import (
    USER,
    client_of,
    code_of,
    fields_of,
    http,
    value_of,
)

APPENDED = Core.KalturaRecordStatus.APPENDED
PER_SESSION = Core.KalturaRecordStatus.PER_SESSION
NO_CONTENT, PENDING, CONVERTING, READY = "7", "4", "1", "2"
WEEK_S = 7 * 86400


@pytest.fixture
def client(kaltura):
    """The real client at an account whose clock stands still."""
    kaltura.freeze()
    return client_of(kaltura)


def add_live(client, **fields):
    entry = Core.KalturaLiveStreamEntry(
        name="Keynote", mediaType=Core.KalturaMediaType.LIVE_STREAM_FLASH, **fields
    )
    return client.liveStream.add(entry, Core.KalturaSourceType.LIVE_STREAM).id


def broadcast(kaltura, entry_id, seconds=600):
    """On air, and off again ``seconds`` later."""
    kaltura.switch(entry_id, "on_air")
    kaltura.advance(seconds)
    kaltura.switch(entry_id, "off")


def status_of(client, entry_id):
    return value_of(client.baseEntry.get(entry_id).status)


def children(client, root_id, status=READY):
    asked = Core.KalturaMediaEntryFilter(
        rootEntryIdEqual=root_id, statusEqual=status, orderBy="-createdAt"
    )
    return client.baseEntry.list(asked).objects


def test_recording_is_made_converted_and_ready(client, kaltura):
    kaltura.set_recording(10)
    entry_id = add_live(client, tags="a1, b2")
    kaltura.switch(entry_id, "on_air")
    recording_id = client.liveStream.get(entry_id).recordedEntryId
    statuses = [status_of(client, recording_id)]
    kaltura.advance(600)
    kaltura.switch(entry_id, "off")
    statuses.append(status_of(client, recording_id))
    for _ in range(2):
        kaltura.advance(5)
        statuses.append(status_of(client, recording_id))

    assert statuses == [NO_CONTENT, PENDING, CONVERTING, READY]
    found = client.media.get(recording_id)
    names = ("name", "tags", "sourceType", "rootEntryId", "duration", "msDuration", "userId")
    assert fields_of(found, *names) == {
        "name": "Keynote",
        "tags": "a1, b2",
        "sourceType": "36",
        "rootEntryId": entry_id,
        "duration": 600,
        "msDuration": 600_000,
        "userId": "manager",
    }


def test_recording_becomes_ready_by_itself(kaltura):
    client = client_of(kaltura)
    kaltura.set_recording(0)
    entry_id = add_live(client)
    broadcast(kaltura, entry_id)
    assert [value_of(one.status) for one in children(client, entry_id)] == [READY]


def test_recording_goes_on_being_made_after_a_kill(client, kaltura):
    entry_id = add_live(client)
    broadcast(kaltura, entry_id)
    kaltura.restart()
    kaltura.advance(5)
    assert [one.duration for one in children(client, entry_id)] == [600]


def test_appended_recording_takes_every_broadcast(client, kaltura):
    entry_id = add_live(client, recordStatus=APPENDED)
    for _ in range(2):
        broadcast(kaltura, entry_id)
        kaltura.advance(60)

    (recording,) = children(client, entry_id)
    found = client.liveStream.get(entry_id)
    assert (found.recordedEntryId, found.redirectEntryId) == (recording.id, recording.id)
    assert (recording.name, recording.duration) == ("Keynote", 1200)


def test_appended_recording_can_be_played_while_it_grows(client, kaltura):
    entry_id = add_live(client, recordStatus=APPENDED)
    broadcast(kaltura, entry_id)
    kaltura.advance(60)
    kaltura.switch(entry_id, "on_air")
    recording_id = client.liveStream.get(entry_id).recordedEntryId
    playing = status_of(client, recording_id)
    kaltura.switch(entry_id, "off")
    assert (playing, status_of(client, recording_id)) == (READY, READY)


def test_recording_per_session_makes_a_new_one_each_time(client, kaltura):
    entry_id = add_live(client, recordStatus=PER_SESSION)
    for _ in range(2):
        broadcast(kaltura, entry_id)
        kaltura.advance(60)

    newer, older = children(client, entry_id)
    assert (newer.name, older.name) == ("Keynote 2", "Keynote 1")
    assert client.liveStream.get(entry_id).recordedEntryId == newer.id


def test_recording_per_session_is_forgotten_at_the_next_start(client, kaltura):
    entry_id = add_live(client, recordStatus=PER_SESSION, explicitLive=1)
    broadcast(kaltura, entry_id)
    kaltura.advance(60)
    before = client.liveStream.get(entry_id).recordedEntryId
    kaltura.switch(entry_id, "preview")
    found = client.liveStream.get(entry_id)
    assert before
    assert (found.recordedEntryId, found.redirectEntryId) == ("", "")


def test_stream_that_records_nothing_leaves_nothing(client, kaltura):
    entry_id = add_live(client, recordStatus=Core.KalturaRecordStatus.DISABLED)
    broadcast(kaltura, entry_id)
    kaltura.advance(60)
    found = client.liveStream.get(entry_id)
    assert (found.recordedEntryId, value_of(found.recordingStatus)) == ("", 3)
    assert children(client, entry_id) == []


def test_explicit_stream_is_recorded_once_it_is_open(client, kaltura):
    entry_id = add_live(client, explicitLive=1)
    kaltura.switch(entry_id, "preview")
    preview = client.liveStream.get(entry_id)
    kaltura.advance(300)
    go_live = Core.KalturaLiveStreamEntry(
        viewMode=Core.KalturaViewMode.ALLOW_ALL,
        recordingStatus=Core.KalturaRecordingStatus.ACTIVE,
    )
    opened = client.liveStream.update(entry_id, go_live)
    kaltura.advance(100)
    kaltura.switch(entry_id, "off")
    kaltura.advance(60)
    after = client.liveStream.get(entry_id)

    modes = ("viewMode", "recordingStatus")
    assert fields_of(preview, *modes, "recordedEntryId") == {
        "viewMode": 0,
        "recordingStatus": 0,
        "recordedEntryId": "",
    }
    assert fields_of(opened, *modes) == {"viewMode": 1, "recordingStatus": 2}
    assert fields_of(after, *modes) == {"viewMode": 0, "recordingStatus": 0}
    assert [one.duration for one in children(client, entry_id)] == [100]


def test_view_mode_without_explicit_live_is_dropped(client, kaltura):
    entry_id = add_live(client)
    client.liveStream.update(entry_id, Core.KalturaLiveStreamEntry(viewMode=1))
    opened_too_early = client.liveStream.get(entry_id)
    explicit = client.liveStream.update(entry_id, Core.KalturaLiveStreamEntry(explicitLive=1))

    assert fields_of(opened_too_early, "viewMode", "recordingStatus") == {
        "viewMode": 1,
        "recordingStatus": 2,
    }
    assert fields_of(explicit, "viewMode", "recordingStatus") == {
        "viewMode": 0,
        "recordingStatus": 0,
    }


def test_entry_that_becomes_explicit_starts_closed(client, kaltura):
    entry_id = add_live(client)
    broadcast(kaltura, entry_id)
    kaltura.advance(60)
    before = client.liveStream.get(entry_id)
    after = client.liveStream.update(entry_id, Core.KalturaLiveStreamEntry(explicitLive=1))
    modes = ("viewMode", "recordingStatus")
    assert fields_of(before, *modes) == {"viewMode": 1, "recordingStatus": 2}
    assert fields_of(after, *modes) == {"viewMode": 0, "recordingStatus": 0}


def test_pause_is_not_recorded(client, kaltura):
    entry_id = add_live(client, explicitLive=1)
    kaltura.switch(entry_id, "on_air")
    status = Core.KalturaRecordingStatus
    for wanted in (status.PAUSED, status.ACTIVE):
        kaltura.advance(50)
        client.liveStream.update(entry_id, Core.KalturaLiveStreamEntry(recordingStatus=wanted))
    kaltura.advance(30)
    kaltura.switch(entry_id, "off")
    kaltura.advance(60)
    assert [one.duration for one in children(client, entry_id)] == [80]


def test_redirection_reads_empty_while_streaming(client, kaltura):
    entry_id = add_live(client)
    broadcast(kaltura, entry_id)
    kaltura.advance(60)
    off = client.liveStream.get(entry_id)
    kaltura.switch(entry_id, "on_air")
    on = client.liveStream.get(entry_id)
    assert off.redirectEntryId == off.recordedEntryId == on.recordedEntryId
    assert on.redirectEntryId == ""


def test_hidden_recording_shows_only_to_who_asks_for_it(client, kaltura):
    options = Core.KalturaLiveEntryRecordingOptions(shouldMakeHidden=1)
    entry_id = add_live(client, recordingOptions=options)
    broadcast(kaltura, entry_id)
    kaltura.advance(60)
    recording_id = client.liveStream.get(entry_id).recordedEntryId
    plain = [one.id for one in client.media.list().objects]
    assert recording_id not in plain
    assert [one.id for one in children(client, entry_id)] == [recording_id]


def test_recording_takes_rights_and_places_when_told(client, kaltura):
    category = client.category.add(Core.KalturaCategory(name="Conf"))
    options = Core.KalturaLiveEntryRecordingOptions(shouldCopyEntitlement=1)
    entry_id = add_live(client, recordingOptions=options, entitledUsersEdit="ann")
    client.categoryEntry.add(Core.KalturaCategoryEntry(entryId=entry_id, categoryId=category.id))
    broadcast(kaltura, entry_id)
    kaltura.advance(60)
    found = client.media.get(client.liveStream.get(entry_id).recordedEntryId)
    assert (found.entitledUsersEdit, found.categoriesIds) == ("ann", str(category.id))


# ------------------------------------------------------------------------ refusals
def test_live_entry_stays_until_its_recording_is_done(client, kaltura):
    kaltura.set_recording(10)
    entry_id = add_live(client)
    kaltura.switch(entry_id, "on_air")
    recording_id = client.liveStream.get(entry_id).recordedEntryId
    codes = [
        code_of(client.baseEntry.delete, entry_id),
        code_of(client.media.delete, recording_id),
    ]
    kaltura.switch(entry_id, "off")
    codes += [
        code_of(client.liveStream.delete, entry_id),
        code_of(client.media.delete, recording_id),
    ]
    kaltura.advance(10)
    kaltura.switch(entry_id, "on_air")
    kaltura.switch(entry_id, "off")
    codes.append(code_of(client.liveStream.delete, entry_id))
    kaltura.advance(10)
    client.liveStream.delete(entry_id)

    assert codes == [
        "CANNOT_DELETE_LIVE_ENTRY_WHILE_STREAMING",
        "RECORDING_CONTENT_NOT_YET_SET",
        "RECORDED_NOT_READY",
        "RECORDING_CONTENT_NOT_YET_SET",
        "RECORDING_FLOW_NOT_COMPLETE",
    ]
    assert status_of(client, recording_id) == READY


def test_live_entry_may_go_a_week_after_its_broadcast(client, kaltura):
    kaltura.set_recording(4 * WEEK_S)
    entry_id = add_live(client)
    broadcast(kaltura, entry_id)
    refused = code_of(client.liveStream.delete, entry_id)
    kaltura.advance(WEEK_S + 1)
    client.setKs("")
    client.setKs(client.session.start(kaltura.admin_secret, "manager", 2, kaltura.partner_id))
    recording_id = client.liveStream.get(entry_id).recordedEntryId
    assert (refused, status_of(client, recording_id)) == ("RECORDED_NOT_READY", PENDING)
    client.liveStream.delete(entry_id)
    assert code_of(client.liveStream.get, entry_id) == "ENTRY_ID_NOT_FOUND"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dvrStatus", Core.KalturaDVRStatus.ENABLED),
        ("dvrWindow", 30),
        ("recordStatus", PER_SESSION),
        ("conversionProfileId", 1002),
        ("explicitLive", 1),
        ("recordingOptions", Core.KalturaLiveEntryRecordingOptions(shouldCopyEntitlement=1)),
    ],
)
def test_stream_on_air_keeps_what_it_was_started_with(client, kaltura, field, value):
    entry_id = add_live(client)
    kaltura.switch(entry_id, "on_air")
    change = Core.KalturaLiveStreamEntry(**{field: value})
    code = "CANNOT_UPDATE_FIELDS_WHILE_ENTRY_BROADCASTING"
    assert code_of(client.liveStream.update, entry_id, change) == code
    assert code_of(client.baseEntry.update, entry_id, change) == code
    client.liveStream.update(entry_id, Core.KalturaLiveStreamEntry(name="New"))


def test_way_of_recording_stays_until_the_last_one_is_done(client, kaltura):
    entry_id = add_live(client)
    broadcast(kaltura, entry_id)
    change = Core.KalturaLiveStreamEntry(recordStatus=PER_SESSION)
    refused = code_of(client.liveStream.update, entry_id, change)
    kaltura.advance(60)
    changed = client.liveStream.update(entry_id, change)
    assert refused == "CANNOT_UPDATE_FIELDS_RECORDED_ENTRY_STILL_NOT_READY"
    assert (changed.recordedEntryId, changed.redirectEntryId) == ("", "")


def test_deleted_recording_makes_room_for_a_new_one(client, kaltura):
    entry_id = add_live(client)
    broadcast(kaltura, entry_id)
    kaltura.advance(60)
    first = client.liveStream.get(entry_id).recordedEntryId
    client.media.delete(first)
    broadcast(kaltura, entry_id)
    kaltura.advance(60)
    (second,) = children(client, entry_id)
    assert second.id != first
    assert second.duration == 600


def test_account_without_recording_records_nothing():
    bare = Simulator.start("--provision", "empty")
    try:
        client = client_of(bare)
        entry_id = add_live(client)
        change = Core.KalturaLiveStreamEntry(recordStatus=APPENDED)
        made = code_of(add_live, client, recordStatus=PER_SESSION)
        changed = code_of(client.liveStream.update, entry_id, change)
        broadcast(bare, entry_id)
        found = client.liveStream.get(entry_id)
    finally:
        bare.stop()
    assert (made, changed) == ("RECORDING_DISABLED", "RECORDING_DISABLED")
    assert fields_of(found, "recordStatus", "recordedEntryId") == {
        "recordStatus": 0,
        "recordedEntryId": "",
    }


# --------------------------------------------------------------------------- rooms
def test_room_leaves_a_recording_whose_root_it_is(client, kaltura):
    room = client.room.room.add(Room.KalturaRoomEntry(name="Workshop", roomType=1))
    recording_id = kaltura.record_room(room.id, 1800)
    before = status_of(client, recording_id)
    kaltura.advance(60)
    (found,) = children(client, room.id)
    assert before == PENDING
    assert (found.id, found.name, found.duration) == (recording_id, "Workshop", 1800)


def test_recording_shows_on_the_main_page(client, kaltura):
    entry_id = add_live(client)
    broadcast(kaltura, entry_id)
    kaltura.advance(60)
    assert f"Recording of {entry_id}, 600 s" in http(f"{kaltura.url}/")[2]


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"seconds": -1}, "must be from 0"),
        ({"id": "0_videoone", "seconds": 5}, "no room 0_videoone"),
        ({"id": "0_tmplroom", "seconds": -5}, "must be from 0"),
        ({"id": "0_tmplroom", "seconds": float("inf")}, "must be from 0"),
    ],
)
def test_control_refuses_a_recording_that_cannot_be(kaltura, wish, problem):
    with pytest.raises(SimulatorFailed, match=problem):
        kaltura.control("POST", "recordings", wish)


def test_recordings_are_not_for_other_users_to_list(client, kaltura):
    entry_id = add_live(client)
    broadcast(kaltura, entry_id)
    kaltura.advance(60)
    viewer = client_of(kaltura, USER, "ann")
    everything = client_of(kaltura, USER, "ann", "list:*")
    seen = [len(children(one, entry_id)) for one in (viewer, everything)]
    assert seen == [0, 1]
