"""What people do from beginning to end, each in one sitting at a real browser."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from events.models import Bookmark, ProfilePicture, Registration, SessionFeedback, User
from tests.events.profile.test_profile import an_image
from tests.events.test_browser import a_congress, overflow
from tests.factories import BookmarkFactory, RegistrationFactory, UserFactory
from tests.portal.test_second_step import totp

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[(1280, "light"), (360, "dark")], ids=["desktop", "phone-dark"])
def visit(visit, request):
    """Every flow is walked at a desktop's width, and in the dark on a phone."""
    width, scheme = request.param
    return lambda path, **options: visit(
        path, **{"width": width, "color_scheme": scheme, **options}
    )


def site_of(page: Page) -> str:
    found = re.match(r"https?://[^/]+", page.url)
    assert found
    return found[0]


def html_of(page: Page) -> tuple[str | None, str | None]:
    html = page.locator("html")
    return html.get_attribute("lang"), html.get_attribute("dir")


# --- One's own ------------------------------------------------------------------------------


def test_a_person_sets_picture_and_language_and_pages_follow(visit, tmp_path):
    file = tmp_path / "ada.jpg"
    file.write_bytes(an_image("JPEG", (600, 800)))
    ada = UserFactory(name="Ada")
    page = visit("/me/profile/", user=ada)

    page.fill("[name=name]", "Ada Lovelace")
    page.set_input_files("[name=picture]", file)
    page.select_option("[name=language]", "de")
    page.click("main form button:has-text('Save')")
    page.wait_for_selector(".profile-picture img")

    assert html_of(page) == ("de", "ltr")
    page.goto(f"{site_of(page)}/me/agenda/")
    assert page.locator("h1").inner_text() == "Mein Programm"
    ada.refresh_from_db()
    assert (ada.name, ada.language) == ("Ada Lovelace", "de")
    assert ProfilePicture.objects.filter(user=ada).exists()
    page.goto(f"{site_of(page)}/me/profile/")
    page.check("[name=remove_picture]")
    page.click("main form button:not([type=button])")
    page.wait_for_selector(".notices")
    assert not ProfilePicture.objects.exists()
    assert page.complaints == []


def test_a_person_takes_their_data_along_and_leaves(visit):
    session = a_congress()
    ada = UserFactory(email="ada@example.org", name="Ada")
    RegistrationFactory(event=session.event, user=ada)
    BookmarkFactory(user=ada, session=session)
    page = visit("/me/data/", user=ada)

    with page.expect_download() as waiting:
        page.click("text=Download as JSON")
    taken = json.loads(waiting.value.path().read_text("utf-8"))
    page.fill("[name=address]", "somebody@example.org")
    page.click("text=Erase my account and my data")
    page.wait_for_selector(".errorlist")
    assert User.objects.filter(pk=ada.pk, is_active=True).exists()
    page.fill("[name=address]", "ada@example.org")
    page.click("text=Erase my account and my data")
    page.wait_for_selector("text=Your account and your data are erased.")

    assert "ada@example.org" in json.dumps(taken) and "Live session" in json.dumps(taken)
    assert not User.objects.filter(email="ada@example.org").exists()
    # The star still counts, as that of somebody without a name.
    assert Bookmark.objects.get().user.email != "ada@example.org"
    assert page.locator(".site-account >> text=Sign in").is_visible()
    assert page.complaints == []


def test_feedback_is_given_once_and_changed(visit):
    session = a_congress().event.sessions.get(slug="over")
    ada = RegistrationFactory(event=session.event).user
    page = visit(session.get_absolute_url(), user=ada)

    page.click("text=Give feedback")
    page.locator(".rating-star").nth(3).click()
    page.fill("[name=text]", "Clear and fast.")
    page.click("main form .actions button >> nth=0")
    page.wait_for_selector("text=Thank you for your feedback.")
    page.click("text=Change my feedback")
    assert page.input_value("[name=text]") == "Clear and fast."
    page.locator(".rating-star").nth(1).click()
    page.click("main form .actions button >> nth=0")
    page.wait_for_selector("text=You gave 2 stars.")

    said = list(SessionFeedback.objects.values_list("user", "stars", "text"))
    assert said == [(ada.pk, 2, "Clear and fast.")]
    assert page.complaints == []


def test_a_shared_agenda_is_opened_by_a_stranger_until_it_ends(visit):
    session = a_congress()
    ada = RegistrationFactory(event=session.event, user__name="Ada Lovelace").user
    BookmarkFactory(user=ada, session=session)
    mine = visit("/me/agenda/", user=ada)

    mine.click("text=Make a link")
    address = mine.locator("input[aria-label^='Link:']")
    address.wait_for()
    path = re.sub(r"^https?://[^/]+", "", address.input_value())
    stranger = visit(path, width=360)
    assert stranger.locator("h1").inner_text() == "The agenda of Ada"
    assert stranger.locator(".card-title").inner_text().startswith("Live session")
    assert (stranger.locator(".star").count(), overflow(stranger)) == (0, 0)
    shares = mine.locator("section", has=mine.locator("#shares-heading"))
    shares.locator("button:has-text('End it')").click()
    mine.wait_for_selector("text=The link no longer works.")
    answer = stranger.reload()

    assert answer and answer.status == 404
    assert "Ada" not in stranger.inner_text("body")
    assert (mine.complaints, stranger.complaints) == ([], [])


