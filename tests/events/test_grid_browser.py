"""The grid, the hours and the filters in a real browser, under the policy they are served with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from events.actions import save_planned
from events.models import Event
from tests.accessibility import violations
from tests.factories import EventFactory, SessionFactory, SessionSpeakerFactory, TrackFactory

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime(2030, 5, 6, 7, 0, tzinfo=UTC)  # 09:00 in Berlin.
NOW = DAY + timedelta(hours=1, minutes=20)
ROOMS = 9
# What reaches beyond the window, by its class.
BEYOND = """() => [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".grid-pane, .on-now ul, .tabs"))
    .map((e) => `${e.tagName}.${e.className}`).slice(0, 8)"""
GRID = "/e/congress/agenda/?view=grid"


@pytest.fixture(autouse=True)
def during_the_congress():
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def event() -> Event:
    """Nine rooms, four talks in each, a break; a lab over days, a night talk, a second day."""
    event = EventFactory(slug="congress", title="Congress", accent_color="#7a3cff")
    tracks = [TrackFactory(event=event, name=name) for name in ("Art", "Code", "Law")]
    for room in range(1, ROOMS + 1):
        for number, minutes in enumerate((0, 60, 150, 210)):
            session = SessionFactory(
                event=event,
                slug=f"r{room}-{number}",
                title=f"Talk {number} with a title of some length",
                track=tracks[(room + number) % 3],
                location=f"Room {room}",
                starts_at=DAY + timedelta(minutes=minutes),
                ends_at=DAY + timedelta(minutes=minutes + 50),
            )
    SessionSpeakerFactory(session=session, speaker__name="Ada Lovelace", speaker__slug="ada")
    more = {"lab": (0, 33), "night": (14, 16), "next": (24, 25)}
    for slug, (start, end) in more.items():
        starts_at, ends_at = DAY + timedelta(hours=start), DAY + timedelta(hours=end)
        room = "Room 1" if slug != "lab" else "Room 2"
        SessionFactory(
            event=event, slug=slug, title=slug, location=room, starts_at=starts_at, ends_at=ends_at
        )
    return event


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def place(page, selector: str) -> dict[str, float]:
    return page.locator(selector).first.bounding_box()


@pytest.mark.parametrize(
    ("width", "scheme", "zone", "query"),
    [
        (1280, "light", "Europe/Berlin", ""),
        (360, "dark", "Asia/Kathmandu", "&zone=Asia/Kathmandu"),
        (768, "dark", "Europe/Berlin", "&across=tracks&day=all"),
    ],
)
def test_grid_is_clean(visit, event, width, scheme, zone, query):
    page = visit(GRID + query, width=width, color_scheme=scheme, timezone_id=zone)

    found = [*page.complaints, *(["scrolls sideways"] if overflow(page) > 0 else [])]
    assert found + violations(page) == []


@pytest.mark.parametrize("width", [1280, 360])
def test_pages_of_the_agenda_fit_with_text_twice_as_large(visit, event, width):
    wide = []
    for query in ("?view=grid", "?view=list", "?view=list&pick=speaker"):
        page = visit(f"/e/congress/agenda/{query}", width=width)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        if overflow(page) > 0:
            wide.append((query, page.evaluate(BEYOND)))

    assert wide == []


def test_nine_rooms_are_read_side_by_side_to_scale(visit, event):
    page = visit(GRID, width=1280)

    heads = page.locator(".grid-head h3")
    assert heads.all_inner_texts() == [f"Room {n}" for n in range(1, ROOMS + 1)]
    first, second, last = (place(page, f"#r{n}") for n in ("3-0", "3-1", "9-3"))
    # An hour from start to start, fifty minutes of it drawn, but for the gap between cards.
    assert second["y"] - first["y"] == pytest.approx(144, abs=1)
    assert first["height"] == pytest.approx(120, abs=3)
    pane = place(page, ".grid-pane")
    assert last["x"] + last["width"] <= pane["x"] + pane["width"]
    assert first["width"] >= 90
    assert page.locator(".grid-break").all_inner_texts()[0] == "Break 10:50–11:30"


def test_heads_and_hours_stay_in_sight(visit, event):
    page = visit(GRID, width=768)
    page.locator(".grid-pane").evaluate(
        "e => e.scrollTo({top: 400, left: 300, behavior: 'instant'})"
    )

    pane, head, hour = (place(page, one) for one in (".grid-pane", ".grid-head", ".grid-hour span"))
    assert head["y"] == pytest.approx(pane["y"], abs=2)
    assert hour["x"] == pytest.approx(pane["x"], abs=2)


def test_phone_shows_one_room_at_a_time_and_arrows_lead_on(visit, event):
    page = visit(GRID, width=360, java_script_enabled=False)
    pane = place(page, ".grid-pane")

    def shown() -> list[str]:
        seen = []
        for head in page.locator(".grid-head").all():
            box = head.bounding_box()
            if pane["x"] + 50 <= box["x"] < pane["x"] + 70:
                seen.append(head.locator("h3").inner_text())
        return seen

    assert shown() == ["Room 1"]
    page.locator(".grid-head").first.locator("a").click()
    page.wait_for_timeout(600)
    assert shown() == ["Room 2"]
    top = place(page, ".grid-head >> nth=1")["y"]
    assert top == pytest.approx(place(page, ".grid-pane")["y"], abs=2)
    page.locator(".grid-head").nth(1).locator("a").first.click()
    page.wait_for_timeout(600)
    assert shown() == ["Room 1"]


def test_keys_walk_through_the_grid(visit, event):
    page = visit(GRID)
    page.locator("#r3-1 a").focus()

    walked = []
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "End", "Home", "Tab"):
        page.keyboard.press(key)
        walked.append(page.evaluate("document.activeElement.closest('li').id"))

    assert walked == ["r4-1", "r4-2", "r3-2", "r3-1", "r3-3", "r3-0", "r3-0"]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == (
        "Favourite: Talk 0 with a title of some length"
    )


def test_names_begin_with_the_time(visit, event):
    page = visit(GRID)

    assert page.locator("#r3-1 a").inner_text().split("\n")[0].startswith("10:00–10:50")
    assert page.get_by_role("link", name="23:00–01:00 night").count() == 1


def test_right_to_left_is_mirrored(visit, event, settings):
    settings.LANGUAGE_CODE, settings.LANGUAGES = "he", [("he", "Hebrew"), ("en", "English")]
    for width in (1280, 360):
        page = visit(GRID, width=width, locale="he-IL")
        assert page.evaluate("document.documentElement.dir") == "rtl"
        hour, first = place(page, ".grid-hour span"), place(page, ".grid-head")
        assert hour["x"] >= first["x"] + first["width"] - 2
        assert (overflow(page) > 0, page.complaints) == (False, [])
    page = visit(GRID, locale="he-IL")
    page.locator("#r3-1 a").focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.closest('li').id") == "r4-1"


def test_the_hours_lead_to_their_sessions_and_say_where_now_is(visit, event):
    page = visit("/e/congress/agenda/?view=list", java_script_enabled=False)
    hours = page.locator(".timeline li")

    assert page.locator(".timeline [aria-current=time]").inner_text().startswith("10:00")
    assert hours.first.inner_text().startswith("09:00")
    page.locator(".timeline a", has_text="11:00").click()
    anchor = page.url.split("#")[1]
    assert page.locator(f"#{anchor}").inner_text().startswith("11:30")
    assert page.locator(f"#{anchor}").bounding_box()["y"] < 400


def test_what_is_on_now_is_told_on_top(visit, event):
    page = visit("/e/congress/agenda/?view=list")

    names = page.locator(".on-now b").all_inner_texts()
    assert (len(names), names[0]) == (ROOMS + 1, "lab")


def test_choice_is_remembered_and_can_be_taken_back(visit, event):
    page = visit("/e/congress/agenda/?view=grid&across=tracks&track=art")
    page.goto(page.url.split("?")[0])

    assert page.url.endswith("?view=grid&across=tracks&track=art")
    page.click(".clear")
    page.goto(page.url.split("?")[0])
    assert page.url.endswith("?view=grid&across=tracks")


def test_another_filter_stays_where_the_reader_is(visit, event):
    page = visit("/e/congress/agenda/?view=list&day=all")
    page.evaluate("scrollTo({top: 600, behavior: 'instant'})")
    with page.expect_navigation():
        page.evaluate("document.querySelector('.tabs a').click()")
    page.wait_for_load_state("networkidle")

    assert page.evaluate("scrollY") == pytest.approx(600, abs=60)


def test_back_returns_to_the_same_place(visit, event):
    page = visit("/e/congress/agenda/?view=list&day=all")
    page.locator("#r9-3 a").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    page.locator("#r9-3 a").click()
    page.wait_for_load_state("networkidle")
    page.go_back()
    page.wait_for_timeout(300)

    assert before > 200
    assert page.evaluate("scrollY") == pytest.approx(before, abs=5)


def test_paper_has_a_page_for_each_day(visit, event):
    page = visit(f"{GRID}&day=all")

    paper = page.pdf(prefer_css_page_size=True)

    assert paper.count(b"/Type /Page\n") == 2
    assert b"/MediaBox [0 0 841" in paper or b"/MediaBox [0 0 842" in paper


def test_what_is_on_now_is_asked_anew_when_a_session_begins(visit, event):
    page = visit("/e/congress/agenda/")
    before = page.locator("[data-overview] .on-now b").all_inner_texts()
    session = event.sessions.get(slug="r1-1")
    session.title = "Renamed while on"
    save_planned(session)

    page.evaluate("document.dispatchEvent(new Event('phase-passed'))")
    page.locator("[data-overview] .on-now b", has_text="Renamed while on").wait_for()

    after = page.locator("[data-overview] .on-now b").all_inner_texts()
    assert after == [before[0], "Renamed while on", *before[2:]]
    assert page.complaints == []
