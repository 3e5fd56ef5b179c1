"""Web processes let PostgreSQL plan once what every page asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from portal.postgresql.base import DatabaseWrapper
from tests.factories import BookmarkFactory
from tests.kaltura_bridge.support.joining import (
    attendee_of,
    frame_url,
    join_url,
    linked,
    live_session,
    signed_in,
)

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def of_a_web_process() -> Iterator[Any]:
    """The connection as web processes have it."""
    usual = connections["default"]
    if usual.vendor != "postgresql":
        pytest.skip("It is about PostgreSQL.")
    own = DatabaseWrapper({**usual.settings_dict, "CONN_HEALTH_CHECKS": False}, "default")
    connections["default"] = own
    yield own
    own.close()
    connections["default"] = usual


def walk(client: Client, session: Any) -> list[tuple[int, int]]:
    """What the pages answer that rest on prepared queries, and how long it is."""
    event = session.event.slug
    paths = [
        reverse("events:agenda", args=[event]) + "?day=all",
        session.event.get_absolute_url(),
        session.get_absolute_url(),
        join_url(session),
        frame_url(client.get(join_url(session))),
    ]
    answers = [client.get(path) for path in paths]
    return [(answer.status_code, len(answer.content)) for answer in answers]


@pytest.mark.postgres
def test_pages_are_the_same_and_their_queries_planned_once(of_a_web_process):
    session = live_session()
    linked(session)
    client = signed_in(user := attendee_of(session))
    BookmarkFactory(user=user, session=session)
    connections["default"] = usual = DatabaseWrapper(of_a_web_process.settings_dict, "default")
    usual.prepared_cursor = usual.cursor
    expected = walk(client, session)
    usual.close()
    connections["default"] = of_a_web_process

    found = [walk(client, session) for _ in range(2)]

    assert [[status for status, _ in answers] for answers in [expected, *found]] == [
        [200, 200, 200, 200, 302]
    ] * 3
    assert found == [expected, expected]
    with of_a_web_process.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(generic_plans + custom_plans) FROM pg_prepared_statements"
        )
        planned, least = cursor.fetchone()
    assert planned > 5
    assert least >= 1


@pytest.mark.postgres
def test_a_migration_breaks_no_page_of_a_process_that_runs_on(of_a_web_process):
    session = live_session()
    client = signed_in(attendee_of(session))
    address = session.get_absolute_url()
    before = [client.get(address).status_code for _ in range(3)]
    change = "ALTER TABLE events_event ALTER COLUMN tagline TYPE varchar({})"
    with of_a_web_process.cursor() as cursor:
        cursor.execute(change.format(201))
    try:
        after = [client.get(address).status_code for _ in range(2)]
    finally:
        with of_a_web_process.cursor() as cursor:
            cursor.execute(change.format(200))

    assert (before, after) == ([200] * 3, [200] * 2)
