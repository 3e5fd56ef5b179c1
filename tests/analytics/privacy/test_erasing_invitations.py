"""An invitation names a person by address only; erasing takes it, too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.privacy.erasing import erase_person
from events.models import Invitation
from tests.factories import EventFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_erasing_takes_invitations_to_the_address():
    event, until = EventFactory(), datetime(2031, 1, 1, tzinfo=UTC)
    ada = UserFactory(email="ada@example.org")
    event.invitations.create(email="ADA@example.org", name="Ada", expires_at=until)
    kept = event.invitations.create(email="ben@example.org", expires_at=until)

    receipt = erase_person(ada, None)

    assert list(Invitation.objects.all()) == [kept]
    assert receipt.rows["events.Invitation"] == 1
