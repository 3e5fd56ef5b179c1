"""How many are on a session's page, as the live desk tells it to who produces the session."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.models import EventPrivacy, PresenceSetting, PrivacyMode
from analytics.presence import stays
from events.models import Session
from tests.factories import TeamMemberFactory
from tests.kaltura_bridge.support.joining import attendee_of, linked, live_session, signed_in

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


def told(session: Session) -> dict[str, int | None]:
    producer = TeamMemberFactory(event=session.event).user
    page = signed_in(producer).get(f"/e/{session.event.slug}/sessions/{session.slug}/live/")
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
