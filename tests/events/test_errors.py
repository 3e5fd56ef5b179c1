"""When something goes wrong, the page says so in our words and leads on."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import Client, RequestFactory
from django.views import defaults

from tests.factories import EventFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_missing_page():
    response = Client().get("/e/nothing/agenda/")

    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()
    assert "/accounts/login/?next=/e/nothing/agenda/" in response.content.decode().replace(
        "%2F", "/"
    )


@pytest.mark.parametrize(
    ("view", "error", "status", "text"),
    [
        (defaults.bad_request, SuspiciousOperation(), 400, "That request made no sense to us"),
        (defaults.permission_denied, PermissionDenied(), 403, "This page is not for this account"),
    ],
)
def test_refusals(view, error, status, text):
    response = view(RequestFactory().get("/"), error)

    assert (response.status_code, text in response.content.decode()) == (status, True)


def test_server_error_needs_no_database_and_no_context(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = defaults.server_error(RequestFactory().get("/"))

    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()


def test_an_expired_form():
    event, client = EventFactory(), Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")

    response = client.post(f"/e/{event.slug}/register/")

    assert response.status_code == 403
    assert "This form is too old" in response.content.decode()


def test_too_many_attempts(settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client = Client()
    for _ in range(2):
        response = client.post("/accounts/login/", {"login": "ada@example.org"})

    assert response.status_code == 429
    assert "That was a lot of attempts" in response.content.decode()
