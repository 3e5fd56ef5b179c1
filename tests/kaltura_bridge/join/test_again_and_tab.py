"""The room loaded again, and in a tab of its own: by new tickets, never by force."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from events.models import Session, SessionType
from kaltura_bridge.models import LaunchTicket
from tests.browser import wait_until
from tests.factories import EventFactory, UserFactory
from tests.kaltura_bridge.join.test_kaf import at_kaltura, sign_in
from tests.kaltura_bridge.support.joining import (
    attendee_of,
    frame_url,
    join_url,
    linked,
    live_session,
    signed_in,
)

KAF = "https://101.kaf.example.org"
OPEN_HERE = re.compile(r'<a class="button" href="([^"]+)" rel="noreferrer">')


@pytest.fixture
def session(db: Any, settings: Any) -> Session:
    settings.KALTURA_KAF_URL = KAF
    found = live_session(session_type=SessionType.INTERACTIVE)
    linked(found)
    return found


def tab_link(page: Any) -> str:
    found = OPEN_HERE.search(page.content.decode())
    assert found, page.content.decode()
    return unescape(found[1])


def test_a_new_ticket_opens_the_frame_again(session):
    client = signed_in(attendee_of(session))
    client.get(frame_url(client.get(join_url(session))))

    answer = client.get(f"{join_url(session)}ticket/")
    again = client.get(answer.json()["frame"])

    assert answer["Cache-Control"] == "no-store, private"
    assert again["Location"].startswith(f"{KAF}/embeddedrooms/index/view-room/ks/")
    assert LaunchTicket.objects.count() == 2


def test_a_ticket_is_for_who_may_enter_only(session):
    said = [
        (answer.status_code, answer.json())
        for client in (Client(), signed_in(UserFactory()))
        for answer in [client.get(f"{join_url(session)}ticket/")]
    ]
    hidden = live_session(event=EventFactory(is_public=False))

    assert said == [(403, {"denied": "sign_in"}), (403, {"denied": "register"})]
    assert Client().get(f"{join_url(hidden)}ticket/").status_code == 404


def test_a_tab_of_its_own_says_what_it_is_and_opens_by_a_link_of_ours(session):
    client = signed_in(attendee_of(session))

    page = client.get(f"{join_url(session)}tab/")
    opened = client.get(tab_link(page), headers={"Sec-Fetch-Site": "same-origin"})
    again = client.get(tab_link(page), headers={"Sec-Fetch-Site": "same-origin"})

    assert "101.kaf.example.org" in page.content.decode()
    assert (page["Referrer-Policy"], "/ks/" in page.content.decode()) == ("no-referrer", False)
    assert opened["Location"].startswith(f"{KAF}/embeddedrooms/index/view-room/ks/")
    assert (opened["Cache-Control"], opened["Referrer-Policy"]) == (
        "no-store, private",
        "no-referrer",
    )
    assert (again.status_code, 'data-denied="ticket"' in again.content.decode()) == (403, True)


def test_a_tabs_address_sent_on_or_typed_opens_nothing(session):
    client = signed_in(attendee_of(session))
    link = tab_link(client.get(f"{join_url(session)}tab/"))

    typed = client.get(link, headers={"Sec-Fetch-Site": "none"})
    elsewhere = signed_in(attendee_of(session)).get(link)

    assert (typed.status_code, elsewhere.status_code) == (200, 403)
    assert LaunchTicket.objects.count() == 0
    assert client.get(link, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302


def test_who_may_not_enter_reads_why_in_the_tab_too(session):
    page = signed_in(UserFactory()).get(f"{join_url(session)}tab/")

    assert (page.status_code, 'data-denied="register"' in page.content.decode()) == (403, True)


@pytest.mark.parametrize(("language", "locale"), [("de", "de"), ("he", "he"), ("en", "en")])
def test_kalturas_page_is_in_the_language_of_ours(session, language, locale):
    from tests.environment import ADMIN_SECRET
    from tests.kaltura_bridge.api.test_ks import decode

    client = signed_in(attendee_of(session))
    client.cookies["language"] = language

    address = client.get(frame_url(client.get(join_url(session))))["Location"]

    assert decode(address.rsplit("/", 1)[1], ADMIN_SECRET)["locale"] == locale


# --- In a browser -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_the_room_is_loaded_again_on_wish_and_never_by_itself(
    simulator, live_portal, page
):
    session = at_kaltura(simulator, session_type=SessionType.INTERACTIVE)
    sign_in(page, live_portal, attendee_of(session, name="Jane Doe"))
    page.goto(live_portal + join_url(session))
    inside = page.frame_locator("iframe").get_by_text("Jane Doe").first
    inside.wait_for()
    address = page.locator("iframe").get_attribute("src")

    page.evaluate("dispatchEvent(new Event('offline')); dispatchEvent(new Event('online'))")
    page.get_by_text("Your browser was away for a while.").wait_for()
    untouched = page.locator("iframe").get_attribute("src")
    page.locator("[data-away]").get_by_role("button", name="Load the room again").click()
    wait_until(page, f"document.querySelector('iframe').getAttribute('src') !== {address!r}")
    inside.wait_for()

    assert untouched == address
    assert not page.get_by_text("Your browser was away for a while.").is_visible()
    assert LaunchTicket.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_a_tab_shows_the_room_without_a_frame(simulator, live_portal, page):
    session = at_kaltura(simulator, session_type=SessionType.INTERACTIVE)
    sign_in(page, live_portal, attendee_of(session, name="Jane Doe"))
    page.goto(live_portal + join_url(session))
    page.locator(".stage-help summary").click()

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open in a tab of its own").click()
    tab = opened.value
    tab.get_by_role("link", name="Open the room here").click()

    tab.get_by_text("Jane Doe").first.wait_for()
    assert tab.url.startswith(f"{simulator.url}/embeddedrooms/index/view-room/")


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_no_message_makes_the_frame_boundless(simulator, live_portal, page):
    session = at_kaltura(simulator, session_type=SessionType.INTERACTIVE)
    sign_in(page, live_portal, attendee_of(session, name="Jane Doe"))
    page.goto(live_portal + join_url(session))
    page.frame_locator("iframe").get_by_text("Jane Doe").first.wait_for()
    kaf = next(frame for frame in page.frames if frame.url.startswith(simulator.url))
    height = "document.querySelector('[data-stage]').clientHeight"
    before = page.evaluate(height)

    for said in (
        "-5000",
        "0",
        "'1e309'",
        "'nonsense'",
        "null",
        'JSON.parse(\'{"subject": "lti.frameResize", "height": 1900}\')',
        "JSON.stringify({subject: 'lti.other', height: 1900})",
        "JSON.stringify({subject: 'lti.frameResize', height: -1})",
        "JSON.stringify({subject: 'lti.frameResize', height: 'x'})",
    ):
        kaf.evaluate(f"window.parent.postMessage({said}, '*')")
    page.wait_for_timeout(200)
    unmoved = page.evaluate(height)
    huge = "JSON.stringify({subject: 'lti.frameResize', height: 900000})"
    kaf.evaluate(f"window.parent.postMessage({huge}, '*')")
    wait_until(page, f"{height} > {before}")

    assert unmoved == before
    assert page.evaluate(height) <= 2400
