"""What producers do from the desk, and what Kaltura and viewers have of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from events.models import SessionStatus, SessionType
from kaltura_bridge.api import ks
from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.join.destination import remote_entry_id
from kaltura_bridge.models import RemoteLink, SessionDelivery, SyncState, SyncTarget
from tests.factories import SessionFactory, TeamMemberFactory
from tests.kaltura_bridge.support.joining import linked
from tests.kaltura_bridge.support.on_air import OnAir, on_air
from tests.kaltura_bridge.support.recipe_cases import ONE, TWO

pytestmark = pytest.mark.django_db


def viewers_see(air: OnAir) -> bool:
    """What Kaltura tells anybody."""
    return bool(call(LightCall("livestream", "isLive", {"id": air.entry_id, "protocol": "auto"})))


def trail(air: OnAir) -> list[str]:
    lines = LogEntry.objects.filter(object_id=str(air.session.pk)).order_by("pk")
    return [line.change_message for line in lines]


def test_producer_opens_the_preview_and_cuts_the_feed(simulator):
    air = on_air(simulator)
    simulator.switch(air.entry_id, "preview")
    assert not viewers_see(air)

    page = air.client().get(f"{air.desk_url}go-live/").content.decode()
    assert "Everybody who has the session open sees the picture" in page
    assert f"liveStream.update {air.entry_id}: viewMode=1, recordingStatus=2" in page
    assert not viewers_see(air)

    assert air.confirm("go-live") == ["You are live: viewers see it within some seconds."]
    assert viewers_see(air)
    assert (air.entry()["viewMode"], air.entry()["recordingStatus"]) == (1, 2)

    assert air.confirm("cut") == [
        "The feed is cut: viewers see nothing of it any more, within some seconds."
    ]
    assert not viewers_see(air)
    assert (air.entry()["viewMode"], air.entry()["recordingStatus"]) == (0, 0)
    assert trail(air) == [
        f"Live desk: go-live, done: liveStream.update {air.entry_id}: viewMode=1, recordingStatus=2",
        f"Live desk: cut, done: liveStream.update {air.entry_id}: viewMode=0, recordingStatus=0",
    ]


def test_doing_it_twice_does_it_once(simulator):
    air = on_air(simulator)
    simulator.switch(air.entry_id, "preview")
    air.confirm("go-live")
    simulator.forget_requests()

    assert air.confirm("go-live") == ["It is live already. Viewers see it."]
    assert simulator.calls("livestream.update") == 0


def test_nothing_opens_before_something_arrives(simulator):
    air = on_air(simulator)

    assert air.confirm("go-live") == [
        "Nothing arrives at Kaltura yet. Start the encoder, and look at the preview."
    ]
    assert simulator.calls("livestream.update") == 0
    assert trail(air) == []


def test_broadcast_without_preview_has_nothing_to_switch(simulator):
    air = on_air(simulator, preview=False)
    simulator.switch(air.entry_id, "on_air")

    assert air.confirm("go-live") == ["It is live already. Viewers see it."]
    assert air.confirm("cut")[0].startswith("This broadcast has no preview")
    assert simulator.calls("livestream.update") == 0


def test_kaltura_that_is_away_changes_nothing_and_says_so(simulator):
    air = on_air(simulator)
    simulator.switch(air.entry_id, "preview")
    simulator.fault("livestream.update", "refuse", times=None)

    said = air.confirm("go-live")

    assert not viewers_see(air)
    assert len(said) == 1 and said[0].startswith("Kaltura did not answer"), said
    assert "unclear" in trail(air)[0]


def test_kaltura_that_refuses_is_quoted(simulator):
    air = on_air(simulator)
    simulator.switch(air.entry_id, "preview")
    simulator.answer_with("livestream.update", "INTERNAL_SERVERL_ERROR")

    assert "INTERNAL_SERVERL_ERROR" in air.confirm("go-live")[0]
    assert not viewers_see(air)


def test_lost_reply_is_looked_up(simulator):
    air = on_air(simulator)
    simulator.switch(air.entry_id, "preview")
    simulator.lose_reply("livestream.update")

    assert air.confirm("go-live") == ["You are live: viewers see it within some seconds."]
    assert viewers_see(air)


def test_settings_of_kaltura_that_lead_nowhere(simulator, settings):
    air = on_air(simulator)
    settings.KALTURA_SERVICE_URL = "http://127.0.0.1:9"

    said = air.confirm("go-live")

    assert said == ["Kaltura does not answer now (no connection). Nothing was changed; try again."]


def test_ks_of_the_desk_reaches_one_entry_only(simulator):
    air = on_air(simulator)
    other = on_air(simulator)
    held = ks.live_control_ks(air.entry_id)

    def may(service: str, action: str, **params: object) -> str:
        try:
            call(LightCall(service, action, params, held))
        except RemoteRejected as refused:
            return refused.code
        return "yes"

    change = {"objectType": "KalturaLiveStreamEntry", "viewMode": "0"}
    assert may("livestream", "update", entryId=air.entry_id, liveStreamEntry=change) == "yes"
    assert (
        may("livestream", "update", entryId=other.entry_id, liveStreamEntry=change) == "INVALID_KS"
    )
    assert may("livestream", "delete", entryId=air.entry_id) == "SERVICE_FORBIDDEN"
    assert may("schedule_scheduleevent", "list") == "SERVICE_FORBIDDEN"


# --- The end ---------------------------------------------------------------------------------


def test_extending_moves_the_end_here_and_at_kaltura(simulator):
    air = on_air(simulator)
    before = air.session.ends_at
    page = air.client().get(f"{air.desk_url}extend/?minutes=15")
    sent = page.context["sent"]
    assert sent["minutes"] == "15"

    first, again = air.confirm("extend", **sent), air.confirm("extend", **sent)
    air.sync()

    air.session.refresh_from_db()
    assert air.session.ends_at == before + timedelta(minutes=15)
    assert first[0].startswith("It ends at ") and again[0].startswith("That has been done: it ends")
    assert air.calendar_event()["endDate"] == int(air.session.ends_at.timestamp())
    assert len(trail(air)) == 1


@pytest.mark.parametrize("minutes", ["0", "241", "-5", "x", "9" * 30])
def test_no_extension_that_is_none(simulator, minutes):
    air = on_air(simulator, synced=False)
    before = air.session.ends_at

    page = air.client().post(f"{air.desk_url}extend/", {"confirmed": "1", "minutes": minutes})

    air.session.refresh_from_db()
    assert (page.status_code, air.session.ends_at) == (200, before)
    assert page.context["form"].errors["minutes"]


def test_no_value_breaks_the_forms(simulator):
    air = on_air(simulator, synced=False)
    before = air.session.ends_at
    client = air.client()
    odd = ["9999-12-31T23:59:00+00:00", "2026-01-01", "0001-01-01T00:00:00+14:00", "\0", "x" * 500]

    for value in odd:
        answers = [
            client.post(f"{air.desk_url}{slug}/", {"confirmed": "1", **fields})
            for slug, fields in (
                ("extend", {"minutes": "5", "from_end": value}),
                ("extend", {"minutes": value}),
                ("swap", {"entry": value}),
            )
        ] + [client.get(f"{air.desk_url}extend/", {"minutes": value, "from_end": value})]
        # An address with a NUL is refused before anybody reads it.
        assert {answer.status_code for answer in answers} <= {200, 400}, value

    air.session.refresh_from_db()
    assert air.session.ends_at == before


def test_ending_cuts_the_feed_and_moves_the_end(simulator):
    air = on_air(simulator)
    simulator.switch(air.entry_id, "on_air")

    assert air.confirm("end") == ["The session has ended."]

    air.session.refresh_from_db()
    assert timezone.now() - timedelta(minutes=2) < air.session.ends_at <= timezone.now()
    assert not viewers_see(air)
    assert "already" not in trail(air)[0]


def test_ending_that_does_not_reach_kaltura_moves_nothing(simulator):
    air = on_air(simulator)
    simulator.switch(air.entry_id, "on_air")
    before = air.session.ends_at
    simulator.answer_with("livestream.update", "INTERNAL_SERVERL_ERROR")

    said = air.confirm("end")

    air.session.refresh_from_db()
    assert "INTERNAL_SERVERL_ERROR" in said[0]
    assert air.session.ends_at == before
    assert viewers_see(air)


def test_room_ends_without_kaltura(simulator):
    air = on_air(simulator, session_type=SessionType.INTERACTIVE, synced=False)

    assert air.confirm("end") == ["The session has ended."]
    assert simulator.calls() == 0


# --- Something else instead ------------------------------------------------------------------


def test_broken_source_is_swapped_for_another_broadcast_and_back(simulator):
    air = on_air(simulator)
    spare = SessionFactory(event=air.session.event, title="Spare", starts_at=air.session.starts_at)
    foreign = on_air(simulator)
    air.sync()
    simulator.switch(air.entry_id, "on_air")
    choices = dict(air.client().get(f"{air.desk_url}swap/").context["form"].fields["entry"].choices)
    assert choices == {remote_entry_id(spare): "Broadcast of “Spare”"}

    refused = air.client().post(
        f"{air.desk_url}swap/", {"confirmed": "1", "entry": foreign.entry_id}
    )
    assert refused.status_code == 200 and refused.context["form"].errors["entry"]

    assert air.confirm("swap", entry=remote_entry_id(spare)) == [
        "Viewers are led to the other entry."
    ]
    assert not viewers_see(air)
    assert air.entry()["redirectEntryId"] == remote_entry_id(spare)
    assert air.confirm("back") == ["Viewers are back at the broadcast."]
    assert not air.entry()["redirectEntryId"]


def test_simulive_plays_another_video_of_the_event(simulator):
    air = on_air(simulator, session_type=SessionType.SIMULIVE, synced=False)
    other = SessionFactory(
        event=air.session.event, title="Other", session_type=SessionType.SIMULIVE
    )
    SessionDelivery.objects.create(session=air.session, source_entry_id=ONE)
    SessionDelivery.objects.create(session=other, source_entry_id=TWO)
    air.sync()

    said = air.confirm("swap", entry=TWO)
    air.sync()

    assert said == ["The video is changed; Kaltura has it within seconds."]
    assert air.calendar_event()["sourceEntryId"] == TWO


def test_id_that_is_none_is_refused_and_nothing_is_written(simulator):
    air = on_air(simulator, session_type=SessionType.SIMULIVE, synced=False)
    delivery = SessionDelivery.objects.create(session=air.session, source_entry_id=ONE)
    linked(SessionFactory(event=air.session.event), recordedEntryId="odd")

    said = air.confirm("swap", entry="odd")

    delivery.refresh_from_db()
    assert said[0].startswith("This is not an entry ID.")
    assert (delivery.source_entry_id, trail(air)) == (ONE, [])


def test_simulive_is_not_offered_its_own_clips(simulator):
    air = on_air(simulator, session_type=SessionType.SIMULIVE, synced=False)
    other = SessionFactory(event=air.session.event, session_type=SessionType.SIMULIVE)
    SessionDelivery.objects.create(session=air.session, source_entry_id=ONE, pre_clip_id=TWO)
    SessionDelivery.objects.create(session=other, source_entry_id=TWO)
    air.sync()

    assert choices_of(air) == {}


def choices_of(air: OnAir) -> dict[str, str]:
    """What the desk offers to show instead."""
    return dict(air.client().get(f"{air.desk_url}swap/").context["form"].fields["entry"].choices)


@pytest.mark.postgres
@pytest.mark.parametrize("why", ["draft", "cancelled", "draft event", "no simulive", "not yet"])
def test_no_video_is_offered_of_which_nobody_looked_whose_it_is(simulator, why):
    air, foreign = on_air(simulator, synced=False), on_air(simulator)
    status = why if why in (SessionStatus.DRAFT, SessionStatus.CANCELLED) else "published"
    kind = SessionType.WEBCAST if why == "no simulive" else SessionType.SIMULIVE
    other = SessionFactory(event=air.session.event, session_type=kind, status=status)
    first = ONE if why == "not yet" else foreign.entry_id
    delivery = SessionDelivery.objects.create(session=other, source_entry_id=first)
    if why == "draft event":
        air.session.event.status = "draft"
        air.session.event.save()
    air.sync()
    state = SyncTarget.objects.get(object_uuid=other.uuid).state
    delivery.source_entry_id = foreign.entry_id
    delivery.save()
    if why != "not yet":
        air.sync()

    offered = choices_of(air)

    assert state == SyncState.SYNCED
    assert foreign.entry_id not in offered
    assert [label for label in offered.values() if label.startswith("Video")] == []


def test_back_to_the_source_is_written_while_something_is_on_air(simulator):
    air = on_air(simulator, preview=False)
    spare = SessionFactory(event=air.session.event, starts_at=air.session.starts_at)
    air.sync()
    assert air.confirm("back") == ["Viewers are led nowhere else."]
    air.confirm("swap", entry=remote_entry_id(spare))
    simulator.switch(air.entry_id, "on_air")  # Kaltura now says nothing of where it leads

    assert air.confirm("back") == ["Viewers are back at the broadcast."]
    assert not air.entry()["redirectEntryId"]


def lead(air: OnAir, entry_id: str) -> None:
    """Somebody, or Kaltura itself, leads viewers elsewhere after the broadcast."""
    change = {"objectType": "KalturaBaseEntry", "redirectEntryId": entry_id}
    params = {"entryId": air.entry_id, "baseEntry": change}
    call(LightCall("baseentry", "update", params, ks.sync_admin_ks()))


def test_a_redirect_that_the_desk_did_not_set_stays(simulator):
    air = on_air(simulator)
    spare = SessionFactory(event=air.session.event, starts_at=air.session.starts_at)
    air.sync()
    lead(air, "1_recorded")
    told = (
        "Kaltura leads viewers to 1_recorded after the broadcast. That was not chosen at this "
        "desk, as it is with Kaltura's own recording, so it stays."
    )

    assert air.confirm("back") == [told]
    air.confirm("swap", entry=remote_entry_id(spare))
    lead(air, "1_recorded")
    assert air.confirm("back") == [told]

    assert air.entry()["redirectEntryId"] == "1_recorded"
    assert RemoteLink.objects.get(remote_id=air.entry_id).led_elsewhere_id == ""
    simulator.switch(air.entry_id, "on_air")
    assert air.confirm("back") == ["Viewers are led nowhere else."]


@pytest.mark.postgres
def test_a_lent_video_is_offered_only_to_whom_the_sync_lets_play_it(simulator):
    air, foreign = (
        on_air(simulator, session_type=SessionType.SIMULIVE, synced=False),
        on_air(simulator),
    )
    SessionDelivery.objects.create(session=air.session, source_entry_id=ONE)
    other = SessionFactory(
        event=air.session.event, title="Other", session_type=SessionType.SIMULIVE
    )
    video = simulator_video(foreign)
    SessionDelivery.objects.create(session=other, source_entry_id=video, lent_ids=[video])
    air.sync()
    page = air.client().get(f"{air.desk_url}swap/").content.decode()

    assert SyncTarget.objects.get(object_uuid=other.uuid).state == SyncState.SYNCED
    assert choices_of(air) == {}
    assert f"Not offered: Video of “Other” ({video})." in page
    TeamMemberFactory(event=foreign.session.event, user=air.people["producer"], role="owner")
    assert choices_of(air) == {video: f"Video of “Other” ({video})"}
    assert air.confirm("swap", entry=video)[0].startswith("The video is changed")
    air.sync()
    assert air.calendar_event()["sourceEntryId"] == video


def simulator_video(air: OnAir) -> str:
    """A recording of this session, which is its event's."""
    air.simulator.switch(air.entry_id, "preview")
    air.confirm("go-live")
    air.simulator.advance(60)
    air.confirm("end")
    air.simulator.switch(air.entry_id, "off")
    air.simulator.advance(60)
    air.sync()
    return str(air.simulator.recordings()[0]["id"])


def test_what_was_broadcast_is_found_as_a_recording(simulator):
    air = on_air(simulator)
    simulator.switch(air.entry_id, "preview")
    air.confirm("go-live")
    simulator.advance(60)
    assert air.confirm("end") == ["The session has ended."]
    simulator.switch(air.entry_id, "off")
    simulator.advance(60)

    before = air.client().get(air.desk_url).content.decode()
    air.sync()
    after = air.client().get(air.desk_url).content.decode()

    assert "There is no recording yet." in before
    assert "There is a recording." in after
    assert simulator.recordings()[0]["rootEntryId"] == air.entry_id
