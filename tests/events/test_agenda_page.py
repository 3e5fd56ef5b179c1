from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.agenda.chips import Hint
from events.agenda.page import AgendaPage, agenda_page
from events.models import Event, SessionStatus, SessionType
from events.queries import bookmarked_slugs, visible_event
from events.zones import ZoneInfo
from tests.factories import (
    FIRST_START,
    BookmarkFactory,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    TrackFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
BEFORE = FIRST_START - timedelta(days=30)
BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


def page_for(
    event: Event, query: str = "", now: datetime = BEFORE, user: object = None
) -> AgendaPage:
    from django.contrib.auth.models import AnonymousUser

    person = user or AnonymousUser()
    found, standing = visible_event(person, event.slug)
    kept = bookmarked_slugs(person, found)
    return agenda_page(found, standing, kept, QueryDict(query), now, BERLIN)


def titles(page: AgendaPage) -> list[str]:
    return [card.title for day in page.days for slot in day.slots for card in slot.cards]


def tabs(page: AgendaPage) -> list[tuple[str, int, bool]]:
    return [(str(t.date or "all"), t.count, t.is_selected) for t in page.tabs]


def three_days() -> Event:
    event = EventFactory()
    for number in range(3):
        SessionFactory(event=event, title=f"Day {number}", starts_at=FIRST_START + number * DAY)
    return event


def test_agenda_opens_on_day_one_before_and_after_the_event():
    event = three_days()

    for now in (BEFORE, FIRST_START + 30 * DAY):
        page = page_for(event, now=now)
        assert (titles(page), page.today, page.opens_at_now) == (["Day 0"], None, False)


def test_agenda_opens_today_at_now_during_the_event():
    page = page_for(three_days(), now=FIRST_START + DAY)

    assert tabs(page) == [
        ("2030-05-06", 1, False),
        ("2030-05-07", 1, True),
        ("2030-05-08", 1, False),
        ("all", 3, False),
    ]
    assert (titles(page), page.opens_at_now) == (["Day 1"], True)


def test_agenda_shows_the_day_asked_for():
    event = three_days()

    assert titles(page_for(event, "day=2030-05-08", now=FIRST_START)) == ["Day 2"]
    assert titles(page_for(event, "day=all")) == ["Day 0", "Day 1", "Day 2"]
    assert titles(page_for(event, "day=1999-01-01")) == ["Day 0"]


def test_agenda_groups_parallel_sessions_by_start():
    event = EventFactory()
    for title, minutes, room in [("B", 0, "Saal 2"), ("A", 0, "Saal 1"), ("C", 60, "Saal 1")]:
        starts_at = FIRST_START + timedelta(minutes=minutes)
        SessionFactory(event=event, title=title, starts_at=starts_at, location=room)

    (day,) = page_for(event).days

    assert [(s.starts, s.zone, [c.title for c in s.cards]) for s in day.slots] == [
        ("11:00", "CEST", ["A", "B"]),
        ("12:00", "CEST", ["C"]),
    ]


def test_agenda_draws_now_between_what_has_begun_and_what_has_not():
    event = EventFactory()
    for hours in (0, 1, 2):
        SessionFactory(event=event, starts_at=FIRST_START + timedelta(hours=hours))

    def marks(minutes: int) -> list[str]:
        (day,) = page_for(event, now=FIRST_START + timedelta(minutes=minutes)).days
        found = ["line" * s.follows_now + "now" * s.has_now for s in day.slots]
        return [*found, "line" * day.now_is_last + "now" * day.end_is_now]

    assert marks(-30) == ["linenow", "", "", ""]
    assert marks(30) == ["now", "line", "", ""]
    assert marks(50) == ["", "linenow", "", ""]
    assert marks(130) == ["", "", "now", "line"]
    assert marks(200) == ["", "", "", "linenow"]


def test_agenda_marks_say_how_a_session_stands():
    event = EventFactory()
    for minutes in (-120, -50, 0, 40, 300):
        SessionFactory(event=event, starts_at=FIRST_START + timedelta(minutes=minutes))
    SessionFactory(event=event, status=SessionStatus.CANCELLED, starts_at=FIRST_START + 2 * DAY)

    page = page_for(event, "day=all", now=FIRST_START + timedelta(minutes=5))

    cards = [c for d in page.days for s in d.slots for c in s.cards]
    assert [(str(c.phase), c.mark.text) for c in cards] == [
        ("over", "Ended"),
        ("overrun", "Ending"),
        ("live", "Live now"),
        ("soon", "In 35 min"),
        ("planned", ""),
        ("cancelled", "Cancelled"),
    ]


def test_night_talks_stand_under_the_day_they_continue():
    event = EventFactory()
    SessionFactory(event=event, title="Evening", starts_at=datetime(2030, 5, 6, 21, tzinfo=UTC))
    SessionFactory(event=event, title="Night", starts_at=datetime(2030, 5, 6, 22, 30, tzinfo=UTC))

    page = page_for(event)

    (day,) = page.days
    assert tabs(page) == [("2030-05-06", 2, True)]
    assert [(s.starts, s.shift) for s in day.slots] == [("23:00", ""), ("00:30", "+1 day")]


def a_programme() -> Event:
    event = EventFactory()
    art = TrackFactory(event=event, name="Art", position=2)
    code = TrackFactory(event=event, name="Code", position=1)
    rows = [
        ("Maps", art, "en", "Saal 1", SessionType.WEBCAST),
        ("Karten", art, "de", "Saal 2", SessionType.WEBCAST),
        ("Kernels", code, "en", "Saal 1", SessionType.INTERACTIVE),
    ]
    for number, (title, track, language, room, kind) in enumerate(rows):
        SessionFactory(
            event=event,
            title=title,
            track=track,
            language=language,
            location=room,
            session_type=kind,
            starts_at=FIRST_START + number * DAY,
        )
    return event


def chips(page: AgendaPage) -> dict[str, list[tuple[str, int, bool]]]:
    return {g.label: [(c.label, c.count, c.is_active) for c in g.chips] for g in page.groups}


def test_chips_count_what_they_would_show_and_tracks_keep_their_order():
    page = page_for(a_programme(), "day=all&language=en")

    assert titles(page) == ["Maps", "Kernels"]
    assert chips(page) == {
        "Track": [("Code", 1, False), ("Art", 1, False)],
        "Type": [("Webcast", 1, False), ("Interactive room", 1, False)],
        "Language": [("English", 2, True), ("German", 1, False)],
        "Room": [("Saal 1", 2, False), ("Saal 2", 0, False)],
    }
    assert (page.matching, page.total, page.hidden) == (2, 3, 1)
    assert [(c.label, c.href) for c in page.active] == [("English", "?day=all")]


def test_an_empty_result_says_which_filter_to_drop():
    event = a_programme()

    page = page_for(event, "day=all&language=de&track=code")
    hopeless = page_for(event, "day=all&language=de&track=code&q=nothing")

    assert (titles(page), titles(hopeless), hopeless.hints) == ([], [], [])
    assert page.hints == [
        Hint("Track", "?day=all&language=de", 1),
        Hint("Language", "?day=all&track=code", 1),
    ]


def test_an_empty_day_names_the_days_that_match():
    page = page_for(a_programme(), "language=de")

    assert titles(page) == []
    assert [(str(t.date), t.count) for t in page.elsewhere] == [("2030-05-07", 1)]


def test_search_reads_titles_texts_speakers_tracks_and_rooms():
    event = EventFactory()
    track = TrackFactory(event=event, name="Entertainment")
    session = SessionFactory(
        event=event,
        title="Quiz",
        abstract="Who knows",
        description="Mostly harmless",
        track=track,
        location="Großer Saal",
    )
    SessionSpeakerFactory(session=session, speaker__name="Zoë Quinn")
    SessionFactory(event=event, title="Other")

    for words in ("quiz", "who+knows", "HARMLESS", "zoe", "entertain", "grosser"):
        assert titles(page_for(event, f"q={words}")) == ["Quiz"], words


def test_favourites_show_what_the_person_keeps():
    event = three_days()
    person = BookmarkFactory(session=event.sessions.get(title="Day 1")).user

    page = page_for(event, "day=all&favourites=1", user=person)

    assert (titles(page), page.favourites.count) == (["Day 1"], 1)
    assert page_for(event, "day=all", user=UserFactory()).favourites.count == 0


def fill(event: Event, sessions: int) -> None:
    tracks = [TrackFactory(event=event) for _ in range(5)]
    for number in range(sessions):
        session = SessionFactory(
            event=event,
            title=f"A title as long as they usually are, number {number}",
            track=tracks[number % 5],
            location=f"Saal {number % 4}",
            language="en",
            starts_at=FIRST_START + timedelta(hours=number % 8, days=number % 3),
        )
        SessionSpeakerFactory(session=session)


def measured(client: Client, event: Event, query: str) -> tuple[int, int]:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/e/{event.slug}/agenda/?{query}")
    assert response.status_code == 200
    return len(queries), len(response.content)


def test_agenda_asks_the_database_as_often_for_500_sessions_as_for_5():
    small, large = EventFactory(), EventFactory()
    fill(small, 5)
    fill(large, 500)
    user = UserFactory()
    for event in (small, large):
        RegistrationFactory(event=event, user=user)
        BookmarkFactory(session=event.sessions.first(), user=user)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    # Cold; then what is kept of this version serves every other choice. Words are read once.
    asked = {"": 6, "day=all": 3, "day=all&q=number&language=en": 4, "day=all&q=title": 3}
    asked |= {"day=all&favourites=1": 3, "day=all&view=grid&reach=1": 3}
    for query, queries in asked.items():
        few, many = measured(client, small, query), measured(client, large, query)
        assert few[0] == many[0] == queries, query
    visitor = [measured(Client(), large, q)[0] for q in ("q=number", "reach=1", "view=grid")]
    assert visitor == [1, 1, 1]

    assert measured(Client(), large, "")[1] < 150_000
    assert measured(Client(), large, "day=all")[1] < 290_000
    path = f"/e/{large.slug}/agenda/?day=all"
    assert len(client.get(path, headers={"Accept-Encoding": "gzip"}).content) < 20_000


@time_machine.travel(FIRST_START + timedelta(minutes=10), tick=False)
def test_agenda_page_writes_times_with_their_zone():
    event = EventFactory()
    session = SessionFactory(event=event, title="Opening")
    client = Client()

    def written(query: str) -> str:
        html = client.get(f"/e/{event.slug}/agenda/{query}").content.decode()
        found = re.search(r"<small>(.*?)</small>", html.split('<ul class="cards">')[1])
        assert found
        return re.sub(r"<[^>]+>", "", found[1])

    assert session.get_absolute_url() in client.get(f"/e/{event.slug}/agenda/").content.decode()
    assert written("") == "11:00–11:45 CEST"
    assert written("?zone=Pacific/Auckland") == "21:00–21:45 NZST"
    # The choice is remembered, and can be taken back.
    assert written("") == "21:00–21:45 NZST"
    assert written("?zone=event") == "11:00–11:45 CEST"


def test_an_agenda_without_sessions_says_so():
    html = Client().get(f"/e/{EventFactory().slug}/agenda/").content.decode()

    assert "The agenda is not out yet" in html


def test_a_cookie_that_somebody_made_up_chooses_nothing_harmful():
    event = EventFactory()
    SessionFactory(event=event)
    path = f"/e/{event.slug}/agenda/"
    for value in ("%00", "view=%ff&day=%ED%A0%80", "track=" + "x" * 600, "&=&;", "//evil.example"):
        client = Client()
        client.cookies["agenda"] = value
        response = client.get(path, follow=True)
        assert (response.status_code, response.request["PATH_INFO"]) == (200, path), value
