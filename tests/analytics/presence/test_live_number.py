"""How many are on a session's page, as the live desk tells it to who produces the session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analytics.models import EventPrivacy, PresenceSetting, PrivacyMode
from analytics.presence import stays
from events.models import Session
from kaltura_bridge.join.denial_counts import note_denial
from kaltura_bridge.models import LaunchTicket
from tests.factories import TeamMemberFactory, UserFactory
from tests.kaltura_bridge.support.joining import attendee_of, linked, live_session, signed_in
from tests.kaltura_bridge.support.on_air import on_air

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

LABEL = "On the session's page now"


@pytest.fixture
def session(simulator) -> Session:
    found = live_session()
    linked(found)
    for minutes_ago in (5, 1, 1, 0):
        attendee = attendee_of(found)
        now = timezone.now() - timedelta(minutes=minutes_ago)
        token = stays.begin(found, attendee, now)
        if minutes_ago == 0:
            stays.end(found, attendee, token, timezone.now())
    return found


def desk_of(session: Session) -> Any:
    producer = TeamMemberFactory(event=session.event).user
    return signed_in(producer).get(f"/e/{session.event.slug}/sessions/{session.slug}/live/")


def shown(session: Session) -> str:
    return desk_of(session).content.decode()


def told(session: Session) -> dict[str, float | None]:
    page = desk_of(session)
    panels = [panel for _, panels in page.context["steps"] for panel in panels]
    numbers = next(panel for panel in panels if panel.key == "numbers").context["numbers"]
    return {str(number.label): number.value for number in numbers}


def test_counts_who_is_there_and_not_who_left_or_fell_silent(session):
    PresenceSetting.objects.create(event=session.event, is_on=True)

    assert told(session)[LABEL] == 2


def test_says_nothing_where_nobody_is_noted(session):
    assert LABEL not in told(session)


def test_tells_no_small_number_of_an_event_that_keeps_them_back(session):
    PresenceSetting.objects.create(event=session.event, is_on=True)
    EventPrivacy.objects.create(event=session.event, mode=PrivacyMode.AGGREGATE)

    assert told(session)[LABEL] is None


def test_an_event_of_groups_tells_small_numbers_at_no_place_of_the_desk(simulator):
    """Whoever counts: the portal's page, its door, Kaltura, and Kaltura's reports by device."""
    air = on_air(simulator)
    session, now = air.session, timezone.now()
    PresenceSetting.objects.create(event=session.event, is_on=True)
    privacy = EventPrivacy.objects.create(
        event=session.event, mode=PrivacyMode.AGGREGATE, minimum_group=5
    )
    simulator.switch(air.entry_id, "on_air")
    unix = simulator.state()["now"]
    simulator.add_visits(
        [
            {"entryId": air.entry_id, "userId": f"{n}", "joined": unix - 120, "left": unix + 600}
            | ({"device": "Mobile"} if n else {})
            for n in range(7)
        ]
    )
    for number in range(4):
        LaunchTicket.objects.create(
            digest=f"{number}",
            user=UserFactory(),
            session=session,
            expires_at=now + timedelta(minutes=2),
            redeemed_at=now,
        )
    note_denial(session)
    grouped = told(session)
    page = shown(session)
    privacy.mode = PrivacyMode.IDENTIFIED
    privacy.save()

    assert grouped == {
        "Watching now": 5,
        "Most at one time": 5,
        LABEL: None,
        "People who came in": None,
        "Join rate": None,
        "Not let in, or met an error": 1,
    }
    assert page.count("Fewer than this event tells of") == 3
    whole = told(session)
    assert (whole["Watching now"], whole["Watched on: Computer"]) == (7, 1)
    assert (whole["People who came in"], whole["Join rate"], whole[LABEL]) == (4, 0.8, 0)
