"""Two browsers with one form open, and a long form in sections."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from events.models import Event, Session, TeamRole, User
from tests.accessibility import violations
from tests.browser import wait_until
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

Visit = Callable[..., "Page"]


@pytest.fixture
def session() -> Session:
    return SessionFactory(event=EventFactory(), title="Keynote", location="Hall")


def editor(event: Event, name: str) -> User:
    user = UserFactory(name=name, is_staff=True)
    TeamMemberFactory(event=event, user=user, role=TeamRole.MANAGER)
    return user


def section(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Sections of this form").get_by_role(
        "link", name=name
    ).click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and continue editing").click()


def test_two_who_edit_see_each_other_and_settle_what_both_changed(visit: Visit, session: Session):
    path = f"/admin/events/session/{session.pk}/change/#section-when"
    ada = visit(path, user=editor(session.event, "Ada"))
    ben = visit(path, user=editor(session.event, "Ben"))
    ben.get_by_text("Ada is editing this too (since").wait_for()

    # Different fields: both stay.
    ada.locator("#id_location").fill("Saal 1")
    save(ada)
    ada.get_by_text("was changed successfully").wait_for()
    section(ben, "Texts")
    ben.locator("#id_abstract").fill("Ben's words.")
    save(ben)
    ben.get_by_text("Ada changed Room to “Saal 1” meanwhile; that was kept.").wait_for()

    # The same field: asked, and the answer decides.
    section(ada, "General")
    ada.locator("#id_title").fill("Ada's title")
    section(ben, "General")
    ben.locator("#id_title").fill("Ben's title")
    save(ada)
    ada.get_by_text("was changed successfully").wait_for()
    save(ben)
    question = ben.get_by_role("group", name="Title")
    question.wait_for()
    shown = question.inner_text()
    complaints = list(ben.complaints)  # before the checker's own styles
    found = violations(ben, "#content")
    question.get_by_label("Saved by Ada").check()
    save(ben)
    ben.get_by_text("was changed successfully").wait_for()

    session.refresh_from_db()
    assert [each in shown for each in ("Keynote", "Ada's title", "Ben's title")] == [True] * 3
    assert (session.title, session.location, session.abstract) == (
        "Ada's title",
        "Saal 1",
        "Ben's words.",
    )
    assert (complaints, found) == ([], [])

    # One deletes it while the other writes.
    section(ben, "Texts")
    ben.locator("#id_abstract").fill("More of Ben's words.")
    section(ada, "Delete")
    ada.get_by_role("link", name="Delete…").click()
    ada.get_by_role("button", name="Yes, I’m sure").click()
    ada.get_by_text("was deleted successfully").wait_for()
    save(ben)
    ben.get_by_text("Ada deleted this while you were writing").wait_for()
    assert ben.get_by_label("Abstract").input_value() == "More of Ben's words."
    assert violations(ben, "#content") == []


@pytest.mark.parametrize(
    ("width", "more"),
    [
        (1280, {"color_scheme": "light"}),
        (360, {"color_scheme": "dark", "locale": "he-IL"}),
    ],
)
def test_long_form_keeps_hidden_sections_and_opens_the_one_in_error(
    visit: Visit, session: Session, width: int, more: dict[str, str]
):
    SessionSpeakerFactory(session=session, speaker=SpeakerFactory(event=session.event))
    path = f"/admin/events/session/{session.pk}/change/"
    page = visit(path, user=editor(session.event, "Ada"), width=width, **more)
    nav = page.locator(".section-nav a")
    save_button = page.locator("[name=_continue]")

    # Typed in two sections, one of them wrong, and saved from a third.
    page.locator("#id_title").fill("Opening")
    nav.nth(1).press("Enter")
    page.locator("#id_ends_at_1").fill("01:00")
    wait_until(page, "document.querySelector('.unsaved').textContent.includes('2')")
    edited = page.locator("[data-edited]:visible").count()
    nav.nth(2).click()
    address = page.url
    in_view = save_button.bounding_box()["y"] < 900
    save_button.click()
    page.locator(".section-errors").wait_for()

    assert (edited, address.endswith("#section-texts"), in_view) == (2, True, True)
    assert page.locator("#id_ends_at_1").is_visible()
    assert nav.nth(1).get_attribute("data-wrong") is not None
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(wide)
    assert list(page.complaints) == []
    assert violations(page, "#content") == []

    page.locator("#id_ends_at_1").fill("23:00")
    save_button.click()
    wait_until(page, "document.querySelector('.messagelist .success') !== null")
    session.refresh_from_db()
    assert (session.title, session.appearances.count()) == ("Opening", 1)


def test_unsaved_form_asks_before_it_is_left(visit: Visit, session: Session):
    page = visit(f"/admin/events/session/{session.pk}/change/", user=editor(session.event, "Ada"))
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator("#id_title").fill("Opening")
    page.get_by_text("Unsaved changes: 1").wait_for()
    page.locator("#site-name a").click()
    wait_until(page, "document.querySelector('#id_title').value === 'Opening'")
    stayed = page.url.split("#")[0]
    save(page)
    page.get_by_text("was changed successfully").wait_for()
    page.locator("#site-name a").click()
    page.wait_for_url("**/admin/")

    assert (asked, stayed.endswith("/change/")) == (["beforeunload"], True)
