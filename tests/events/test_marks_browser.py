"""What a page's scripts show as time passes is what the server would write at that moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count, product
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from events.agenda.card_html import list_item
from events.agenda.cards import Card
from events.agenda.marks import mark_of, time_left
from events.agenda.shared import GapMaker
from events.models import EventStatus, SessionStatus
from events.remote import RemoteState, RoomState
from tests.events.support.situations import (
    ATTENDEE,
    HOURS,
    NOBODY,
    READY,
    SPEAKER,
    START,
    Situation,
    a_session,
    moments_of,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

INSTANT = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
PAGE = (
    '<!doctype html><meta charset="utf-8"><title>Generated</title>'
    '{}<script type="module" src="/static/events/js/{}.js"></script>'
)


class Clock:
    """The browser's time, which stands still but when it is told to go on."""

    def __init__(self, page: Page, now: datetime) -> None:
        self.page, self.now = page, now
        page.clock.install(time=now - timedelta(hours=1))
        page.clock.pause_at(now)

    def go(self, moment: datetime) -> None:
        """On to ``moment``; what was due meanwhile happens, as when a laptop wakes up."""
        before, self.now = self.now, moment
        self.page.clock.fast_forward(round((moment - before) / INSTANT))


# --- Cards in the agenda --------------------------------------------------------------


def cards() -> Iterator[Card]:
    """A card for every state of session and event, as written at every moment of it."""
    numbers = count()
    for (doors, overrun), event_status, status in product(HOURS, EventStatus, SessionStatus):
        session = a_session(doors, overrun, status=status, event_status=event_status)
        for written_at in moments_of(session, INSTANT):
            session = a_session(doors, overrun, status=status, event_status=event_status)
            session.slug = f"card-{next(numbers)}"
            card = Card(session, written_at.date(), "/", "", False, None)
            card.dress(written_at, ZoneInfo("UTC"))
            card.written_at = written_at
            yield card


SHOWN = """() => Object.fromEntries([...document.querySelectorAll(".card")].map((card) => {
    const mark = card.querySelector("[data-phases], .mark");
    return [card.id, [(card.className.match(/card-(\\w+)/) ?? [, "planned"])[1], mark?.textContent ?? "", mark?.className ?? ""]];
}))"""


def expected_of(card: Card, now: datetime) -> list[str]:
    mark = mark_of(card.session, now)
    return [str(mark.phase), mark.text, f"mark mark-{mark.phase}" if mark.text else ""]


def test_cards_pass_from_phase_to_phase_as_the_server_would_write_them(page, live_portal):
    every = list(cards())
    items = "".join(list_item(card, star=GapMaker().star(card)) for card in every)
    body = PAGE.format(f"<ul>{items}</ul>{render_to_string('events/_marks.html')}", "agenda")
    page.route("**/generated/", lambda route: route.fulfill(body=body, content_type="text/html"))
    moments = {moment for card in every for moment in moments_of(card.session, INSTANT)}
    moments |= {START + timedelta(minutes=minutes, seconds=7) for minutes in range(-122, 78, 2)}
    clock = Clock(page, min(moments))
    page.goto(f"{live_portal}/generated/")
    compared, wrong = 0, []
    for now in sorted(moments):
        clock.go(now)
        shown = page.evaluate(SHOWN)
        # A card that will be written later is not yet on anybody's screen.
        for card in (card for card in every if card.written_at <= now):
            found, expected = shown[card.slug], expected_of(card, now)
            # An emptied mark keeps its class and takes no room.
            compared += 1
            if found[:2] != expected[:2] or (expected[1] and found[2] != expected[2]):
                wrong.append((card.slug, str(card.written_at), str(now), found, expected))

    assert wrong == []
    assert compared > 11_088


# --- The one button of a session's page -----------------------------------------------


class SessionPage:
    """A session's page as the server writes it at the browser's time."""

    def __init__(self, page: Page, portal: str, situation: Situation) -> None:
        self.situation, self.asked = situation, 0
        page.route("**/generated/", self.answer)
        self.clock = Clock(page, situation.now)
        self.page = page
        page.goto(f"{portal}/generated/")

    def at_this_time(self) -> Situation:
        given = self.situation
        return Situation(given.who, given.session, self.clock.now, given.remote)

    def answer(self, route: Route) -> None:
        self.asked += 1
        situation = self.at_this_time()
        context = {
            "event": situation.session.event,
            "session": situation.session,
            "access": situation.access,
            "now": situation.now,
        }
        part = render_to_string(
            "events/_session_actions.html", context, RequestFactory().get("/generated/")
        )
        body = PAGE.format(part + render_to_string("events/_marks.html"), "session")
        route.fulfill(body=body, content_type="text/html")

    @property
    def shown(self) -> tuple[str, str, str]:
        part = self.page.locator("#session-access")
        note = part.locator(".note")
        return (
            part.get_attribute("data-access"),
            part.locator(".button-large").inner_text(),
            note.inner_text() if note.count() else "",
        )

    @property
    def expected(self) -> tuple[str, str, str]:
        access = self.at_this_time().access
        left = time_left(access.starts_at, self.clock.now)
        return str(access.action), access.label.format(left), access.note.format(left)

    def wait_until(self, happens: Callable[[], bool]) -> None:
        """The browser's own clock stands still, so it cannot wait by itself."""
        for _ in range(500):
            if happens():
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"asked {self.asked} times; shown {self.shown}")

    def wait_for_answer(self, number: int) -> None:
        """Until the page has been asked for so many times, and what came is shown."""
        self.wait_until(lambda: self.asked >= number and self.shown == self.expected)


