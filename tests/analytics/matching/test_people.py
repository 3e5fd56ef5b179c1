"""An address decides only when both sides know it is the person's own."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress

from analytics.models import MatchedBy, Stay
from tests.analytics.matching.conftest import SharedRoom
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def verified(user, address="ann@uni.example"):
    return EmailAddress.objects.create(user=user, email=address, verified=True)


@pytest.mark.parametrize("reported", ["ann@uni.example", "Ann@Uni.Example"])
def test_people_are_matched_by_an_address_that_both_sides_know(shared: SharedRoom, reported):
    verified(shared.ann)
    run = shared.run(0, 40)
    shared.stay(run, "900", 0, 10, email=reported, name="X", raw={"user_type": "user"})

    shared.settle()

    assert Stay.objects.values_list("user", "matched_by").get() == (
        shared.ann.pk,
        MatchedBy.ADDRESS,
    )


def test_an_address_that_anybody_could_have_typed_decides_nothing(shared: SharedRoom):
    EmailAddress.objects.create(user=shared.ann, email="new@uni.example", verified=False)
    stranger = UserFactory(email="stranger@uni.example")
    verified(stranger, stranger.email)
    verified(shared.ann)
    run = shared.run(0, 40)
    rows = [
        ("900", "ann@uni.example", "guest"),  # typed by a guest
        ("901", "new@uni.example", "user"),  # not verified here
        ("902", "stranger@uni.example", "user"),  # nobody of this event
        ("903", "", "user"),
    ]
    for person, address, kind in rows:
        name = shared.ann.name
        shared.stay(run, person, 0, 10, email=address, name=name, raw={"user_type": kind})

    shared.settle()

    assert set(Stay.objects.values_list("user", "matched_by")) == {(None, "")}
