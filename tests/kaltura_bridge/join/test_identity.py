"""An opaque id goes out and comes back; a role counts only where it was given."""

from __future__ import annotations

import re
import uuid

import pytest

from events.models import SessionType, SpeakerRole, TeamRole
from kaltura_bridge.api.ks import ContextualRole, KafRole, Visitor
from kaltura_bridge.join.identity import (
    StageRole,
    kaltura_user_id,
    stage_role,
    standing_for,
    strongest_role,
    users_by_kaltura_id,
    visitor_for,
)
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_kaltura_user_id_is_opaque_and_stays_when_the_person_changes():
    user = UserFactory(email="jane@example.org", name="Jane")
    before = kaltura_user_id(user)
    user.email, user.name = "other@example.org", "Other"
    user.save()

    assert kaltura_user_id(user) == before == f"portal-{user.uuid.hex}"
    assert re.fullmatch(r"portal-[0-9a-f]{32}", before)


def test_users_by_kaltura_id_finds_ours_in_one_query_and_leaves_out_the_rest(
    django_assert_num_queries,
):
    ann, bob = UserFactory(), UserFactory()
    ids = [
        kaltura_user_id(ann),
        kaltura_user_id(bob).upper(),
        f"portal-{uuid.uuid4().hex}",
        "portal-zz",
        "ann@example.org",
        "",
    ]

    with django_assert_num_queries(1):
        found = users_by_kaltura_id(ids)

    assert found == {ids[0]: ann, ids[1]: bob}


def test_users_by_kaltura_id_takes_more_ids_than_one_query_may_hold():
    user = UserFactory()
    ids = [f"portal-{uuid.UUID(int=n).hex}" for n in range(1200)] + [kaltura_user_id(user)]

    assert users_by_kaltura_id(ids) == {ids[-1]: user}


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

    assert stage_role(user, here) == role
    assert stage_role(user, elsewhere) == StageRole.ATTENDEE


@pytest.mark.parametrize("role", SpeakerRole)
def test_stage_role_follows_the_sessions_own_appearances_only(role):
    event, user = EventFactory(), UserFactory()
    here, elsewhere = SessionFactory.create_batch(2, event=event)
    SessionSpeakerFactory(session=here, speaker=SpeakerFactory(event=event, user=user), role=role)

    assert stage_role(user, here) == StageRole(role)
    assert stage_role(user, elsewhere) == StageRole.ATTENDEE


def test_stage_role_ignores_a_speaker_profile_of_another_event():
    user, session = UserFactory(), SessionFactory()
    SessionSpeakerFactory(
        session=session, speaker=SpeakerFactory(user=user), role=SpeakerRole.MODERATOR
    )

    assert stage_role(user, session) == StageRole.ATTENDEE


def test_stage_role_is_the_strongest_and_costs_one_query(django_assert_num_queries):
    user, session = UserFactory(), SessionFactory()
    RegistrationFactory(event=session.event, user=user)
    TeamMemberFactory(event=session.event, user=user, role=TeamRole.MODERATOR)
    SessionSpeakerFactory(session=session, speaker=SpeakerFactory(event=session.event, user=user))

    with django_assert_num_queries(1):
        role = stage_role(user, session)

    assert role == StageRole.MODERATOR


def test_a_superuser_produces_every_session():
    assert stage_role(UserFactory(is_superuser=True), SessionFactory()) == StageRole.PRODUCER


def test_strongest_role_of_nothing_known_is_attendee():
    assert strongest_role({"registered", "analyst", "unheard"}) == StageRole.ATTENDEE


@pytest.mark.parametrize(
    ("role", "session_type", "standing"),
    [
        ("attendee", "interactive", (KafRole.VIEWER, ContextualRole.MEMBER, False, False)),
        ("speaker", "interactive", (KafRole.VIEWER, ContextualRole.MANAGER, False, False)),
        ("speaker", "webinar", (KafRole.VIEWER, ContextualRole.MEMBER, False, False)),
        ("moderator", "webinar", (KafRole.VIEWER, ContextualRole.MANAGER, True, True)),
        ("moderator", "webcast", (KafRole.VIEWER, ContextualRole.MANAGER, True, True)),
        ("producer", "webcast", (KafRole.ADMIN, ContextualRole.MANAGER, True, True)),
    ],
)
def test_standing_for_each_role(role, session_type, standing):
    found = standing_for(StageRole(role), session_type)

    assert standing == (
        found.role,
        found.contextual_role,
        found.chat_moderator,
        found.room_moderator,
    )


def test_visitor_carries_name_and_powers_and_nothing_else():
    user = UserFactory(name="Jane Doe", email="jane@example.org")

    assert visitor_for(user, StageRole.MODERATOR, SessionType.INTERACTIVE) == Visitor(
        user_id=f"portal-{user.uuid.hex}",
        display_name="Jane Doe",
        role=KafRole.VIEWER,
        contextual_role=ContextualRole.MANAGER,
        chat_moderator=True,
        room_moderator=True,
    )
