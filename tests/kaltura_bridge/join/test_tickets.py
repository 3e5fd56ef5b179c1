"""A ticket opens one session, to one person, once, for two minutes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from kaltura_bridge.join import tickets
from kaltura_bridge.models import LaunchTicket
from tests.factories import SessionFactory, UserFactory


@pytest.mark.django_db
def test_a_ticket_is_redeemed_once():
    user, session = UserFactory(), SessionFactory()
    token = tickets.issue(user, session)

    assert [tickets.redeem(token, user, session) for _ in range(3)] == [True, False, False]


@pytest.mark.django_db
def test_a_ticket_is_worth_nothing_to_others_elsewhere_or_guessed():
    user, session = UserFactory(), SessionFactory()
    token = tickets.issue(user, session)

    assert not tickets.redeem(token, UserFactory(), session)
    assert not tickets.redeem(token, user, SessionFactory(event=session.event))
    assert not tickets.redeem("", user, session)
    assert not tickets.redeem(token[:-1], user, session)
    assert tickets.redeem(token, user, session)


@pytest.mark.django_db
def test_a_ticket_lasts_two_minutes():
    user, session = UserFactory(), SessionFactory()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        early, late = tickets.issue(user, session), tickets.issue(user, session)
        clock.shift(119)
        assert tickets.redeem(early, user, session)
        clock.shift(2)
        assert not tickets.redeem(late, user, session)


@pytest.mark.django_db
@pytest.mark.parametrize("changed", [-1, 0, 5, 22])
def test_a_changed_ticket_opens_nothing(changed):
    user, session = UserFactory(), SessionFactory()
    token = tickets.issue(user, session)
    other = "A" if token[changed] != "A" else "B"

    altered = f"{token[:changed]}{other}{token[changed:][1:]}"

    assert not tickets.redeem(altered, user, session)


@pytest.mark.django_db
def test_what_the_database_keeps_opens_nothing():
    user, session = UserFactory(), SessionFactory()
    token = tickets.issue(user, session)
    assert not LaunchTicket.objects.exists()
    assert tickets.redeem(token, user, session)
    stored = LaunchTicket.objects.values_list().get()

    assert token not in " ".join(map(str, stored))
    assert not tickets.redeem(LaunchTicket.objects.get().digest, user, session)


@pytest.mark.django_db
def test_redeeming_clears_the_persons_old_tickets_and_nobody_elses():
    user, other, session = UserFactory(), UserFactory(), SessionFactory()
    for person in (user, user, other):
        assert tickets.redeem(tickets.issue(person, session), person, session)
    LaunchTicket.objects.update(expires_at=timezone.now())

    assert tickets.redeem(tickets.issue(user, session), user, session)

    holders = LaunchTicket.objects.order_by("pk").values_list("user", flat=True)
    assert list(holders) == [other.pk, user.pk]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_who_redeem_at_once_one_gets_in():
    user, session = UserFactory(), SessionFactory()
    racers = 8
    start = threading.Barrier(racers)

    def race(token: str) -> bool:
        try:
            start.wait(timeout=10)
            return tickets.redeem(token, user, session)
        finally:
            connection.close()

    for _ in range(5):
        token = tickets.issue(user, session)
        with ThreadPoolExecutor(racers) as pool:
            outcomes = list(pool.map(race, [token] * racers))
        assert sorted(outcomes) == [False] * (racers - 1) + [True]
