"""The agenda is rendered once for all who ask the same; what is one person's own is laid over it."""

from __future__ import annotations

import re
import threading
import time
from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from events.actions import save_planned, set_bookmark
from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.models import Event, SessionStatus, User
from events.views import agenda
from tests.factories import (
    FIRST_START,
    BookmarkFactory,
    EventFactory,
    SessionFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
PATH = "/e/congress/agenda/"
STAR = re.compile(r'name="(keep|drop)" value="([^"]+)"( aria-pressed="true")?>')


@pytest.fixture
def event() -> Event:
    event = EventFactory(slug="congress")
    art = TrackFactory(event=event, slug="art", name="Art")
    SessionFactory(event=event, slug="maps", title="Maps", track=art)
    SessionFactory(event=event, slug="charts", title="Charts <b>")
    return event


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def stars(client: Client, query: str = "") -> dict[str, bool]:
    page = client.get(PATH + query).content.decode()
    return {slug: bool(pressed) for _, slug, pressed in STAR.findall(page)}


def favourites(client: Client, query: str = "") -> str:
    page = client.get(PATH + query).content.decode()
    return re.findall(r"data-favourites>(\d+)<", page)[0]


def test_each_person_sees_their_own_stars_on_the_shared_page(event):
    ada, bob = UserFactory(), UserFactory()
    BookmarkFactory(user=ada, session=event.sessions.get(slug="maps"))
    BookmarkFactory(user=bob, session=event.sessions.get(slug="charts"))
    clients = [client_of(ada), client_of(bob), Client()]

    with patch.object(agenda, "render_to_string", wraps=agenda.render_to_string) as rendered:
        seen = [stars(client) for client in clients * 2]

    assert (
        seen
        == [
            {"charts": False, "maps": True},
            {"charts": True, "maps": False},
            {"charts": False, "maps": False},
        ]
        * 2
    )
    assert rendered.call_count == 1
    assert [favourites(client) for client in clients] == ["1", "1", "0"]
    assert [favourites(client, "?track=art") for client in clients] == ["1", "0", "0"]


def test_star_is_seen_at_once_and_renders_nothing_anew(event):
    user = UserFactory()
    client = client_of(user)
    before = stars(client)
    with patch.object(agenda, "render_to_string", wraps=agenda.render_to_string) as rendered:
        set_bookmark(user, event.sessions.get(slug="maps"), True)
        after = stars(client)

    assert (before["maps"], after["maps"], rendered.call_count) == (False, True, 0)


def test_form_of_the_shared_page_is_taken_from_each_person(event):
    ada, bob = UserFactory(), UserFactory()
    for user in (ada, bob):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        page = client.get(PATH + "?track=art").content.decode()
        (token,) = set(
            re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.split("<main")[1])
        )
        back = re.findall(r'name="next" value="([^"]+)"', page.split("<main")[1])
        sent = client.post(
            "/e/congress/bookmark/", {"csrfmiddlewaretoken": token, "keep": "maps", "next": back[0]}
        )
        assert (sent.status_code, sent["Location"]) == (302, f"{PATH}?track=art#maps")
        assert [b.session.slug for b in user.bookmarks.all()] == ["maps"]


@pytest.mark.parametrize(
    "change",
    [
        lambda event: save_planned(_titled(event.sessions.get(slug="maps"))),
        lambda event: SessionFactory(event=event, title="New title"),
        lambda event: save_planned(_titled(event)),
        lambda event: save_planned(_named(event.tracks.get())),
    ],
    ids=["session", "new session", "event", "track"],
)
def test_change_shows_with_the_next_request(event, change):
    before = Client().get(PATH).content.decode()
    change(event)

    assert ("New title" in before, "New title" in Client().get(PATH).content.decode()) == (
        False,
        True,
    )


def _titled(thing):
    thing.title = "New title"
    return thing


def _named(track):
    track.name = "New title"
    return track


def test_warm_page_asks_once_for_visitors_and_three_times_for_people(
    event, django_assert_num_queries
):
    visitor, person = Client(), client_of(UserFactory())
    for client in (visitor, person):
        client.get(PATH)
    with django_assert_num_queries(1):
        visitor.get(PATH)
    with django_assert_num_queries(3):
        person.get(PATH)


