"""Whom reports list, and as what."""

from datetime import UTC, datetime
from itertools import product

from analytics.roster import Roster
from events.models import SpeakerRole, TeamRole
from events.queries import visible_event, visible_session
from events.roles import StageRole
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    RegistrationFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)


def test_reported_role_is_the_one_that_lets_people_into_the_room(db):
    event = EventFactory()
    session = InteractiveFactory(event=event, starts_at=START)
    for superuser, team, stage in product(
        (False, True), (None, *TeamRole.values), (None, *SpeakerRole.values)
    ):
        name = f"{'superuser ' * superuser}{team}, {stage}"
        user = UserFactory(name=name, is_superuser=superuser)
        RegistrationFactory(event=event, user=user)
        if team:
            TeamMemberFactory(event=event, user=user, role=team)
        if stage:
            speaker = SpeakerFactory(event=event, user=user)
            SessionSpeakerFactory(session=session, speaker=speaker, role=stage)
    roster = Roster(event)

    reported = {person.name: person.role for person in roster.people(session)}

    assert len(reported) == 30
    assert reported == {user.name: _role_in_the_room(user, session) for user in _people(event)}


def _people(event):
    return [registration.user for registration in event.registrations.select_related("user")]


def _role_in_the_room(user, session) -> StageRole:
    event, membership = visible_event(user, session.event.slug)
    return membership.role_in(visible_session(event, membership, session.slug))
