"""Notifications in a real browser; what comes from the push service is handed in by its tools."""

from __future__ import annotations

import json

import pytest

from events.models import PushSubscription
from events.push.keys import new_key
from tests.accessibility import violations
from tests.browser import soon
from tests.events.support.push_service import FakeBrowser
from tests.factories import EventFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

SHOWN = """navigator.serviceWorker.ready
    .then((worker) => worker.getNotifications())
    .then((all) => all.map(({ title, body, data }) => [title, body, data.path]))"""


@pytest.fixture(autouse=True)
def keyed(settings):
    settings.WEB_PUSH_KEY = new_key()
    settings.OFFLINE_PAGES = True


def test_message_is_shown_once_however_often_it_comes(visit, live_portal):
    page = visit(f"/e/{EventFactory().slug}/agenda/")
    page.context.grant_permissions(["notifications"], origin=live_portal)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    tools, registrations = page.context.new_cdp_session(page), []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(told["registrations"]),
    )
    tools.send("ServiceWorker.enable")
    assert soon(lambda: bool(registrations) or page.evaluate("false"))
    message = {"title": "Maps", "body": "Starts at 10:00", "path": "/e/x/", "tag": "t"}

    for _ in range(2):
        tools.send(
            "ServiceWorker.deliverPushMessage",
            {
                "origin": live_portal,
                "registrationId": registrations[0]["registrationId"],
                "data": json.dumps(message),
            },
        )

    assert soon(lambda: page.evaluate(SHOWN) == [["Maps", "Starts at 10:00", "/e/x/"]])
    assert page.complaints == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_browsers_are_listed_and_turned_off(visit, width, scheme):
    user, browser = UserFactory(), FakeBrowser()
    PushSubscription.objects.create(
        user=user,
        endpoint="http://127.0.0.1:9/one",
        p256dh=browser.p256dh,
        auth=browser.auth,
        browser="Firefox, Linux",
    )
    page = visit("/me/news/", user=user, width=width, color_scheme=scheme)

    # Nobody is asked before they click.
    assert page.evaluate("Notification.permission") != "granted"
    assert page.locator("[data-push-start]").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert (page.complaints, violations(page)) == ([], [])
    page.get_by_role("button", name="No more notifications in Firefox, Linux").click()

    page.wait_for_selector("text=This browser shows no notifications any more.")
    assert not PushSubscription.objects.exists()
