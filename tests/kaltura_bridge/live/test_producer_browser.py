"""A producer's tools in a real browser: addresses that go again, the Studio, the questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from events.models import SessionStatus
from kaltura_bridge.live import ingest
from tests.accessibility import violations
from tests.browser import soon, wait_until
from tests.events.conftest import visit  # noqa: F401  (a fixture)
from tests.kaltura_bridge.live.test_launching import unpacked
from tests.kaltura_bridge.support.on_air import on_air

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

Visit = Callable[..., "Page"]
WIDTHS = [(1280, "light"), (360, "dark")]


def assert_fits(page: Page, scheme: str) -> None:
    """Nothing is hidden beyond the edge, nothing is blocked, and everybody can use it."""
    page.emulate_media(color_scheme=scheme)
    assert page.complaints == []  # axe will cause some
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_a_producer_copies_the_addresses_and_they_go_again(
    simulator,
    visit,  # noqa: F811
    monkeypatch,
    width,
    scheme,
):
    monkeypatch.setattr(ingest, "HIDDEN_AFTER", timedelta(seconds=6))
    air = on_air(simulator)
    page = visit(air.desk_url, air.people["producer"], width)
    page.get_by_role("link", name="Ingest addresses").click()
    assert page.locator("[data-copy]").count() == 0

    page.get_by_role("button", name="Show the addresses").click()
    page.locator("#server-1").wait_for()
    server, key = (page.locator(f"#{name}-1").input_value() for name in ("server", "key"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("[data-copy=key-1]").click()
    assert soon(lambda: page.locator("[data-copy=key-1]").inner_text().startswith("Copied"))
    assert page.evaluate("navigator.clipboard.readText()") == key
    assert_fits(page, scheme)

    page.get_by_role("button", name="Show the addresses").wait_for()
    assert key not in page.content()
    assert simulator.encode(server, key) == air.entry_id


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_a_producer_opens_the_studio(simulator, visit, width, scheme):  # noqa: F811
    air = on_air(simulator)
    page = visit(air.desk_url, air.people["producer"], width)
    page.get_by_role("link", name="Webcasting Studio").click()
    page.get_by_role("button", name="Open on Windows").wait_for()
    assert_fits(page, scheme)
    assert not page.locator("[data-help]").is_visible()

    page.evaluate("window.stays = true")
    with page.expect_response("**/live/studio/launch/") as answered:
        page.get_by_role("button", name="Open on Windows").click()

    told = unpacked(answered.value.headers["location"])
    assert (told["MediaEntryId"], told["uiConfID"]) == (air.entry_id, "1202")
    assert answered.value.frame.parent_frame == page.main_frame
    # The page is the same one, with its help, and none of its policy stood in the way.
    page.get_by_role("heading", name="Nothing opens?").wait_for()
    assert page.evaluate("window.stays") and page.url.endswith("/live/studio/")
    assert [text for text in page.complaints if "Content Security" in text] == []


def test_who_may_no_longer_open_the_studio_is_told_so(simulator, visit):  # noqa: F811
    air = on_air(simulator)
    page = visit(f"{air.desk_url}studio/", air.people["producer"])
    air.session.status = SessionStatus.CANCELLED
    air.session.save()

    page.get_by_role("button", name="Open on Windows").click()

    page.locator("[data-launch]").first.wait_for(state="detached")
    assert page.url.endswith("/live/studio/")


def test_the_program_for_this_system_comes_first_and_help_comes_later(simulator, visit):  # noqa: F811
    air = on_air(simulator)
    page = visit(air.desk_url, air.people["producer"])
    page.add_init_script(
        "Object.defineProperty(navigator, 'userAgentData', {value: {platform: 'macOS', mobile: false}})"
    )
    page.goto(page.url + "studio/")
    first = page.locator("form[data-system]").first

    assert first.get_attribute("data-system") == "osx"
    assert page.locator("[data-no-system]").is_hidden()
    page.route("**/launch/", lambda route: route.fulfill(status=204))
    first.get_by_role("button").click()
    wait_until(page, "!document.querySelector('[data-help]').hidden")


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_a_moderator_opens_the_questions_in_a_tab_of_its_own(
    simulator,
    visit,  # noqa: F811
    width,
    scheme,
):
    air = on_air(simulator)
    page = visit(air.desk_url, air.people["moderator"], width)
    assert page.get_by_role("link", name="Ingest addresses").count() == 0
    page.get_by_role("link", name="Moderator view").click()
    page.get_by_role("button", name="Open the moderator view").wait_for()
    assert_fits(page, scheme)

    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Open the moderator view").click()

    there = opened.value
    there.locator("main[data-moderates]").wait_for()
    assert there.locator("main").get_attribute("data-moderates") == air.entry_id
    assert there.evaluate("document.referrer") == ""


def test_others_are_told_what_they_are_told_of_nothing(simulator, visit):  # noqa: F811
    air = on_air(simulator)
    for who in ("attendee", "stranger"):
        page = visit(air.desk_url, air.people[who])
        for tool in ("", "ingest/", "studio/", "questions/"):
            answer = page.goto(page.url.split("/live/")[0] + f"/live/{tool}")
            assert answer and answer.status == 404, (who, tool)
