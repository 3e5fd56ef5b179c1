"""Without Redis people sign in, limits hold, and nobody waits; with it again, all is as before."""

import logging
import time
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache, caches
from django.urls import reverse

from tests.factories import UserFactory
from tests.portal.support.outages import BreakableRedis
from tests.portal.test_accounts import code_in


@pytest.fixture
def redis(settings) -> Iterator[BreakableRedis]:
    """A Redis of this test, which the cache uses as it does in production."""
    with BreakableRedis() as server:
        settings.CACHES = {
            "default": {
                "BACKEND": "portal.fallback_cache.FallbackCache",
                "LOCATION": server.url,
                "KEY_PREFIX": "portal",
            }
        }
        cache.set("there", 1)
        yield server
        cache.clear()
        caches.close_all()


def sign_in(client) -> bool:
    """With a mailed code."""
    person = UserFactory()
    client.post(reverse("account_login"), {"login": person.email})
    client.post(reverse("account_confirm_login_code"), {"code": code_in(mail.outbox[-1])})
    return client.session.get("_auth_user_id") == str(person.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("outage", ["kill", "hang"])
def test_people_sign_in_while_redis_is_away(client, redis, outage):
    getattr(redis, outage)()
    began = time.monotonic()

    assert sign_in(client)
    assert time.monotonic() - began < 10

    if outage == "hang":
        redis.go_on()


@pytest.mark.django_db
def test_wrong_passwords_are_slowed_down_without_redis_too(client, redis):
    person = UserFactory(email="guessed@example.org", password="the right one")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    form = {"login": "guessed@example.org", "password": "wrong"}
    redis.kill()

    for _ in range(5):
        client.post(reverse("account_login_password"), form)
    answer = client.post(reverse("account_login_password"), form | {"password": "the right one"})

    assert "Too many failed login attempts" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_outage_is_told_once_and_so_is_its_end(redis, caplog):
    caplog.set_level(logging.INFO, logger="portal.fallback_cache")
    redis.kill()
    for number in range(5):
        cache.set("number", number)
    during = cache.get("number")
    redis.start()
    deadline = time.monotonic() + 10
    while cache.outage.is_on and time.monotonic() < deadline:
        time.sleep(0.2)
        cache.set("after", 1)

    assert (during, cache.get("number"), cache.get("after")) == (4, None, 1)
    assert [record.message for record in caplog.records] == [
        "Redis does not answer (ConnectionError). Until it does, rate limits count in each process.",
        "Redis answers again.",
    ]


def test_everything_a_cache_can_do_goes_on_without_redis(redis):
    def answers() -> list[object]:
        cache.clear()
        return [
            cache.add("a", 1),
            cache.add("a", 2),
            cache.incr("a"),
            cache.get("a"),
            cache.has_key("a"),
            cache.touch("a", 60),
            cache.get_or_set("b", 5),
            cache.delete("a"),
            cache.get_many(["a", "b"]),
        ]

    there = answers()
    redis.kill()

    assert answers() == there == [True, False, 2, 2, True, True, 5, True, {"b": 5}]
