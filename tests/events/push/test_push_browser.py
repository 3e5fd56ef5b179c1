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


def registration_of(page, tools) -> str:
    """The number under which the browser's tools know the portal's worker."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    registrations = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(told["registrations"]),
    )
    tools.send("ServiceWorker.enable")
    assert soon(lambda: bool(registrations) or page.evaluate("false"))
    return registrations[0]["registrationId"]


def deliver(page, site: str, message: dict[str, str], times: int = 1) -> None:
    """As the push service would, so often; again if the browser lost it while it was busy."""
    page.context.grant_permissions(["notifications"], origin=site)
    tools = page.context.new_cdp_session(page)
    number = registration_of(page, tools)

    def send() -> bool:
        tools.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": site, "registrationId": number, "data": json.dumps(message)},
        )
        page.wait_for_timeout(500)
        return bool(page.evaluate(SHOWN))

    shown = [send() for _ in range(times)][-1]
    assert shown or soon(send)


def test_message_is_shown_once_however_often_it_comes(visit, live_portal):
    page = visit(f"/e/{EventFactory().slug}/agenda/")
    message = {"title": "Maps", "body": "Starts at 10:00", "path": "/e/x/", "tag": "t"}

    deliver(page, live_portal, message, times=2)

    assert soon(lambda: page.evaluate(SHOWN) == [["Maps", "Starts at 10:00", "/e/x/"]])
    assert page.complaints == []


# A click on a notification is the operating system's: no tool of the browser makes one. So the
# worker hears of one from here, and what it asks the browser for, which only does it after a real
# click, is written down.
CLICKED = """async () => {
    const asked = [];
    self.clients.openWindow = async (url) => { asked.push(["open", url]); };
    self.WindowClient.prototype.focus = async function () { asked.push(["focus", this.url]); };
    const [notification] = await self.registration.getNotifications();
    const event = new NotificationEvent("notificationclick", { notification });
    let done = Promise.resolve();
    event.waitUntil = (promise) => { done = promise; };
    self.dispatchEvent(event);
    await done;
    return [asked, (await self.registration.getNotifications()).length];
}"""


@pytest.mark.parametrize(
    ("path", "asks"),
    [
        ("/e/days/sessions/maps/", [["open", "{site}/e/days/sessions/maps/"]]),
        ("/e/days/agenda/", [["focus", "{site}/e/days/agenda/"]]),
        ("https://elsewhere.example/", []),
        ("//elsewhere.example/e/days/", []),
    ],
)
def test_a_click_opens_the_page_or_the_tab_that_has_it(visit, live_portal, path, asks):
    EventFactory(slug="days")
    page = visit("/e/days/agenda/")
    deliver(page, live_portal, {"title": "Maps", "body": "Moved", "path": path, "tag": "t"})
    assert soon(lambda: page.evaluate(SHOWN) == [["Maps", "Moved", path]])

    [worker] = page.context.service_workers
    asked, left = worker.evaluate(CLICKED)

    assert (asked, left) == ([[how, url.format(site=live_portal)] for how, url in asks], 0)


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
