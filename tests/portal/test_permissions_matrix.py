"""Every door, asked by everybody, about every kind of object; see docs/permissions.md."""

from __future__ import annotations

import pytest

from tests.permissions.asking import complaints
from tests.permissions.doors import all_doors
from tests.permissions.people import Role
from tests.permissions.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.proof]

# So many tests, for as many processors; everybody asks at the same doors in each, so that their
# forms are read once.
PARTS = 12


@pytest.mark.parametrize("part", range(PARTS))
def test_everybody_is_answered_as_the_rules_say(part):
    world, doors = World(), all_doors()[part::PARTS]

    wrong = [each for door in doors for role in Role for each in complaints(world, role, door)]
    assert wrong == []
