"""The attendee pages in a real browser, under the policy they are served with."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from events.models import Bookmark, Event, EventStatus, Session, SessionStatus, User
from portal.seed.pages import show_pages
from portal.seed.people import make_attendees
from tests.accessibility import violations
from tests.browser import wait_until
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)
from tests.kaltura_bridge.support.joining import linked

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "Hacker/academic/activist/cipherpunk/technologist at https://a.example/.\n\n- one\n- two\n\n## Heading\n\n> quoted `code`"


def a_congress() -> Session:
    """A running event with sessions in every state; returns one of its live sessions."""
    now = timezone.now().replace(second=0, microsecond=0)
    today = now.date()
    event = EventFactory(
        title="Congress",
        tagline="A New Dawn",
        description=TEXT,
        accent_color="#ffe100",
        timezone="UTC",
        starts_on=today - timedelta(days=1),
        ends_on=today + timedelta(days=1),
    )
    track = TrackFactory(event=event, name="Ethics, Society & Politics", color="#ffff66")
    other = TrackFactory(event=event, name="Science", color="#000033")
    offsets = {"Over": -180, "Live": -10, "Open": 10, "Soon": 40, "Later": 200, "Tomorrow": 1440}
    sessions = {}
    for title, minutes in offsets.items():
        sessions[title] = SessionFactory(
            event=event,
            title=f"{title} session with a title that needs more than one line",
            slug=title.lower(),
            subtitle="Subtitle",
            abstract=TEXT,
            description=TEXT,
            track=track if minutes < 40 else other,
            language="de" if minutes > 100 else "en",
            location="Saal 1" if minutes < 100 else "Saal 2",
            starts_at=now + timedelta(minutes=minutes),
        )
    SessionFactory(
        event=event,
        title="Cancelled",
        slug="cancelled",
        status=SessionStatus.CANCELLED,
        starts_at=now,
    )
    SessionFactory(
        event=event, title="Draft", slug="draft", status=SessionStatus.DRAFT, starts_at=now
    )
    linked(sessions["Live"])
    SessionSpeakerFactory(
        session=sessions["Live"],
        speaker__name="Ada Lovelace",
        speaker__slug="ada",
        speaker__biography=TEXT,
    )
    return sessions["Live"]


def pages_of(event: Event) -> dict[str, str]:
    """Every kind of page by name."""
    base = f"/e/{event.slug}/"
    states = ("over", "live", "open", "soon", "later", "cancelled")
    return {
        "home": "/",
        "event": base,
        "agenda": f"{base}agenda/?day=all",
        "filtered": f"{base}agenda/?day=all&track=science&language=de&q=session",
        "empty": f"{base}agenda/?track=science&q=nothing",
        "other zone": f"{base}agenda/?day=all&zone=Asia/Kolkata",
        **{f"session {state}": f"{base}sessions/{state}/" for state in states},
        "speaker": f"{base}speakers/ada/",
        "missing": f"{base}sessions/nothing/",
    }


ANONYMOUS = {
    "login": "/accounts/login/",
    "signup": "/accounts/signup/",
    "password": "/accounts/password/reset/",
}


def personal(event: Event) -> dict[str, str]:
    return {
        "withdraw": f"/e/{event.slug}/withdraw/",
        "feedback": f"/e/{event.slug}/sessions/over/feedback/",
        "my agenda": "/me/agenda/",
        "logout": "/accounts/logout/",
        "e-mail": "/accounts/email/",
    }


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.mark.parametrize(
    ("width", "scheme", "who"),
    [(1280, "light", "nobody"), (360, "dark", "attendee"), (768, "dark", "manager")],
)
def test_every_page_is_clean(visit, width, scheme, who):
    """No policy violation, no script error, no sideways scroll, nothing for axe to say."""
    event = a_congress().event
    show_pages(event, make_attendees(10), timezone.now())
    EventFactory(title="Cancelled", status=EventStatus.CANCELLED)
    people = {
        "nobody": None,
        "attendee": RegistrationFactory(event=event).user,
        "manager": TeamMemberFactory(event=event).user,
    }
    paths = pages_of(event)
    paths |= ANONYMOUS if who == "nobody" else personal(event) if who == "attendee" else {}
    problems = {}
    page = visit("/", user=people[who], width=width, color_scheme=scheme)
    for name, path in paths.items():
        page.goto(re.match(r"https?://[^/]+", page.url)[0] + path)
        page.wait_for_load_state("networkidle")
        # axe itself offends the policy: read the complaints before it runs.
        found = [*page.complaints, *(["scrolls sideways"] if overflow(page) > 0 else [])]
        found += violations(page)
        page.complaints.clear()
        if found:
            problems[name] = found

    assert problems == {}


def test_pages_right_to_left_do_not_scroll_sideways(visit):
    event = a_congress().event
    page = visit("/", width=360, locale="he-IL", timezone_id="Asia/Jerusalem")
    base = page.url.rstrip("/")
    wide = []
    for name, path in pages_of(event).items():
        page.goto(base + path)
        page.evaluate("document.documentElement.dir = 'rtl'")
        if overflow(page) > 0:
            wide.append(name)

    assert (wide, page.complaints) == ([], [])


def test_every_target_is_large_enough_to_touch(visit):
    """44 px high or wide text links aside: buttons, chips, tabs, stars, fields, navigation."""
    event = a_congress().event
    page = visit(f"/e/{event.slug}/agenda/?day=all&track=science", width=360)
    small = page.evaluate(
        """() => [...document.querySelectorAll(
            "button, .button, .chip, .tabs a, .site-header a, .site-footer a, input:not([type=hidden]), select")]
            .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 44)
            .map((e) => e.outerHTML.slice(0, 120))"""
    )

    assert small == []


def test_a_person_signs_up_registers_and_joins(visit):
    """From a session page, through the mailed code and one click, to "Join now"."""
    session = a_congress()
    page = visit(session.get_absolute_url())

    page.click("text=Sign in to join")
    page.click("text=Create an account")
    page.fill("[name=name]", "Grace Hopper")
    page.fill("[name=email]", "grace@example.org")
    page.click("button:has-text('Continue')")
    page.wait_for_selector(".code-form")
    code = re.search(r"^([A-Z0-9-]{5,})$", mail.outbox[-1].body, re.M)[1]
    page.fill("[name=code]", code)
    page.click(".code-form button:has-text('Continue')")
    page.click("text=Register to join")

    assert page.url.endswith(session.get_absolute_url())
    assert page.locator(".actions a.button-live").inner_text() == "Join now"
    assert "You are registered for Congress." in page.locator(".notices").inner_text()
    person = User.objects.get(email="grace@example.org")
    assert (person.name, person.registrations.get().event) == ("Grace Hopper", session.event)
    assert page.complaints == []


def test_a_known_person_signs_in_by_code_and_comes_back(visit):
    session = a_congress()
    person = UserFactory(email="ada@example.org", name="Ada Lovelace")
    page = visit(session.get_absolute_url())

    page.click("text=Sign in to join")
    page.fill("[name=login]", person.email)
    page.click("button:has-text('Send me a code')")
    page.wait_for_selector(".code-form")
    code = re.search(r"^([A-Z0-9-]{5,})$", mail.outbox[-1].body, re.M)[1]
    page.fill("[name=code]", code)
    page.click(".code-form button:has-text('Continue')")

    page.wait_for_selector("text=Register to join")
    assert page.url.endswith(session.get_absolute_url())
    assert mail.outbox[-1].subject == "Your sign-in code"


def test_a_star_fills_without_leaving_the_page(visit):
    event = a_congress().event
    person = UserFactory()
    page = visit(f"/e/{event.slug}/agenda/?day=all", user=person)
    star = page.locator("#live .star")

    star.click()
    page.wait_for_selector("#live .star[aria-pressed=true]")
    assert page.locator("[data-favourites]").inner_text() == "1"
    assert [b.session.slug for b in Bookmark.objects.all()] == ["live"]
    star.click()
    page.wait_for_selector("#live .star[aria-pressed=false]")
    assert (Bookmark.objects.count(), page.complaints) == (0, [])


def test_stars_work_without_scripts(visit):
    event = a_congress().event
    person = UserFactory()
    path = f"/e/{event.slug}/agenda/?day=all"
    page = visit(path, user=person, java_script_enabled=False)

    page.locator("#later .star").click()

    assert page.url.endswith(f"{path}#later")
    assert page.locator("#later .star").get_attribute("aria-pressed") == "true"


def test_a_star_takes_the_plain_way_when_its_script_fails(visit):
    event = a_congress().event
    path = f"/e/{event.slug}/agenda/?day=all"
    page = visit(path, user=UserFactory())
    page.route("**/bookmark/", lambda route: route.abort(), times=1)

    with page.expect_navigation():
        page.locator("#live .star").click()

    assert page.url.endswith(f"{path}#live")
    assert page.locator("#live .star").get_attribute("aria-pressed") == "true"


def test_a_star_of_a_stranger_needs_no_login(visit):
    event = a_congress().event
    page = visit(f"/e/{event.slug}/agenda/?day=all")

    page.locator("#live .star").click()

    page.locator("#live .star[aria-pressed=true]").wait_for()
    assert "/accounts/" not in page.url


def test_arrow_keys_move_between_days(visit):
    event = a_congress().event
    page = visit(f"/e/{event.slug}/agenda/")
    days = page.locator(".tabs a")

    days.nth(0).focus()
    page.keyboard.press("ArrowRight")
    assert days.nth(1).evaluate("e => e === document.activeElement")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert days.last.evaluate("e => e === document.activeElement")


def test_the_now_line_and_the_marks_move_by_themselves(visit):
    event = a_congress().event
    page = visit(f"/e/{event.slug}/agenda/?day=all")
    before = "#open .mark"
    assert re.fullmatch(r"In (9|10) min", page.locator(before).inner_text())

    page.clock.install()
    page.reload()
    page.clock.fast_forward("15:00")
    page.clock.run_for(16_000)

    assert page.locator("#open .mark").inner_text() == "Live now"
    assert page.locator("#live .mark").inner_text() == "Live now"
    following = page.locator(".now-line + .slot .card").first.get_attribute("id")
    assert following == "soon"


def test_the_page_opens_at_now(visit):
    now = timezone.now()
    event = EventFactory(timezone="UTC")
    for number in range(40):
        SessionFactory(event=event, starts_at=now - timedelta(minutes=5 * (40 - number)))
    page = visit(f"/e/{event.slug}/agenda/", timezone_id="UTC")
    wait_until(page, "window.scrollY > 500")

    assert 0 <= page.locator("#now").bounding_box()["y"] < 900


def test_my_own_zone_is_on_top_and_remembered(visit):
    event = a_congress().event
    path = f"/e/{event.slug}/agenda/?day=all"
    page = visit(path, timezone_id="Asia/Tokyo")

    labels = page.locator("#zone > option").all_inner_texts()
    assert labels == ["UTC (event)", "Asia/Tokyo (mine)"]
    with page.expect_navigation():
        page.select_option("#zone", "Asia/Tokyo")
    assert " JST" in page.locator(".card small").first.inner_text()
    page.goto(page.url.split("?")[0] + "?day=all")
    assert " JST" in page.locator(".card small").first.inner_text()
    assert page.complaints == []


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_the_zone_selector_hides_when_there_is_nothing_to_choose(visit, zone):
    """Chromium calls Asia/Kolkata by an older name; it is the same zone."""
    event = EventFactory(timezone=zone)
    SessionFactory(event=event)
    page = visit(f"/e/{event.slug}/agenda/", timezone_id=zone)

    assert not page.locator("#zone").is_visible()
    assert page.locator(".zone label").inner_text() == f"Times in {zone}"


def test_the_button_counts_down_and_then_asks_the_server(visit):
    event = a_congress().event
    person = RegistrationFactory(event=event).user
    page = visit(f"/e/{event.slug}/sessions/soon/", user=person)
    button = page.locator("[data-count-to]")
    assert re.fullmatch(r"Starts in (3[89]:\d\d|40:00)", button.inner_text())

    page.clock.install()
    page.reload()
    page.clock.fast_forward("20:00")
    page.clock.run_for(16_000)

    assert re.fullmatch(r"Starts in (1[89]:\d\d|20:00)", button.inner_text())


def test_headings_make_an_outline(visit):
    event = a_congress().event
    page = visit(f"/e/{event.slug}/agenda/?day=all")
    outline = page.locator("main :is(h1, h2, h3)").evaluate_all(
        "all => all.filter(e => e.offsetParent).map(e => e.tagName)"
    )

    assert outline[:2] == ["H1", "H2"]
    assert set(outline) == {"H1", "H2", "H3"}
    first = page.locator(".card h3").first.inner_text()
    assert re.match(r"\d\d:\d\d–\d\d:\d\d UTC", first)
