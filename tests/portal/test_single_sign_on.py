"""Signing in with an OpenID Connect provider, against one on loopback over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from events.models import User
from tests.factories import UserFactory
from tests.portal.support.oidc_provider import OidcProvider, running_provider

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

LOGIN = "/accounts/oidc/sso/login/?process=login"


@pytest.fixture
def provider(settings: Any) -> Iterator[OidcProvider]:
    with running_provider() as running:
        settings.SOCIALACCOUNT_PROVIDERS = running.settings()
        running.person = {
            "sub": "17",
            "email": "ada@example.org",
            "email_verified": True,
            "name": "Ada\u202e Lovelace",
        }
        yield running


def go(client: Client, login: str = LOGIN) -> Any:
    """Press the button, pass by the provider, and come back."""
    page = client.post(login)
    address = unescape(re.search(r'content="0;url=([^"]+)"', page.content.decode())[1])
    back = requests.get(address, allow_redirects=False, timeout=5).headers["Location"]
    return client.get(back.removeprefix("http://testserver").removeprefix("http://localhost:8000"))


def who(client: Client) -> str:
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk).email if pk else ""


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_the_button_is_there_only_where_a_provider_is_set(provider: OidcProvider, settings: Any):
    with_one = Client().get("/accounts/login/?next=/me/agenda/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    without = Client().get("/accounts/login/").content.decode()

    assert "Sign in with Example Staff" in with_one
    assert "oidc" not in without


def test_somebody_new_gets_an_account_with_their_name(provider: OidcProvider):
    client = Client()

    answer = go(client)

    user = User.objects.get()
    assert (answer.status_code, answer["Location"], who(client)) == (302, "/", "ada@example.org")
    assert (user.name, user.has_usable_password()) == ("Ada Lovelace", False)
    assert EmailAddress.objects.get().verified
    assert SocialToken.objects.count() == 0


def test_whom_the_provider_vouches_for_is_who_has_that_address_here(provider: OidcProvider):
    ada = UserFactory(email="ada@example.org", name="Ada L.")
    client = Client()

    go(client)

    assert (who(client), User.objects.count()) == ("ada@example.org", 1)
    assert SocialAccount.objects.get().user == ada
    again = Client()
    provider.person["email"] = "moved@example.org"
    go(again)
    assert who(again) == "ada@example.org"


def test_an_address_that_the_provider_did_not_verify_opens_no_account(provider: OidcProvider):
    UserFactory(email="ada@example.org")
    provider.person["email_verified"] = False
    client = Client()

    go(client)

    assert (who(client), SocialAccount.objects.count()) == ("", 0)


def test_nothing_is_believed_without_our_own_state_and_a_good_code(provider: OidcProvider):
    client = Client()
    page = client.post(LOGIN).content.decode()
    state = re.search(r"state=([^&\"]+)", unescape(page))[1]
    callback = "/accounts/oidc/sso/login/callback/"

    forged = Client().get(f"{callback}?code=x&state={state}")
    wrong = client.get(f"{callback}?code=made-up&state={state}")

    assert [answer.status_code for answer in (forged, wrong)] == [401, 401]
    assert (who(client), User.objects.count()) == ("", 0)


def test_a_provider_that_is_away_is_said_in_words(provider: OidcProvider):
    provider.answers = False

    answer = Client().post(LOGIN)

    assert (answer.status_code, answer["Location"]) == (302, reverse("account_login"))
    assert told(answer) == [
        "The sign-in service does not answer. Try again later, or use a code by mail."
    ]


def test_no_provider_of_another_name_exists(provider: OidcProvider):
    answers = [Client().get(f"/accounts/oidc/{name}/login/") for name in ("other", "…")]

    assert [answer.status_code for answer in answers] == [404] * 2
