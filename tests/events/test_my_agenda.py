"""A person's own agenda and the calendar feed of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import icalendar
import pytest
from django.test import Client

from events.actions import cancel_session, renew_feed, save_planned
from events.agenda.mine import feed_token, kept_days, kept_sessions
from events.models import EventStatus, PersonalFeed, SessionStatus, User
from events.registration.places import register, withdraw
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NINE = datetime(2030, 5, 6, 7, 0, tzinfo=UTC)  # in Berlin


@pytest.fixture
def ada() -> User:
    return UserFactory(email="ada@example.org")


@pytest.fixture
def browser(ada) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def keep(user, event, title, start=0, minutes=45, **fields):
    starts_at = NINE + timedelta(minutes=start)
    session = SessionFactory(
        event=event,
        title=title,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        **fields,
    )
    BookmarkFactory(user=user, session=session)
    return session


def titles(client: Client, address: str) -> list[str]:
    response = client.get(address)
    assert response.status_code == 200, address
    calendar = icalendar.Calendar.from_ical(response.content)
    return [str(entry["summary"]) for entry in calendar.walk("VEVENT")]


def addresses(browser: Client) -> list[str]:
    page = unescape(browser.get("/me/agenda/").content.decode())
    return re.findall(r'value="http[^"]*(/me/agenda/[0-9a-f]{64}\.ics)"', page)


def test_days_tell_clashes_and_walks(ada):
    event = EventFactory()
    maps = keep(ada, event, "Maps", 0, location="Saal 1")
    charts = keep(ada, event, "Charts", 30, location="Saal 2")
    lunch = keep(ada, event, "Lunch", 75, location="Saal 2")
    walk = keep(ada, event, "Walk", 130, location="Garden")
    off = keep(ada, event, "Off", 0, status=SessionStatus.CANCELLED)
    keep(ada, EventFactory(starts_on=NINE.date() + timedelta(days=9)), "Later", 9 * 24 * 60)

    first, second = kept_days(kept_sessions(ada))

    assert {
        kept.session: (kept.clashes_with, kept.walks_from, kept.is_cancelled)
        for kept in first.sessions
    } == {
        maps: ((charts,), "", False),
        charts: ((maps,), "", False),
        lunch: ((), "", False),
        walk: ((), "Saal 2", False),
        off: ((), "", True),
    }
    assert [kept.session.title for kept in second.sessions] == ["Later"]


def test_page_shows_it_in_words(ada, browser):
    event = EventFactory(title="Congress")
    keep(ada, event, "Maps", 0)
    keep(ada, event, "Charts", 30)

    page = browser.get("/me/agenda/")
    text = re.sub(r"<[^>]+>", "", page.content.decode())

    assert "Starts while Maps is still on." in text
    assert "Charts starts before this ends." in text
    assert "no-store" in page["Cache-Control"]


def test_feed_is_read_without_signing_in_and_follows_the_stars(ada, browser):
    event = EventFactory()
    maps = keep(ada, event, "Maps")
    SessionSpeakerFactory(session=maps, speaker__name="Grace")
    SessionFactory(event=event, title="Not kept")
    browser.post("/me/agenda/feed/")
    (address,) = addresses(browser)
    first = titles(Client(), address)
    keep(ada, event, "Charts", 60)
    cancel_session(maps)

    second = Client().get(address)
    entries = icalendar.Calendar.from_ical(second.content).walk("VEVENT")
    assert (first, [str(e["summary"]) for e in entries]) == (
        ["Maps"],
        ["Cancelled: Maps", "Charts"],
    )
    assert [(int(e["sequence"]), e["status"]) for e in entries] == [
        (1, "CANCELLED"),
        (0, "CONFIRMED"),
    ]
    assert "Grace" in entries[0]["description"]
    assert (second["Referrer-Policy"], second["Cache-Control"]) == (
        "no-referrer",
        "private, max-age=3600",
    )


def test_new_address_ends_the_old_and_an_ended_one_leads_nowhere(ada, browser):
    event = EventFactory(slug="congress")
    keep(ada, event, "Maps")
    browser.post("/me/agenda/feed/", {"event": "congress"})
    (old,) = addresses(browser)
    browser.post("/me/agenda/feed/", {"event": "congress", "do": "renew"})
    (new,) = addresses(browser)
    seen = [Client().get(address).status_code for address in (old, new)]
    browser.post("/me/agenda/feed/", {"event": "congress", "do": "end"})

    assert seen == [404, 200]
    assert Client().get(new).status_code == 404
    assert addresses(browser) == []


def test_feed_can_be_ended_without_stars_and_without_the_event(ada, browser):
    event = EventFactory(slug="congress", is_public=False)
    register(ada, event)
    feed = renew_feed(ada, event)
    shown = addresses(browser)
    withdraw(ada, event)
    event.title = "Secret plan"
    save_planned(event)
    still_shown = addresses(browser)
    assert "Secret plan" not in browser.get("/me/agenda/").content.decode()
    ended = browser.post("/me/agenda/feed/", {"event": "congress", "do": "end"})

    assert shown == still_shown == [f"/me/agenda/{feed_token(feed)}.ics"]
    assert (ended.status_code, addresses(browser)) == (302, [])


def test_feed_of_one_event_holds_only_that(ada):
    one, other = EventFactory(), EventFactory()
    keep(ada, one, "One")
    keep(ada, other, "Other", 60)

    found = {
        event: titles(Client(), f"/me/agenda/{feed_token(renew_feed(ada, event))}.ics")
        for event in (one, other, None)
    }

    assert found == {one: ["One"], other: ["Other"], None: ["One", "Other"]}


def test_feed_never_shows_what_its_owner_may_not_see(ada):
    private = EventFactory(is_public=False)
    hidden, draft = EventFactory(), EventFactory()
    register(ada, private)
    keep(ada, private, "Private")
    keep(ada, draft, "Unpublished", 1)
    secret = keep(ada, hidden, "Secret", 2)
    address = f"/me/agenda/{feed_token(renew_feed(ada, None))}.ics"
    before = titles(Client(), address)
    withdraw(ada, private)
    secret.status = SessionStatus.DRAFT
    save_planned(secret)
    draft.status = EventStatus.DRAFT
    save_planned(draft)

    assert (before, titles(Client(), address)) == (["Private", "Unpublished", "Secret"], [])


def test_made_up_and_foreign_addresses_are_not_found(ada):
    token = feed_token(renew_feed(ada, None))
    made_up = [
        "0" * 64,
        token[:32] + "0" * 32,
        "0" * 32 + token[32:],
        token[:-1] + ("0" if token[-1] != "0" else "1"),
    ]

    def answers(*tokens: str) -> list[int]:
        return [Client().get(f"/me/agenda/{token}.ics").status_code for token in tokens]

    seen = answers(*made_up, token)
    ada.is_active = False
    ada.save()

    assert (seen, answers(token)) == ([404, 404, 404, 404, 200], [404])


def test_strangers_make_no_feed_and_see_no_page(ada):
    EventFactory(slug="secret", is_public=False)
    client = Client()
    answers = [client.get("/me/agenda/"), client.post("/me/agenda/feed/")]
    client.force_login(ada)
    foreign = client.post("/me/agenda/feed/", {"event": "secret"})

    assert [answer["Location"].split("?")[0] for answer in answers] == ["/accounts/login/"] * 2
    assert foreign.status_code == 404
    assert not PersonalFeed.objects.exists()


def test_feed_asks_as_often_for_many_as_for_one(ada, django_assert_max_num_queries):
    event = EventFactory()
    address = f"/me/agenda/{feed_token(renew_feed(ada, None))}.ics"
    for count in (1, 5):
        for number in range(count):
            keep(ada, event, f"{count} {number}", number * 60)
        with django_assert_max_num_queries(6):
            Client().get(address)
