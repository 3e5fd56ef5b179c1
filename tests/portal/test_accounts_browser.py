"""The pages about one's account in a real browser: passkeys, the policy, and axe."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.test import Client

from events.models import User
from tests.accessibility import violations
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = {
    "email": "/accounts/email/",
    "password": "/accounts/password/set/",
    "second step": "/accounts/2fa/",
    "app": "/accounts/2fa/totp/activate/",
    "keys": "/accounts/2fa/webauthn/",
    "new key": "/accounts/2fa/webauthn/add/",
    "codes": "/accounts/2fa/recovery-codes/generate/",
    "sessions": "/accounts/sessions/",
    "connections": "/accounts/3rdparty/",
}


def member() -> User:
    user = UserFactory(email="ada@example.org", name="Ada")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(page: Any, live_server: Any, user: User) -> None:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    name = django_settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    page.context.add_cookies([cookie])


@pytest.mark.parametrize("width", [360, 1280])
def test_account_pages_are_clean_at_every_width(page: Any, live_server: Any, width: int):
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/accounts/login/")
    wrong = {"sign in": violations(page)}
    sign_in(page, live_server, member())
    wide = []
    for name, path in PAGES.items():
        said_before = len(said)
        page.goto(live_server.url + path)
        assert said[said_before:] == [], (name, said)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(name)
        wrong[name] = violations(page)

    assert {name: found for name, found in wrong.items() if found} == {}
    assert wide == []


def test_a_passkey_is_made_and_signs_in_by_itself(page: Any, live_server: Any):
    """With Chromium's own virtual authenticator: the whole ceremony, and no code by mail."""
    site = live_server.url.replace("127.0.0.1", "localhost")
    live_server_like = type("Server", (), {"url": site})
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, live_server_like, member())

    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    page.get_by_label("Name").fill("My laptop")
    if page.locator("#id_passwordless").count():
        page.locator("#id_passwordless").check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/recovery-codes/**")
    made = Authenticator.objects.get(type="webauthn")
    page.context.clear_cookies()
    page.goto(f"{site}/accounts/login/?next=/me/agenda/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{site}/me/agenda/")

    assert made.wrap().name == "My laptop"
    assert made.wrap().is_passwordless
    assert page.get_by_role("heading", level=1).inner_text() == "My agenda"
