"""What a role on the stage becomes on Kaltura's pages."""

from __future__ import annotations

import pytest

from events.models import SessionType
from events.roles import StageRole
from kaltura_bridge.api.ks import ContextualRole, KafRole, Visitor
from kaltura_bridge.join.roles import permissions_for, visitor_for
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "session_type", "permissions"),
    [
        ("attendee", "interactive", (KafRole.VIEWER, ContextualRole.MEMBER, False, False)),
        ("speaker", "interactive", (KafRole.VIEWER, ContextualRole.MANAGER, False, False)),
        ("speaker", "webinar", (KafRole.VIEWER, ContextualRole.MEMBER, False, False)),
        ("moderator", "webinar", (KafRole.VIEWER, ContextualRole.MANAGER, True, True)),
        ("moderator", "webcast", (KafRole.VIEWER, ContextualRole.MANAGER, True, True)),
        ("producer", "webcast", (KafRole.VIEWER, ContextualRole.MANAGER, True, True)),
    ],
)
def test_permissions_for_each_role(role, session_type, permissions):
    found = permissions_for(StageRole(role), session_type)

    assert permissions == (
        found.role,
        found.contextual_role,
        found.chat_moderator,
        found.room_moderator,
    )


@pytest.mark.parametrize("session_type", SessionType)
@pytest.mark.parametrize("role", StageRole)
def test_nobody_is_an_administrator_of_kaf(role, session_type):
    assert permissions_for(role, session_type).role == KafRole.VIEWER


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
