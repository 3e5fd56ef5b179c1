"""Stream keys and addresses go into rooms, never into calendars, which viewers can read."""

from __future__ import annotations

import pytest

from events.models import SessionType
from kaltura_bridge.delivery.options import options_of_event
from kaltura_bridge.delivery.room_tags import SECRETS
from kaltura_bridge.delivery.rules import DeliveryCase, problems
from kaltura_bridge.models import EventDelivery, SessionDelivery
from tests.factories import EventFactory, SessionFactory, TrackFactory
from tests.kaltura_bridge.support.oracle import differences
from tests.kaltura_bridge.support.planning import settle

CHOSEN = {
    "custom_rs_show_chat": False,
    "custom_p_rtmp_url": "rtmp://live.example.org/app",
    "custom_s_rtmp_url": "rtmp://two.example.org/app",
    "custom_rtmp_key": "hush",
}
SENT = "custom_p_rtmp_url:rtmp://live.example.org/app,custom_s_rtmp_url:rtmp://two.example.org/app"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("sharing", "of_event", "own", "in_room", "in_calendar"),
    [
        ("session", {}, CHOSEN, f"custom_rs_show_chat:off,{SENT},custom_rtmp_key:hush", ""),
        ("track", CHOSEN, {}, f"custom_rs_show_chat:off,{SENT},custom_rtmp_key:hush", ""),
        ("track", {}, CHOSEN, "", "custom_rs_show_chat:off"),
    ],
)
def test_secrets_stand_in_rooms_alone(simulator, sharing, of_event, own, in_room, in_calendar):
    event = EventFactory()
    session = SessionFactory(
        event=event, track=TrackFactory(event=event), session_type=SessionType.WEBINAR
    )
    EventDelivery.objects.create(
        event=event, room_form="legacy", room_sharing=sharing, room_tags=of_event
    )
    SessionDelivery.objects.create(session=session, room_tags=own)

    settle(event)

    (room,), (time,) = (simulator.objects(k) for k in ("scheduleResource", "scheduleEvent"))
    wanted = ["vcprovider:newrow", "custom_rs_class_mode:webinar", *filter(None, [in_room])]
    assert (room["tags"], time.get("tags") or "") == (",".join(wanted), in_calendar)
    assert differences(simulator, event) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("form", "sharing", "in_track", "named"),
    [
        ("legacy", "track", True, sorted(SECRETS)),
        ("legacy", "track", False, []),
        ("legacy", "session", True, []),
        ("entry", "track", True, []),
    ],
)
def test_secret_of_a_session_in_the_room_of_its_track_is_refused(form, sharing, in_track, named):
    event = EventFactory()
    EventDelivery.objects.create(event=event, room_form=form, room_sharing=sharing)
    session = SessionFactory(
        event=event,
        track=TrackFactory(event=event) if in_track else None,
        session_type=SessionType.WEBINAR,
    )
    of_event = options_of_event(event)

    found = [
        [name for name, _ in problems(DeliveryCase(CHOSEN, of_event, planned))]
        for planned in (session, event)
    ]

    assert found == [named, []]