@pytest.fixture
def session_page(chromium: Any, live_portal: str) -> Iterator[Callable[..., SessionPage]]:
    """Opens a generated session page, each in a browser with a clock of its own."""
    contexts = []

    def open_page(situation: Situation) -> SessionPage:
        contexts.append(chromium.new_context(locale="en-GB", timezone_id="Europe/Berlin"))
        return SessionPage(contexts[-1].new_page(), live_portal, situation)

    yield open_page
    for context in contexts:
        context.close()


PREPARING = RemoteState(RoomState.PREPARING)


@pytest.mark.parametrize(
    ("who", "doors", "minutes", "remote"),
    [
        (ATTENDEE, 15, -4320, READY),
        (ATTENDEE, 15, -50, READY),
        (ATTENDEE, 15, -10, READY),
        (ATTENDEE, 120, -100, READY),
        (ATTENDEE, 15, 10, READY),
        (ATTENDEE, 15, 50, READY),
        (ATTENDEE, 15, -50, PREPARING),
        (SPEAKER, 15, -4320, READY),
        (SPEAKER, 15, -50, READY),
        (NOBODY, 15, -50, READY),
    ],
)
def test_the_button_is_the_servers_at_every_moment(session_page, who, doors, minutes, remote):
    session = a_session(doors)
    opened = session_page(Situation(who, session, START + timedelta(minutes=minutes), remote))
    due = opened.at_this_time().access.changes_at
    shown, expected = [opened.shown], [opened.expected]
    for moment in (opened.clock.now + SECOND, due - timedelta(minutes=1), due - SECOND):
        opened.clock.go(moment)
        shown.append(opened.shown)
        expected.append(opened.expected)

    assert shown == expected
    assert opened.asked == 1
    # Everyone asks within three seconds of the moment that changes the answer.
    opened.clock.go(due)
    opened.clock.go(due + 4 * SECOND)
    opened.wait_for_answer(2)
    assert (opened.shown, opened.asked) == (opened.expected, 2)


def test_a_room_in_the_making_is_asked_for_again_every_ten_seconds(session_page):
    opened = session_page(Situation(ATTENDEE, a_session(), START, PREPARING))
    asked = []
    for _ in range(3):
        opened.clock.go(opened.clock.now + 9 * SECOND)
        asked.append(opened.asked)
        opened.clock.go(opened.clock.now + 5 * SECOND)
        opened.wait_for_answer(len(asked) + 1)

    assert asked == [1, 2, 3]
    assert opened.shown == ("wait", "Preparing the room", opened.expected[2])


def test_a_clock_that_runs_ahead_does_not_make_the_page_ask_without_end(session_page):
    """The browser says 08:50, the server, ten minutes behind, still sees closed doors."""
    opened = session_page(Situation(ATTENDEE, a_session(), START - timedelta(minutes=20), READY))
    servers_now = opened.clock.now
    opened.at_this_time = lambda: Situation(ATTENDEE, a_session(), servers_now, READY)
    opened.clock.go(START - timedelta(minutes=10))
    opened.clock.go(opened.clock.now + 4 * SECOND)
    opened.wait_for_answer(2)
    asked = []
    for _ in range(11):
        opened.clock.go(opened.clock.now + 5 * SECOND)
        opened.page.wait_for_timeout(20)
        asked.append(opened.asked)

    opened.clock.go(opened.clock.now + 9 * SECOND)
    opened.wait_for_answer(3)
    assert asked == [2] * 11


def test_no_answer_leaves_what_stands_there_and_asks_again(session_page):
    opened = session_page(Situation(ATTENDEE, a_session(), START - timedelta(minutes=16), READY))
    before, failed = opened.shown, []
    opened.page.unroute("**/generated/")

    def fail(route: Route) -> None:
        failed.append(1)
        route.abort()

    opened.page.route("**/generated/", fail)
    opened.clock.go(START - timedelta(minutes=15))
    opened.clock.go(opened.clock.now + 4 * SECOND)
    opened.wait_until(lambda: bool(failed))
    opened.page.unroute("**/generated/")
    opened.page.route("**/generated/", opened.answer)

    assert opened.shown[0] == before[0] == "wait"
    opened.page.wait_for_timeout(100)
    opened.clock.go(opened.clock.now + 14 * SECOND)
    opened.wait_for_answer(2)
    assert opened.shown == opened.expected
