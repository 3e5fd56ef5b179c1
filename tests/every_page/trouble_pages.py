"""Pages that no address of a healthy portal shows: errors, the demo's mails, the way to a provider."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from tests.every_page.site_pages import PageVisit

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.portal.support.oidc_provider import OidcProvider


def in_trouble(settings: Any, provider: OidcProvider, mails: Path) -> None:
    """Set the portal up so that each of the pages can be shown."""
    settings.ROOT_URLCONF = "tests.every_page.trouble_urls"
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    settings.SOCIALACCOUNT_PROVIDERS = provider.settings()
    settings.DEMO_MAIL_DIR = mails
    connection = get_connection("portal.demo.mail.EmailBackend")
    body = "Your code is:\n\nABCD-EFGH\n\nhttp://localhost/a/very/long/address/" + "x" * 80
    EmailMessage("Your code", body, to=["Ada <ada@example.org>"], connection=connection).send()


def trouble_pages() -> Iterator[PageVisit]:
    """The way to a provider comes first: others use its sign-in page up."""
    login = reverse("account_login")
    yield PageVisit("openid_connect_login", "", "nobody", login, way=_to_the_provider)
    yield PageVisit("400", "", "nobody", "/?q=%00", status=400)
    yield PageVisit("403", "", "member", reverse("account_reauthenticate"), status=403)
    yield PageVisit("403 of a form", "", "nobody", login, way=_without_a_token)
    yield PageVisit("429", "", "nobody", login, way=_too_often)
    yield PageVisit("500", "", "nobody", "/broken/", status=500)
    yield PageVisit("demo", "", "nobody", "/demo/")
    yield PageVisit("demo-mail", "", "nobody", "/demo/mail/")


def _to_the_provider(page: Page, site: str) -> None:
    """The page leads on by itself. An answer without content leaves the browser where it is."""

    def stay(route: Route) -> None:
        route.fulfill(status=204)

    page.route(lambda address: not address.startswith(site), stay)
    page.click("text=Sign in with Example Staff")
    page.get_by_role("heading", name="On the way to sign in").wait_for()


def _without_a_token(page: Page, site: str) -> None:
    page.context.clear_cookies()
    _send(page)
    page.get_by_role("heading", name="This form is too old").wait_for()


def _too_often(page: Page, site: str) -> None:
    _send(page)
    page.wait_for_url(f"**{reverse('account_confirm_login_code')}*")
    page.context.clear_cookies()
    page.goto(site + reverse("account_login"))
    _send(page)
    page.get_by_role("heading", name="That was a lot of attempts").wait_for()


def _send(page: Page) -> None:
    page.fill("[name=login]", "member@example.org")
    page.keyboard.press("Enter")
