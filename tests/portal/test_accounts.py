"""People sign up with a name and an address, and log in by code or password."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from tests.factories import UserFactory


def code_in(message) -> str:
    """The code on a line of its own."""
    return re.search(r"^([A-Z0-9-]{6,})$", message.body, re.MULTILINE).group(1)


@pytest.mark.django_db
def test_signup_by_name_address_and_code(client, django_user_model):
    client.post(reverse("account_signup"), {"email": "Ada@Example.org", "name": "Ada Lovelace"})
    answer = client.post(
        reverse("account_email_verification_sent"), {"code": code_in(mail.outbox[-1])}
    )

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    person = django_user_model.objects.get()
    assert (person.email, person.name, person.has_usable_password()) == (
        "ada@example.org",
        "Ada Lovelace",
        False,
    )
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.django_db
def test_login_by_code(client):
    person = UserFactory(email="grace@example.org")

    client.post(reverse("account_request_login_code"), {"email": "grace@example.org"})
    client.post(reverse("account_confirm_login_code"), {"code": code_in(mail.outbox[-1])})

    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.django_db
def test_unknown_address_looks_like_a_known_one(client):
    UserFactory(email="known@example.org")

    known = client.post(reverse("account_request_login_code"), {"email": "known@example.org"})
    client.cookies.clear()
    unknown = client.post(reverse("account_request_login_code"), {"email": "unknown@example.org"})

    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )


@pytest.mark.django_db
def test_wrong_passwords_are_slowed_down(client):
    UserFactory(email="guessed@example.org", password="the right one")
    form = {"login": "guessed@example.org", "password": "wrong"}

    for _ in range(5):
        client.post(reverse("account_login"), form)
    client.post(reverse("account_login"), form | {"password": "the right one"})

    assert "_auth_user_id" not in client.session
