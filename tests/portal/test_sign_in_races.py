"""Whoever tries at once has no more tries than whoever tries one by one."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.models import CodeAttempts
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

RACERS = 11
WRONG = "ZZZ-ZZZ"
TRIES = 3


def at_once(client: Client, url: str, forms: Iterable[dict[str, str]]) -> list[Any]:
    """The answers to forms that one browser sends at the same moment."""
    forms = list(forms)
    start = threading.Barrier(len(forms))

    def send(form: dict[str, str]) -> Any:
        browser = Client()
        browser.cookies.update(client.cookies)
        try:
            start.wait(timeout=20)
            return browser.post(url, form)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(send, forms))


def code_in(message: Any) -> str:
    return re.search(r"^([A-Z0-9-]{6,})$", message.body, re.MULTILINE).group(1)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def sign_in(client: Client) -> tuple[str, str]:
    UserFactory(email="grace@example.org")
    client.post(reverse("account_login"), {"login": "grace@example.org"})
    return reverse("account_confirm_login_code"), "/"


def sign_up(client: Client) -> tuple[str, str]:
    client.post(reverse("account_signup"), {"email": "ada@example.org", "name": "Ada"})
    return reverse("account_email_verification_sent"), "/"


def forget_password(client: Client) -> tuple[str, str]:
    person = UserFactory(email="grace@example.org", password="a long password")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    client.post(reverse("account_reset_password"), {"email": person.email})
    return (
        reverse("account_confirm_password_reset_code"),
        reverse("account_complete_password_reset"),
    )


FLOWS = pytest.mark.parametrize("begin", [sign_in, sign_up, forget_password])


@FLOWS
def test_a_code_takes_three_tries_however_many_come_at_once(client, begin):
    url, _ = begin(client)
    code = code_in(mail.outbox[-1])

    wrong = at_once(client, url, [{"code": WRONG}] * RACERS)
    late = client.post(url, {"code": code})

    compared = [answer for answer in wrong if "Incorrect code" in answer.content.decode()]
    assert len(compared) <= TRIES
    assert {answer.status_code for answer in wrong} <= {200, 302}
    assert (late.status_code, is_signed_in(client)) == (302, False)
    assert late.headers["Location"].startswith(reverse("account_login"))


@FLOWS
def test_the_right_code_at_the_third_try_is_in_time(client, begin):
    url, leads_to = begin(client)
    code = code_in(mail.outbox[-1])

    for _ in range(TRIES - 1):
        assert client.post(url, {"code": WRONG}).status_code == 200
    answer = client.post(url, {"code": code})

    assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)


@FLOWS
@pytest.mark.parametrize("action", ["resend", "change", "verify"])
def test_a_code_is_not_tried_under_another_name(client, begin, action):
    url, _ = begin(client)
    code = code_in(mail.outbox[-1])
    for _ in range(TRIES):
        client.post(url, {"code": WRONG, "email": "other@example.org"})

    answers = [client.post(url, {"action": action, "code": code}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert not is_signed_in(client)
    assert client.get(reverse("account_complete_password_reset")).status_code == 302


@FLOWS
def test_tries_under_another_name_are_counted_too(client, begin):
    url, _ = begin(client)
    code = code_in(mail.outbox[-1])

    at_once(client, url, [{"code": WRONG, "action": "change"}] * RACERS)
    client.post(url, {"code": code, "action": "change"})

    assert not is_signed_in(client)
    assert client.get(reverse("account_complete_password_reset")).status_code == 302


def test_a_new_code_has_three_tries_of_its_own(client):
    url, _ = sign_in(client)
    for _ in range(TRIES):
        client.post(url, {"code": WRONG})
    client.post(reverse("account_login"), {"login": "grace@example.org"})

    client.post(url, {"code": code_in(mail.outbox[-1])})

    assert is_signed_in(client)


def test_a_resent_code_has_the_tries_that_were_left(client):
    url, _ = sign_in(client)
    client.post(url, {"code": WRONG})
    client.post(url, {"action": "resend"})
    client.post(url, {"code": WRONG})
    client.post(url, {"code": WRONG})

    late = client.post(url, {"code": code_in(mail.outbox[-1])})

    assert (late.status_code, is_signed_in(client)) == (302, False)


def test_a_code_is_sent_again_twice_however_many_ask_at_once(client):
    url, _ = sign_in(client)

    answers = at_once(client, url, [{"action": "resend"}] * RACERS)

    assert {answer.status_code for answer in answers} == {302}
    assert len(mail.outbox) == 1 + 2


def test_passwords_are_tried_five_times_however_many_come_at_once(client):
    person = UserFactory(email="grace@example.org", password="a long password")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    url, form = reverse("account_login_password"), {"login": person.email, "password": "wrong"}

    answers = at_once(client, url, [form] * RACERS)
    client.post(url, form | {"password": "a long password"})

    refused = [
        answer for answer in answers if "Too many failed login attempts" in answer.content.decode()
    ]
    assert (len(refused), is_signed_in(client)) == (RACERS - 5, False)


def test_counts_are_kept_for_an_hour_and_hold_no_session_key(client):
    url, _ = sign_in(client)
    client.post(url, {"code": WRONG})
    [row] = CodeAttempts.objects.all()
    assert client.cookies[settings.SESSION_COOKIE_NAME].value not in row.pending
    CodeAttempts.objects.update(began_at=timezone.now() - timedelta(hours=1, seconds=1))

    other: Callable[..., Any] = Client().post
    other(reverse("account_login"), {"login": "grace@example.org"})
    url, _ = sign_up(again := Client())
    again.post(url, {"code": WRONG})

    assert [row.pk] != list(CodeAttempts.objects.values_list("pk", flat=True))
    assert CodeAttempts.objects.count() == 1
