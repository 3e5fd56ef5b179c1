"""Scheduled playing: by the second, in place of the stream, or passed on from another."""

from __future__ import annotations

import time

import pytest
from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.Plugins import Core, Schedule

from tests.kaltura_simulator.support.clients import client_of, code_of, fields_of, value_of

VIDEO = "0_videoone"


@pytest.fixture
def client(kaltura):
    """The real client at an account whose clock stands still."""
    kaltura.freeze()
    return client_of(kaltura)


@pytest.fixture
def anybody(kaltura):
    """A caller without a session."""
    return KalturaClient(KalturaConfiguration(kaltura.url))


def add_live(client, **fields):
    entry = Core.KalturaLiveStreamEntry(
        name="Keynote", mediaType=Core.KalturaMediaType.LIVE_STREAM_FLASH, **fields
    )
    return client.liveStream.add(entry, Core.KalturaSourceType.LIVE_STREAM).id


def plan(client, kind, entry_id, start, seconds, **fields):
    event = kind(
        summary="Keynote",
        startDate=start,
        endDate=start + seconds,
        recurrenceType=Schedule.KalturaScheduleEventRecurrenceType.NONE,
        templateEntryId=entry_id,
        **fields,
    )
    return client.schedule.scheduleEvent.add(event)


def live_at(kaltura, anybody, entry_id, moments):
    seen = []
    for moment in moments:
        kaltura.set_clock(moment)
        seen.append(anybody.liveStream.isLive(entry_id))
    return seen


def test_simulive_starts_18_seconds_after_its_window_opens(client, kaltura, anybody):
    entry_id, start = add_live(client), int(time.time()) + 3600
    kind = Schedule.KalturaLiveStreamScheduleEvent
    plan(client, kind, entry_id, start, 90, sourceEntryId=VIDEO)
    moments = [start - 1, start + 17, start + 18, start + 89, start + 90]
    seen = live_at(kaltura, anybody, entry_id, moments)
    assert seen == [False, False, True, True, False]


def test_simulive_window_is_widened_by_what_comes_before_and_after(client, kaltura, anybody):
    entry_id, start = add_live(client), int(time.time()) + 3600
    kind = Schedule.KalturaLiveStreamScheduleEvent
    plan(client, kind, entry_id, start, 60, sourceEntryId=VIDEO, preStartTime=100, postEndTime=30)
    moments = [start - 83, start - 82, start + 89, start + 90]
    assert live_at(kaltura, anybody, entry_id, moments) == [False, True, True, False]


def test_simulive_reads_as_a_stream_on_air(client, kaltura):
    entry_id, start = add_live(client), int(time.time())
    kind = Schedule.KalturaLiveStreamScheduleEvent
    plan(client, kind, entry_id, start, 600, sourceEntryId=VIDEO)
    kaltura.set_clock(start + 60)
    found = client.liveStream.get(entry_id)
    details = client.liveStream.getDetails(entry_id)
    assert (value_of(found.liveStatus), value_of(details.broadcastStatus)) == (1, 3)
    assert "simulive_capability" in found.capabilities


def test_event_without_a_source_puts_nothing_on_air(client, kaltura, anybody):
    entry_id, start = add_live(client), int(time.time())
    plan(client, Schedule.KalturaLiveStreamScheduleEvent, entry_id, start, 600)
    assert live_at(kaltura, anybody, entry_id, [start + 60]) == [False]


def test_cancelled_simulive_does_not_start(client, kaltura, anybody):
    entry_id, start = add_live(client), int(time.time())
    kind = Schedule.KalturaLiveStreamScheduleEvent
    event = plan(client, kind, entry_id, start, 600, sourceEntryId=VIDEO)
    client.schedule.scheduleEvent.cancel(event.id)
    assert live_at(kaltura, anybody, entry_id, [start + 60]) == [False]


def test_session_fed_by_a_channel_plays_while_the_channel_is_on_air(client, kaltura, anybody):
    channel_id, entry_id, start = add_live(client), add_live(client), int(time.time())
    kind = Schedule.KalturaLiveStreamScheduleEvent
    plan(client, kind, entry_id, start, 600, sourceEntryId=channel_id)
    kaltura.set_clock(start + 60)
    seen = []
    for state in ("off", "on_air", "off"):
        kaltura.switch(channel_id, state)
        seen.append(anybody.liveStream.isLive(entry_id))
    kaltura.switch(channel_id, "on_air")
    kaltura.set_clock(start + 700)
    seen.append(anybody.liveStream.isLive(entry_id))
    assert seen == [False, True, False, False]


def test_time_before_that_reaches_into_a_neighbour_shows_at_the_next_change(client):
    """The add compares screen times, an update the widened window it stored."""
    entry_id, start = add_live(client), int(time.time()) + 7200
    kind = Schedule.KalturaLiveStreamScheduleEvent
    plan(client, kind, entry_id, start, 600)
    later = plan(client, kind, entry_id, start + 600, 600, preStartTime=300)
    update = client.schedule.scheduleEvent.update
    renamed = code_of(update, later.id, kind(summary="Renamed"))
    moved = update(later.id, kind(startDate=start + 1200, endDate=start + 1800))
    assert (renamed, moved.startDate) == ("SCHEDULE_TIME_IN_USE", start + 1200)


def test_blackout_takes_the_whole_account(client):
    start = int(time.time()) + 7200
    plan(client, Schedule.KalturaLiveStreamScheduleEvent, add_live(client), start, 600)

    def black_out(at):
        event = Schedule.KalturaBlackoutScheduleEvent(
            summary="Works", startDate=at, endDate=at + 600, recurrenceType=0
        )
        return client.schedule.scheduleEvent.add(event)

    assert code_of(black_out, start) == "SCHEDULE_TIME_IN_USE"
    assert black_out(start + 600).startDate == start + 600


def test_redirection_stands_in_for_the_stream(client, kaltura):
    entry_id, start = add_live(client), int(time.time())
    kind = Schedule.KalturaLiveRedirectScheduleEvent
    plan(client, kind, entry_id, start + 100, 86400, redirectEntryId=VIDEO)
    names = ("redirectEntryId", "recordedEntryId", "liveStatus")
    kaltura.switch(entry_id, "on_air")
    before = fields_of(client.liveStream.get(entry_id), "redirectEntryId", "liveStatus")
    kaltura.set_clock(start + 200)
    within = fields_of(client.liveStream.get(entry_id), *names)
    assert before == {"redirectEntryId": "", "liveStatus": 1}
    assert within == {"redirectEntryId": VIDEO, "recordedEntryId": VIDEO, "liveStatus": 0}
