"""A second step by an app, with recovery codes; and a list of where one is signed in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Iterable
from importlib import import_module
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import URLResolver, reverse

from events.models import User
from portal.sign_in import second_step
from tests.factories import UserFactory

# Notices are sent after the commit.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def totp(secret: str, at: float | None = None) -> str:
    """The six digits that an app shows: RFC 6238, written down once more."""
    counter = struct.pack(">Q", int((at or time.time()) // 30))
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def member() -> User:
    user = UserFactory(email="ada@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def by_code(client: Client) -> Any:
    """Ask for a code, and type it."""
    client.post(reverse("account_login"), {"login": "ada@example.org"})
    code = re.search(r"^([A-Z0-9-]{6,})$", mail.outbox[-1].body, re.MULTILINE)[1]
    return client.post(reverse("account_confirm_login_code"), {"code": code})


def activated(client: Client) -> str:
    """Turn the second step on; the secret of the app."""
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'id="authenticator_secret" value="([A-Z2-7]+)"', page)[1]
    assert 'src="data:image/svg+xml' in page
    answer = client.post(reverse("mfa_activate_totp"), {"code": totp(secret)})
    assert answer.status_code == 302
    return secret


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_code_by_mail_is_not_enough_where_an_app_is_asked_for_too():
    member()
    client = Client()
    by_code(client)
    secret = activated(client)
    codes = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    recovery = re.findall(
        r"^(\d{8})$", codes.split("<textarea")[1].split("</")[0].split(">")[1], re.M
    )

    other = Client()
    first = by_code(other)
    between = is_signed_in(other)
    wrong = other.post(reverse("mfa_authenticate"), {"code": "000000"})
    # The same six digits are taken once: a code of the next half minute is still good.
    other.post(reverse("mfa_authenticate"), {"code": recovery[0]})
    third = Client()
    by_code(third)
    third.post(reverse("mfa_authenticate"), {"code": recovery[0]})

    assert len(recovery) == 10
    assert (first["Location"], between) == (reverse("mfa_authenticate"), False)
    assert "Incorrect code." in wrong.content.decode()
    assert (is_signed_in(other), is_signed_in(third)) == (True, False)
    assert secret not in codes


def test_the_admin_asks_for_the_second_step_too():
    user = member()
    user.is_staff = user.is_superuser = True
    user.save()
    client = Client()
    by_code(client)
    activated(client)

    fresh = Client()
    by_code(fresh)

    assert fresh.get("/admin/").status_code == 302
    assert not is_signed_in(fresh)


def test_superusers_help_whoever_lost_their_second_step():
    ada = member()
    client = Client()
    by_code(client)
    activated(client)
    boss = Client()
    boss.force_login(
        UserFactory(is_staff=True, is_superuser=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )

    boss.post(
        reverse("admin:events_user_changelist"),
        {"action": "remove_second_steps", "_selected_action": [ada.pk]},
    )
    again = Client()
    by_code(again)

    assert is_signed_in(again)


def test_people_see_where_they_are_signed_in_and_end_it():
    member()
    here, there = Client(), Client()
    by_code(here)
    there.defaults["HTTP_USER_AGENT"] = "Another <browser>"
    by_code(there)

    page = here.get(reverse("usersessions_list")).content.decode()
    here.post(reverse("usersessions_list"))

    assert "Another &lt;browser&gt;" in page
    assert here.get(reverse("usersessions_list")).status_code == 200
    assert there.get(reverse("usersessions_list")).status_code == 302


def test_addresses_and_names_of_the_second_step_are_allauths_own():
    """They are listed in the portal, so that their modules wait until somebody asks for one."""

    def named(patterns: Iterable[Any], before: str = "") -> dict[str, str]:
        found = {}
        for each in patterns:
            route = before + str(each.pattern)
            if isinstance(each, URLResolver):
                found |= named(each.url_patterns, route)
            else:
                found[each.name] = route
        return found

    assert named(second_step.urlpatterns) == named(import_module("allauth.mfa.urls").urlpatterns)
