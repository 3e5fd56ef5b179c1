"""Who did not agree to be recorded by name is counted, and never stored by name."""

from __future__ import annotations

import pytest

from analytics.models import EventPrivacy, RecordingConsent, SessionAttendance, Stay
from analytics.pull import pull_attendance
from kaltura_bridge.join.identity import kaltura_user_id
from tests.analytics.privacy.test_erasing import times, traces_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def asking(hold):
    """A room whose event asks: Ada agreed, Bob declined, Cyd did not answer, and a guest."""
    conference = hold(rooms=1, webcasts=1)
    EventPrivacy.objects.create(event=conference.event, asks_consent=True)
    (room,), (webcast,) = conference.rooms, conference.webcasts
    people = [conference.person(name) for name in ("Ada L", "Bob M", "Cyd N")]
    for person, answer in zip(people, (True, False, None), strict=True):
        conference.visit(room, person, 0, 20)
        conference.visit(room, person, 10, 40)
        if answer is not None:
            RecordingConsent.objects.create(event=conference.event, user=person, is_given=answer)
    conference.visit(webcast, people[1], 0, 30)
    conference.visit(room, "Zaphod", 0, 10)
    return conference, people


def test_only_who_agreed_is_stored_by_name(asking):
    conference, (ada, bob, cyd) = asking
    pull_attendance(conference.event)
    pull_attendance(conference.event)

    (room,) = conference.rooms
    assert [str(m) for m, _, _ in times(room)] == ["10.00", "40.00", "40.00", "40.00"]
    assert Stay.objects.count() == 7
    named = SessionAttendance.objects.exclude(user=None)
    assert set(named.values_list("user", flat=True)) == {ada.pk}
    for person in (bob, cyd):
        # The account and its registration are theirs; nothing says where they were.
        assert traces_of(kaltura_user_id(person)) == []
    assert traces_of("Zaphod") == []


def test_an_event_that_does_not_ask_stores_all_but_who_declined(asking):
    conference, (ada, bob, cyd) = asking
    EventPrivacy.objects.update(asks_consent=False)
    pull_attendance(conference.event)

    named = SessionAttendance.objects.exclude(user=None).values_list("user", flat=True)
    assert set(named) == {ada.pk, cyd.pk}
    assert traces_of(kaltura_user_id(bob)) == []
    assert traces_of("Zaphod")
