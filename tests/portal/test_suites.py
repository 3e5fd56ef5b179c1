"""How tests run: suites that lose none, no network, and a database that is left empty."""

from __future__ import annotations

import contextlib
import socket
import threading
import urllib.request
from itertools import chain, combinations

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from events.models import Event, Session
from tests import emptying, network, suites
from tests.factories import WebcastFactory

MARKS = ("proof", "few_first", "postgres", "postgres_first", "postgres_only", "parametrize")


@pytest.mark.parametrize("on_postgres", [False, True])
def test_every_test_is_in_one_suite_and_only_property_tests_in_both(on_postgres):
    subsets = chain.from_iterable(combinations(MARKS, n) for n in range(len(MARKS) + 1))
    for marks in map(frozenset, subsets):
        in_all, in_test, in_proof = (
            suites.runs(marks, suite, on_postgres)
            for suite in (suites.ALL, suites.TEST, suites.PROOF)
        )
        assert in_all == (in_test or in_proof)
        assert "few_first" in marks or not (in_test and in_proof)


def test_property_test_tries_all_examples_but_in_make_test(monkeypatch):
    tried = {}
    for suite in suites.NAMES:
        monkeypatch.setattr(suites, "current", suite)
        tried[suite] = suites.examples(700)

    assert tried == {"test": 70, "proof": 700, "all": 700}


# --- Network -----------------------------------------------------------------


@pytest.fixture
def attempts():
    """Who was asked for; it is what these tests want, so nothing is held against them."""
    yield network.attempts
    network.attempts.clear()


def connect(address, family):
    with socket.socket(family) as connection:
        connection.connect((address, 80))


def send(address):
    with socket.socket(type=socket.SOCK_DGRAM) as connection:
        connection.sendto(b"?", (address, 53))


@pytest.mark.parametrize(
    ("ask", "whom"),
    [
        (lambda: connect("192.0.2.1", socket.AF_INET), "192.0.2.1:80"),
        (lambda: connect("2001:db8::1", socket.AF_INET6), "2001:db8::1:80"),
        (lambda: socket.getaddrinfo("www.kaltura.com", 443), "www.kaltura.com"),
        (lambda: socket.gethostbyname("www.kaltura.com"), "www.kaltura.com"),
        (lambda: urllib.request.urlopen("http://www.kaltura.com/"), "www.kaltura.com"),
        (lambda: send("192.0.2.1"), "192.0.2.1:53"),
    ],
)
def test_nobody_beyond_this_machine_is_asked(attempts, ask, whom):
    with pytest.raises(network.NetworkUsed, match="Point it at the local Kaltura"):
        ask()

    assert attempts == [whom]


def test_nobody_is_asked_from_a_thread_that_swallows_the_error(attempts):
    def quietly():
        with contextlib.suppress(Exception):
            connect("192.0.2.1", socket.AF_INET)

    thread = threading.Thread(target=quietly)
    thread.start()
    thread.join()

    assert attempts == ["192.0.2.1:80"]


def test_name_that_belongs_to_nobody_is_not_found(attempts):
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("portal.invalid", 80)

    assert attempts == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_may_be_asked(host):
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1])).close()


# --- Database ----------------------------------------------------------------


@pytest.mark.postgres_first
@pytest.mark.django_db(transaction=True)
def test_database_is_empty_after_a_test_that_commits():
    session = WebcastFactory()
    kinds = list(ContentType.objects.values_list("pk", "model"))

    emptying.empty()

    assert (Session.objects.count(), Event.objects.count()) == (0, 0)
    assert kinds
    assert list(ContentType.objects.values_list("pk", "model")) == kinds
    # Constraints are looked at again, and the next object has another id.
    assert WebcastFactory().pk > session.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        assert cursor.fetchone()[0] > 0
