from datetime import timedelta

import pytest

from analytics.figures.renewal import renew
from analytics.figures.summary import figures_of
from analytics.match import schedule_of
from analytics.metrics import Interval, headcounts, peak_of, sampled
from events.models import TeamMember
from tests.analytics.support.curves import concurrency, curve_of
from tests.analytics.support.oracle import expected_figures, stays_of_audience
from tests.analytics.support.stays import random_session
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionSpeakerFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def held():
    """An event with random sessions; among the people one of the staff and one on stage."""
    people = UserFactory.create_batch(8)
    event = EventFactory()
    for user in people[2:6]:
        RegistrationFactory(event=event, user=user)
    TeamMember.objects.create(event=event, user=people[0], role="manager")
    sessions = [random_session(number, event, people) for number in range(40)]
    for session in sessions[::2]:
        SessionSpeakerFactory(session=session, speaker__event=event, speaker__user=people[1])
    renew([session.pk for session in sessions], force=True)
    return sessions


def test_figures_of_random_sessions_agree_with_the_definitions(held):
    found = figures_of(held)

    for session in held:
        assert found[session.pk] == expected_figures(session)


def test_curves_of_random_sessions_agree_with_the_definitions(held):
    for session in held:
        window = schedule_of(session).window
        counts = headcounts(stays_of_audience(session), window)
        # Cells begin at full minutes.
        start = window.start.replace(second=0)
        whole = Interval(start, window.end)
        expected = sampled(counts, whole, timedelta(minutes=1))
        found = [count.present for count in concurrency(session)]

        assert found == [count.present for count in expected]
        peak = peak_of(counts)
        curve = curve_of(session)
        assert (curve.peak, curve.peak_at) == ((peak.present, peak.at) if peak else (0, None))
