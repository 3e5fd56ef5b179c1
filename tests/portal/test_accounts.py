"""People sign up with a name and an address, and log in by code or password."""

import re

import pytest
from allauth.account.models import EmailAddress
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
@pytest.mark.parametrize(
    ("page", "field"), [("account_login", "login"), ("account_request_login_code", "email")]
)
def test_one_code_signs_in_somebody_whom_a_manager_has_added(client, page, field):
    person = UserFactory(email="grace@example.org")

    client.post(reverse(page), {field: "grace@example.org"})
    client.post(reverse("account_confirm_login_code"), {"code": code_in(mail.outbox[-1])})

    assert len(mail.outbox) == 1
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.django_db
def test_login_by_password_goes_where_the_visitor_wanted(client):
    person = UserFactory(email="grace@example.org", password="a long password")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    page = client.get(reverse("account_login"), {"next": "/accounts/email/"}).content.decode()
    [link] = re.findall(r'href="(/accounts/login/password/[^"]*)"', page)

    form = {"login": "grace@example.org", "password": "a long password"}
    answer = client.post(link, form)

    assert link == "/accounts/login/password/?next=/accounts/email/"
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/email/")
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
    person = UserFactory(email="guessed@example.org", password="the right one")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    form = {"login": "guessed@example.org", "password": "wrong"}

    for _ in range(5):
        client.post(reverse("account_login_password"), form)
    answer = client.post(reverse("account_login_password"), form | {"password": "the right one"})

    assert "Too many failed login attempts" in answer.content.decode()
    assert "_auth_user_id" not in client.session
