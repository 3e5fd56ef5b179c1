"""Every door, asked by everybody, about every kind of object; see docs/permissions.md."""

from __future__ import annotations

import pytest

from tests.permissions.asking import complaints
from tests.permissions.doors import all_doors
from tests.permissions.people import Role
from tests.permissions.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.proof]


@pytest.mark.parametrize("role", Role)
def test_everybody_is_answered_as_the_rules_say(role):
    world = World()

    assert [wrong for door in all_doors() for wrong in complaints(world, role, door)] == []