def test_team_and_visitors_share_nothing(event):
    SessionFactory(event=event, title="Secret", status=SessionStatus.DRAFT)
    member = client_of(TeamMemberFactory(event=event).user)

    seen = ["Secret" in c.get(PATH).content.decode() for c in (member, Client(), member, Client())]

    assert seen == [True, False, True, False]


def test_marks_are_right_at_every_minute_and_at_each_change(event):
    def mark(at) -> str:
        with time_machine.travel(at, tick=False):
            page = Client().get(PATH).content.decode()
        return re.findall(
            r'<span class="mark[^>]*>([^<]+)</span>', page.split('<ul class="cards"')[1]
        )[0]

    start = FIRST_START
    moments = [
        *(start - timedelta(minutes=2), start - timedelta(minutes=1), start - timedelta(seconds=1)),
        *(start, start + timedelta(minutes=45), start + timedelta(minutes=75)),
    ]

    assert [mark(moment) for moment in moments] == [
        *("In 2 min", "In 1 min", "In 1 min", "Live now", "Ending", "Ended")
    ]


def test_what_somebody_made_up_is_not_kept(event):
    for query in ("?track=nosuch", "?day=1999-01-01", "?q=maps", "?zone=Mars", "?track=art"):
        with patch.object(agenda, "render_to_string", wraps=agenda.render_to_string) as rendered:
            pages = [Client().get(PATH + query) for _ in range(2)]
        kept = query == "?track=art"
        assert [page.status_code for page in pages] == [200, 200]
        assert rendered.call_count == (1 if kept else 2), query


def test_title_cannot_pass_for_a_gap(event):
    with patch("events.agenda.shared.secrets.token_hex", return_value="known"):
        SessionFactory(event=event, title="<!--known-0-->", slug="sly")
        page = client_of(UserFactory()).get(PATH).content.decode().partition("<main")[2]

    assert "&lt;!--known-0--&gt;" in page
    assert page.count('name="csrfmiddlewaretoken"') == 1


class TestStore:
    def test_one_renders_while_the_others_wait(self):
        store, calls = FragmentStore[str](), []

        def render() -> Fragment[str]:
            calls.append(threading.get_ident())
            time.sleep(0.2)
            return Fragment("content", time.time() + 60)

        found: list[str] = []
        key = fragment_key("one", time.time())
        threads = [
            threading.Thread(target=lambda: found.append(store.get(key, render))) for _ in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (len(calls), found) == (1, ["content"] * 12)

    def test_another_process_finds_what_one_has_rendered(self):
        key = fragment_key("two", time.time())
        fragment = Fragment("content", time.time() + 60)

        first = FragmentStore[str]().get(key, lambda: fragment)
        second = FragmentStore[str]().get(key, lambda: Fragment("again", 0))

        assert (first, second) == ("content", "content")

    def test_what_is_out_of_date_is_rendered_anew(self):
        store = FragmentStore[str]()
        key = fragment_key("three", time.time())
        old = store.get(key, lambda: Fragment("old", time.time() + 0.05))
        time.sleep(0.06)

        assert (old, store.get(key, lambda: Fragment("new", time.time() + 60))) == ("old", "new")

    def test_render_that_fails_leaves_the_way_free(self):
        store = FragmentStore[str]()
        key = fragment_key("four", time.time())

        def fail() -> Fragment[str]:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            store.get(key, fail)
        began = time.monotonic()

        assert store.get(key, lambda: Fragment("content", time.time() + 60)) == "content"
        assert time.monotonic() - began < 1
        assert cache.get(f"{key}:rendering") is None

    def test_oldest_goes_when_there_are_too_many(self):
        store = FragmentStore[int](at_most=2)
        rendered: list[int] = []

        def render(number: int) -> Fragment[int]:
            rendered.append(number)
            return Fragment(number, time.time() + 60)

        for number in (1, 2, 3, 1, 3):
            store.get(fragment_key("five", number), lambda number=number: render(number))

        assert len(store._recent) == 2
        assert rendered == [1, 2, 3]
