"""What a role on the stage becomes on Kaltura's pages."""

from __future__ import annotations

import pytest

from events.access import Phase
from events.roles import StageRole
from kaltura_bridge.api.ks import ContextualRole, KafRole, Visitor
from kaltura_bridge.join.roles import permissions_for, prepares, visitor_for
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        ("attendee", (KafRole.VIEWER, ContextualRole.MEMBER, False, False)),
        ("speaker", (KafRole.VIEWER, ContextualRole.MANAGER, False, False)),
        ("moderator", (KafRole.VIEWER, ContextualRole.MANAGER, True, True)),
        ("producer", (KafRole.VIEWER, ContextualRole.MANAGER, True, True)),
    ],
)
def test_permissions_for_each_role(role, permissions):
    found = permissions_for(StageRole(role))

    assert permissions == (
        found.role,
        found.contextual_role,
        found.chat_moderator,
        found.room_moderator,
    )


@pytest.mark.parametrize("role", StageRole)
def test_nobody_is_an_administrator_of_kaf(role):
    assert permissions_for(role).role == KafRole.VIEWER


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("role", StageRole)
def test_leaders_prepare_before_the_doors_open(role, phase):
    early = phase in {"planned", "soon"}

    assert prepares(role, phase) == (early and role in {"moderator", "producer"})


def test_visitor_carries_name_and_powers_and_nothing_else():
    user = UserFactory(name="Jane Doe", email="jane@example.org")

    assert visitor_for(user, StageRole.MODERATOR) == Visitor(
        user_id=f"portal-{user.uuid.hex}",
        display_name="Jane Doe",
        role=KafRole.VIEWER,
        contextual_role=ContextualRole.MANAGER,
        chat_moderator=True,
        room_moderator=True,
    )
