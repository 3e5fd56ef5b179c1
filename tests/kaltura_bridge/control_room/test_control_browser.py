"""A control room that stays open: it renews itself, fits, reads, and says when it is old."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.sessions.models import Session as SignIn
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from events.models import OutgoingMail, Session
from events.outbox.sending import send_due
from kaltura_bridge.join_tests import service
from kaltura_bridge.live.state import forget_state
from kaltura_bridge.models import JoinTest
from tests.accessibility import violations
from tests.browser import wait_until
from tests.every_page.situation import login_cookie
from tests.kaltura_bridge.support.on_air import on_air

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Browser, Page, Route

pytestmark = pytest.mark.django_db(transaction=True)


JOIN_CELL = "document.querySelector('[data-cell=join-test]').innerText"


def join_now(session: Session) -> None:
    """What beat does when it is the session's turn, and with the mails after that."""
    JoinTest.objects.filter(session=session).update(next_at=timezone.now())
    assert service.run_due(20) == 1
    OutgoingMail.objects.filter(kind="join_test").update(due_at=timezone.now())
    send_due(for_s=10)


def held_look(page: Page) -> tuple[Route, APIResponse]:
    """A look of the page that the portal has answered, and whose answer is still on its way."""
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/state/", lambda route: held.append((route, route.fetch())), times=1)
    page.evaluate("dispatchEvent(new Event('online'))")
    while not held:
        page.wait_for_timeout(20)
    return held[0]


def test_control_room_is_left_open_on_a_wall(chromium: Browser, simulator, live_portal):
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    air = on_air(simulator)
    producer = air.people["producer"]
    assert producer
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text))
    page.context.add_cookies([login_cookie(producer, live_portal)])
    url = reverse("admin:kaltura_bridge_control_room", args=[air.session.event_id])
    page.goto(live_portal + url)
    cell = page.locator("[data-cell=air] .control-word")
    assert cell.inner_text().split() == ["✗", "Off", "air"]
    assert page.locator(".control-left").inner_text().endswith("left")

    simulator.switch(air.entry_id, "on_air")
    forget_state(air.entry_id)
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(page, "document.querySelector('[data-cell=air]').innerText.includes('Live')")
    # axe styles what it measures, which the policy refuses with a complaint.
    assert said == []
    assert violations(page) == []
    assert "Nothing needs you" in page.locator("[data-summary]").inner_text()

    simulator.fault("kaf.view-entry", "error_page", message="Access denied", times=None)
    page.get_by_role("button", name="Test joining").click()
    assert "is being joined" in page.locator(".messagelist").inner_text()
    late = held_look(page)
    join_now(air.session)
    join_now(air.session)
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(page, f"{JOIN_CELL}.includes('tells of an error')")
    # The answer of an earlier look, which knew the row as it was, comes last.
    late[0].fulfill(response=late[1])
    page.wait_for_timeout(100)
    assert "tells of an error" in page.locator("[data-rows]").inner_text()
    assert "1 session needs somebody" in page.locator("[data-summary]").inner_text()
    simulator.clear_faults()
    join_now(air.session)
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(page, f"{JOIN_CELL}.includes('Well')")
    told = [each.subject for each in mail.outbox if each.to == [producer.email]]
    title = air.session.title
    assert told == [f"Viewers could not join: {title}", f"Viewers can join again: {title}"]

    for width, scheme in ((360, "dark"), (1920, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []
    page.get_by_role("link", name="Large type, for a wall").click()
    assert page.locator("#header").is_hidden()
    assert violations(page) == []

    SignIn.objects.all().delete()
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(page, "!document.querySelector('[data-away]').hidden")
    assert page.locator("[data-away]").inner_text().startswith("You are signed out.")
    assert page.get_by_role("link", name="Sign in again").is_visible()
    context.close()
