"""Guests come by Kaltura's own link, so events that are not for everybody let none in."""

from __future__ import annotations

import pytest
from django.utils import timezone

from events.models import SessionType
from kaltura_bridge.delivery.options import DeliveryOptions
from kaltura_bridge.delivery.room_tags import GUESTS
from kaltura_bridge.delivery.rules import DeliveryCase, problems
from kaltura_bridge.models import EventDelivery
from kaltura_bridge.sync import service
from tests.factories import EventFactory
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
@pytest.mark.parametrize(("is_public", "tag"), [(False, "off"), (True, "on")])
def test_kaltura_is_told_whatever_was_chosen_before(simulator, is_public, tag):
    event = EventFactory(is_public=is_public, starts_on=timezone.now().date())
    EventDelivery.objects.create(event=event, room_form="legacy", room_tags={GUESTS: True})
    live_session(event=event, session_type=SessionType.INTERACTIVE)

    service.settle(service.targets_of(event), 20)

    (room,) = simulator.objects("scheduleResource")
    assert f"{GUESTS}:{tag}" in room["tags"].split(",")