def test_an_app_as_second_step_and_a_recovery_code_when_it_is_lost(visit):
    ada = UserFactory(email="ada@example.org", name="Ada")
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    page = visit("/accounts/2fa/totp/activate/", user=ada)

    secret = page.input_value("#authenticator_secret")
    page.fill("[name=code]", totp(secret))
    page.keyboard.press("Enter")
    page.wait_for_url("**/2fa/recovery-codes/**")
    codes = re.findall(r"^\d{8}$", page.input_value("textarea"), re.MULTILINE)
    page.context.clear_cookies()
    page.goto(f"{site_of(page)}/accounts/login/?next=/me/agenda/")
    page.fill("[name=login]", ada.email)
    page.keyboard.press("Enter")
    page.wait_for_selector(".code-form")
    code = re.search(r"^([A-Z0-9-]{5,})$", mail.outbox[-1].body, re.MULTILINE)
    assert code
    page.fill("[name=code]", code[1])
    page.keyboard.press("Enter")
    page.wait_for_url("**/2fa/authenticate/**")
    page.goto(f"{site_of(page)}/me/agenda/")
    assert page.url.endswith("/2fa/authenticate/"), "the first step alone opens nothing"
    page.fill("[name=code]", codes[0])
    page.keyboard.press("Enter")
    page.wait_for_url("**/me/agenda/")

    assert len(codes) == 10
    assert page.locator("h1").inner_text() == "My agenda"


# --- Other readers --------------------------------------------------------------------------


def test_a_hebrew_reader_finds_registers_and_sets_a_profile_on_a_phone(visit):
    session = a_congress()
    event = session.event
    event.language = "en"
    event.save()
    event.translations.create(language="he", title="קונגרס")
    session.translations.create(language="he", title="שידור חי")
    page = visit(
        f"/e/{event.slug}/agenda/?day=all",
        user=UserFactory(name="Ada"),
        width=360,
        locale="he-IL",
        timezone_id="Asia/Jerusalem",
    )

    def looks_right(heading: str) -> None:
        assert (html_of(page), overflow(page)) == (("he", "rtl"), 0), page.url
        assert page.locator("h1").inner_text() == heading

    looks_right("סדר יום")
    page.click("text=שידור חי")
    looks_right("שידור חי")
    page.goto(f"{site_of(page)}{event.get_absolute_url()}")
    looks_right("קונגרס")
    page.locator("main form .button-large").click()
    page.wait_for_selector(".notices")
    assert "קונגרס" in page.locator(".notices").inner_text()
    looks_right("קונגרס")
    page.goto(f"{site_of(page)}/me/profile/")
    page.fill("[name=name]", "עדה")
    page.click("main form button:not([type=button])")
    page.wait_for_selector(".notices")
    assert (html_of(page), overflow(page)) == (("he", "rtl"), 0)
    assert User.objects.get(name="עדה").registrations.get().event == event
    assert page.complaints == []


def test_another_zone_moves_every_time_on_the_page_and_none_in_the_calendar(visit):
    event = a_congress().event
    page = visit(f"/e/{event.slug}/agenda/?day=all", timezone_id="Asia/Tokyo")
    feed = Client().get(f"/e/{event.slug}/agenda.ics").content

    def times(zone: str) -> dict[str, str]:
        cards = page.locator("li.card")
        shown = cards.evaluate_all(
            "all => all.map(e => [e.id, e.querySelector('small').innerText])"
        )
        assert all(zone in text for _, text in shown), shown
        return {slug: re.search(r"\d\d:\d\d", text)[0] for slug, text in shown}

    before = times("UTC")
    with page.expect_navigation():
        page.select_option("#zone", "Asia/Tokyo")
    after = times("JST")

    def moved(clock: str) -> str:
        hours, minutes = map(int, clock.split(":"))
        total = (hours * 60 + minutes + 540) % 1440
        return f"{total // 60:02}:{total % 60:02}"

    assert len(before) == 7
    assert after == {slug: moved(clock) for slug, clock in before.items()}
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}
    reader = Client()
    reader.cookies.load(cookies)
    assert reader.get(f"/e/{event.slug}/agenda.ics").content == feed
    assert page.complaints == []


def test_everything_that_matters_works_without_scripts(visit):
    """The agenda with a filter, a star, a place; what scripts do is only nicer."""
    event = a_congress().event
    ada = UserFactory()
    page = visit(f"/e/{event.slug}/agenda/?day=all", user=ada, java_script_enabled=False)

    page.fill("#q", "later")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=later**")
    assert page.locator("li.card").count() == 1
    page.locator("#later .star").click()
    assert page.locator("#later .star").get_attribute("aria-pressed") == "true"
    page.goto(f"{site_of(page)}{event.get_absolute_url()}")
    page.locator("main form .button-large").click()
    page.wait_for_selector("text=You are registered for Congress.")
    page.goto(f"{site_of(page)}/me/agenda/")

    assert page.locator(".card-title").inner_text().startswith("Later session")
    assert Registration.objects.get().user == ada
    assert [each.session.slug for each in Bookmark.objects.all()] == ["later"]
