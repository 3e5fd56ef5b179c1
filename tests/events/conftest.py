"""Browsers for the attendee pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as django_settings
from django.test import Client

from events.models import User

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page


@pytest.fixture
def visit(chromium: Browser, live_portal: str) -> Iterator[Callable[..., Page]]:
    """Opens a page in a browser made for it: ``visit(path, user=..., width=..., **context)``.

    What scripts, the console and the policy complained about is in ``page.complaints``.
    """
    contexts: list[BrowserContext] = []

    def open_page(path: str, user: User | None = None, width: int = 1280, **more: object) -> Page:
        options = {"locale": "en-GB", "timezone_id": "Europe/Berlin", **more}
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        if user:
            context.add_cookies([_login_cookie(user, live_portal)])
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda message: _note(page.complaints, message))
        page.goto(live_portal + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def _note(complaints: list[str], message: object) -> None:
    # A page that is meant to be missing makes the browser say so.
    is_status = re.search(r"status of 4\d\d", message.text)
    if message.type in ("error", "warning") and not is_status:
        complaints.append(message.text)


def _login_cookie(user: User, url: str) -> dict[str, str]:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    name = django_settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}
