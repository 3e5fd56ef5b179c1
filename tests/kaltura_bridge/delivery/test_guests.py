"""Guests come by Kaltura's own link, so events that are not for everybody let none in."""

from __future__ import annotations

import pytest
from django.utils import timezone

from events.models import SessionType
from kaltura_bridge.delivery.options import DeliveryOptions
from kaltura_bridge.delivery.room_tags import GUESTS
from kaltura_bridge.delivery.rules import DeliveryCase, problems
from kaltura_bridge.models import EventDelivery, SessionDelivery
from kaltura_bridge.sync import service
from tests.factories import EventFactory, TrackFactory
from tests.kaltura_bridge.support.joining import live_session


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("is_public", "value", "named"),
    [(False, True, [GUESTS]), (False, False, []), (True, True, []), (False, "", [])],
)
def test_letting_guests_in_is_refused_where_the_event_is_not_for_all(is_public, value, named):
    case = DeliveryCase({GUESTS: value}, DeliveryOptions(), EventFactory(is_public=is_public))

    assert [name for name, _ in problems(case)] == named


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sharing", ["session", "track"])
@pytest.mark.parametrize(("is_public", "tag"), [(False, "off"), (True, "on")])
@pytest.mark.parametrize("chosen", ["event", "session"])
def test_kaltura_is_told_whatever_was_chosen_before(simulator, is_public, tag, sharing, chosen):
    """Tags of a calendar event win over those of its room; a track's name may look like one."""
    event = EventFactory(is_public=is_public, starts_on=timezone.now().date())
    options = {"room_form": "legacy", "room_sharing": sharing, "calendar_details": True}
    tags = {"event": {}, "session": {}} | {chosen: {GUESTS: True}}
    EventDelivery.objects.create(event=event, room_tags=tags["event"], **options)
    track = TrackFactory(event=event, name=f"{GUESTS}:on")
    session = live_session(event=event, track=track, session_type=SessionType.INTERACTIVE)
    SessionDelivery.objects.create(session=session, room_tags=tags["session"])

    service.settle(service.targets_of(event), 20)

    (room,), (time,) = (simulator.objects(k) for k in ("scheduleResource", "scheduleEvent"))
    told = [
        {word for word in row["tags"].split(",") if word.startswith(f"{GUESTS}:")}
        for row in (time, room)
    ]
    said: set[str] = {f"{GUESTS}:{tag}"}
    if sharing == "session":
        assert told == [set(), said]
    elif is_public:
        assert told == ([set(), said] if chosen == "event" else [said, set()])
    else:
        assert told == [said, said]
