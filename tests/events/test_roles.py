"""A role counts only where it was given."""

from __future__ import annotations

import pytest
from django.apps import apps
from rules.permissions import permissions

from events.models import Session, SpeakerRole, TeamRole, User
from events.permissions import HOLDERS
from events.queries import visible_event, visible_session
from events.roles import StageRole, strongest_role
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def role_at(user: User, session: Session) -> StageRole:
    """The role by which the pages let this person in."""
    event, membership = visible_event(user, session.event.slug)
    return membership.role_in(visible_session(event, membership, session.slug))


@pytest.mark.parametrize(
    ("team", "role"),
    [
        (TeamRole.OWNER, StageRole.PRODUCER),
        (TeamRole.MANAGER, StageRole.PRODUCER),
        (TeamRole.MODERATOR, StageRole.MODERATOR),
        (TeamRole.ANALYST, StageRole.ATTENDEE),
    ],
)
def test_stage_role_follows_the_team_of_the_sessions_event_only(team, role):
    user, here, elsewhere = UserFactory(), SessionFactory(), SessionFactory()
    TeamMemberFactory(event=here.event, user=user, role=team)

    assert role_at(user, here) == role
    assert role_at(user, elsewhere) == StageRole.ATTENDEE


@pytest.mark.parametrize("role", SpeakerRole)
def test_stage_role_follows_the_sessions_own_appearances_only(role):
    event, user = EventFactory(), UserFactory()
    here, elsewhere = SessionFactory.create_batch(2, event=event)
    SessionSpeakerFactory(session=here, speaker=SpeakerFactory(event=event, user=user), role=role)

    assert role_at(user, here) == StageRole(role)
    assert role_at(user, elsewhere) == StageRole.ATTENDEE


def test_stage_role_ignores_a_speaker_profile_of_another_event():
    user, session = UserFactory(), SessionFactory()
    SessionSpeakerFactory(
        session=session, speaker=SpeakerFactory(user=user), role=SpeakerRole.MODERATOR
    )

    assert role_at(user, session) == StageRole.ATTENDEE


def test_stage_role_is_the_strongest_and_costs_no_query_of_its_own(django_assert_num_queries):
    user, session = UserFactory(), SessionFactory()
    RegistrationFactory(event=session.event, user=user)
    TeamMemberFactory(event=session.event, user=user, role=TeamRole.MODERATOR)
    SessionSpeakerFactory(session=session, speaker=SpeakerFactory(event=session.event, user=user))

    event, membership = visible_event(user, session.event.slug)
    seen = visible_session(event, membership, session.slug)
    with django_assert_num_queries(0):
        role = membership.role_in(seen)

    assert role == StageRole.MODERATOR


def test_a_superuser_produces_every_session():
    assert role_at(UserFactory(is_superuser=True), SessionFactory()) == StageRole.PRODUCER


def test_strongest_role_of_nothing_known_is_attendee():
    assert strongest_role({"registered", "analyst", "unheard"}) == StageRole.ATTENDEE


def test_every_object_of_the_rules_leads_to_its_event():
    """The rules ask whose event it is, also when it is deleted along with something else."""
    lost = []
    for name in permissions:
        app, _, verb_and_model = name.partition(".")
        verb, _, model = verb_and_model.partition("_")
        if app == "events" and verb in {"view", "add", "change", "delete"} and model != "report":
            columns = {field.attname for field in apps.get_model(app, model)._meta.concrete_fields}
            if model != "event" and not columns & {"event_id", *(f"{h}_id" for h in HOLDERS)}:
                lost.append(name)
    assert lost == []
