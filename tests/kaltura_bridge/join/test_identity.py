"""An opaque id goes out and comes back."""

from __future__ import annotations

import re
import uuid

import pytest

from kaltura_bridge.join.identity import kaltura_user_id, users_by_kaltura_id
from tests.factories import UserFactory

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
