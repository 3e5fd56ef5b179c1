"""Pages are sent once: whoever has them already is told so, and nobody is shown another's."""

from __future__ import annotations

import gzip
import re
import threading
import time
import zlib
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.actions import save_planned, set_bookmark
from events.agenda.shared import Gap, GapMaker
from events.caching import frames, strangers
from events.caching.checksums import appended
from events.caching.encoding import ComposedBody, KeptPart, takes_gzip
from events.caching.fragments import FragmentStore, forget_all
from events.models import Event, User
from tests.factories import (
    FIRST_START,
    BookmarkFactory,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
AGENDA = "/e/congress/agenda/"
PAGES = [
    AGENDA,
    "/e/congress/",
    "/e/congress/sessions/maps/",
    "/e/congress/speakers/ada/",
]


@pytest.fixture(autouse=True)
def _minute():
    """No minute passes between two requests of a test."""
    with time_machine.travel(FIRST_START.replace(minute=0), tick=False):
        yield


@pytest.fixture
def event() -> Event:
    event = EventFactory(slug="congress")
    maps = SessionFactory(event=event, slug="maps", title="Maps")
    SessionFactory(event=event, slug="charts", title="Charts")
    SessionSpeakerFactory(session=maps, speaker__event=event, speaker__slug="ada")
    return event


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def again(client: Client, path: str, etag: str, queries: int | None = None):
    """Ask for a page that the browser has, and hold the number of queries."""
    with CaptureQueriesContext(connection) as asked:
        response = client.get(path, headers={"If-None-Match": etag})
    assert queries is None or len(asked) == queries, [query["sql"] for query in asked]
    return response


@pytest.mark.parametrize("path", PAGES)
class TestUnchangedPage:
    def test_costs_strangers_one_query_and_no_byte(self, event, path):
        first = Client().get(path)
        second = again(Client(), path, first["ETag"], queries=1)

        assert (first.status_code, second.status_code, second.content) == (200, 304, b"")
        assert second["ETag"] == first["ETag"]
        assert {second["Cache-Control"], first["Cache-Control"]} == {"private, no-cache"}
        assert first["Vary"] == second["Vary"] == "Accept-Encoding, Accept-Language, Cookie"
        assert (first.cookies, second.cookies) == ({}, {})
        assert b"csrfmiddlewaretoken" not in first.content

    def test_costs_people_four_queries_at_most_and_no_byte(self, event, path):
        client = client_of(UserFactory())
        first = client.get(path)
        # Visit, person, and the event with their stars; and the speaker.
        second = again(client, path, first["ETag"], queries=4 if "/speakers/" in path else 3)

        assert (second.status_code, second.content) == (304, b"")

    def test_is_sent_again_when_anything_changes(self, event, path):
        for client in (Client(), client_of(UserFactory())):
            before = client.get(path)["ETag"]
            event.sessions.first().save()
            event.title = f"Another {before[3:9]}"
            save_planned(event)
            after = again(client, path, before)
            assert (after.status_code, after["ETag"] != before) == (200, True)
            assert event.title in after.content.decode()

    def test_nobody_is_told_to_show_another_persons(self, event, path):
        ada, bob = UserFactory(), UserFactory()
        clients = [Client(), client_of(ada), client_of(bob)]
        tags = [client.get(path)["ETag"] for client in clients]

        for client in clients:
            answers = [again(client, path, tag).status_code for tag in tags]
            assert sorted(answers) == [200, 200, 304]

    def test_is_another_after_signing_in_and_out(self, event, path):
        client, user = Client(), UserFactory()
        stranger = client.get(path)["ETag"]
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        person = client.get(path)["ETag"]
        assert again(client, path, stranger).status_code == 200
        client.logout()
        client.cookies.clear()
        assert again(client, path, person).status_code == 200
        assert again(client, path, stranger).status_code == 304

    def test_frame_holds_nothing_of_anybody(self, event, path):
        """Whatever is personal in a page around its content stands in one of its gaps."""
        frames._FRAMES._recent.clear()
        client_of(UserFactory()).get(path)
        shared = list(frames._FRAMES._recent.values())
        frames._FRAMES._recent.clear()
        client_of(UserFactory(is_staff=True)).get(path)

        assert [kept.content.digest for kept in shared] == [
            kept.content.digest for kept in frames._FRAMES._recent.values()
        ]

    def test_is_another_when_the_name_changes(self, event, path):
        user = UserFactory()
        client = client_of(user)
        before = client.get(path)["ETag"]
        user.name = "Somebody Else"
        user.save()

        after = again(client, path, before)
        assert (after.status_code, "Somebody Else" in after.content.decode()) == (200, True)

    def test_tells_the_time_in_its_header(self, event, path):
        first = Client().get(path)
        told = re.fullmatch(r'now;desc="(\d+\.\d{3})"', first["Server-Timing"])
        assert float(told[1]) == FIRST_START.replace(minute=0).timestamp()
        assert float(re.search(rb'data-now="([\d.]+)"', first.content)[1]) == float(told[1])

    def test_unpacks_to_what_is_sent_plainly(self, event, path):
        user = UserFactory()
        for client in (Client(), client_of(user)):
            packed = client.get(path, headers={"Accept-Encoding": "br, gzip"})
            plain = client.get(path)
            # A small page that is rendered for one person is left to the proxy.
            is_packed = "sessionid" not in client.cookies or path == AGENDA
            encodings = [page.get("Content-Encoding") for page in (packed, plain)]
            assert encodings == ["gzip" if is_packed else None, None]
            content = gzip.decompress(packed.content) if is_packed else packed.content
            assert untold(content) == untold(plain.content)
            assert packed["ETag"] == plain["ETag"]


def untold(page: bytes) -> bytes:
    return re.sub(rb'value="[A-Za-z0-9]{64}"|data-now="[^"]*"', b"", page)


def test_front_page_tells_strangers_nothing_of_a_programme_for_registered_people():
    event = EventFactory(slug="closed", visibility="registered")
    SessionFactory(event=event, title="Inner circle")
    guest = client_of(RegistrationFactory(event=event).user)

    seen = [
        "1 session" in each.get("/e/closed/").content.decode() for each in (guest, Client()) * 2
    ]
    assert seen == [True, False] * 2


def test_what_is_kept_for_registered_people_is_nobody_elses_and_the_other_way_round():
    event = EventFactory(slug="closed", visibility="registered")
    inner, _ = [SessionFactory(event=event, slug=slug) for slug in ("inner", "beside")]
    path, strangers_front = inner.get_absolute_url(), Client().get("/e/closed/").content
    guest = client_of(RegistrationFactory(event=event).user)

    seen = [each.get(path) for each in (Client(), guest, Client())]

    assert [page.status_code for page in seen] == [403, 200, 403]
    assert "/sessions/beside/" in seen[1].content.decode()
    assert untold(seen[0].content) == untold(seen[2].content)
    assert untold(Client().get("/e/closed/").content) == untold(strangers_front)
    assert "no-store" in seen[2]["Cache-Control"]


def test_page_kept_for_strangers_is_not_sent_once_the_programme_is_for_registered_people(event):
    """Whatever its version is: who closes the event may forget to tell."""
    path = "/e/congress/sessions/maps/"
    kept = Client().get(path)
    Event.objects.filter(pk=event.pk).update(visibility="registered")

    answers = [Client().get(path), again(Client(), path, kept["ETag"])]

    assert [answer.status_code for answer in (kept, *answers)] == [200, 403, 403]


def test_message_is_shown_once_and_such_a_page_is_never_the_same(event):
    client = client_of(UserFactory())
    first = client.get(AGENDA)
    client.post("/e/congress/bookmark/", {"keep": "nosuch", "next": AGENDA})
    said = again(client, AGENDA, first["ETag"])
    after = again(client, AGENDA, first["ETag"])

    assert (said.status_code, said.get("ETag"), after.status_code) == (200, None, 304)
    assert "This session is no longer in the agenda." in said.content.decode()


def test_message_for_a_stranger_is_shown(event):
    client = Client()
    client.get(AGENDA)
    request = client.get(AGENDA).wsgi_request
    storage = CookieStorage(request)
    from django.http import HttpResponse

    storage.add(20, "Signed out.")
    response = HttpResponse()
    storage.update(response)
    client.cookies.update(response.cookies)

    assert "Signed out." in client.get(AGENDA).content.decode()
    assert "Signed out." not in Client().get(AGENDA).content.decode()


def test_star_makes_another_page_for_its_owner_only(event):
    user = UserFactory()
    client, other = client_of(user), client_of(UserFactory())
    tags = [each.get(AGENDA)["ETag"] for each in (client, other, Client())]
    set_bookmark(user, event.sessions.get(slug="maps"), True)

    answers = [
        again(each, AGENDA, tag).status_code
        for each, tag in zip((client, other, Client()), tags, strict=True)
    ]
    assert answers == [200, 304, 304]


def test_minute_makes_another_page_while_the_agenda_counts(event):
    before = Client().get(AGENDA)["ETag"]
    with time_machine.travel(FIRST_START.replace(minute=1), tick=False):
        assert again(Client(), AGENDA, before).status_code == 200


def test_many_who_come_at_once_have_the_page_rendered_once(event):
    """The whole page, though all of them find nothing kept."""
    store, rendered = FragmentStore(), []
    gate = threading.Barrier(12)

    def ask() -> None:
        gate.wait()
        from events.caching.fragments import Fragment

        def render() -> Fragment[bytes]:
            rendered.append(1)
            time.sleep(0.1)
            return Fragment(b"page", time.time() + 60)

        store.get("fragment:at-once", render)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rendered == [1]


def test_change_is_seen_by_a_process_that_has_the_old_page(event):
    """Two processes, as far as pages are concerned: each with what it has kept for itself."""
    here, there = FragmentStore(), FragmentStore()
    with patch.object(strangers, "_PAGES", there):
        old = Client().get(AGENDA)["ETag"]
    with patch.object(strangers, "_PAGES", here):
        assert Client().get(AGENDA)["ETag"] == old
        session = event.sessions.get(slug="maps")
        session.title = "New title"
        save_planned(session)
    with patch.object(strangers, "_PAGES", there):
        after = again(Client(), AGENDA, old)

    assert (after.status_code, "New title" in after.content.decode()) == (200, True)


def test_address_that_nobody_links_to_fills_no_memory(event):
    for query in ("?x=1", "?day=1999-01-01", "?q=maps", "?track=a&track=a"):
        before = len(strangers._PAGES._recent)
        assert Client().get(AGENDA + query).status_code == 200
        assert len(strangers._PAGES._recent) == before, query


class TestStrangersStar:
    """The form on a page for strangers has no token."""

    def test_is_taken_from_our_own_pages(self, event):
        client = Client(enforce_csrf_checks=True)
        for headers in (
            {},
            {"Origin": "http://testserver"},
            {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
        ):
            sent = client.post("/e/congress/bookmark/", {"keep": "maps"}, headers=headers)
            assert sent.status_code == 302, headers

    def test_is_not_taken_from_elsewhere(self, event):
        client = Client(enforce_csrf_checks=True)
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
        ):
            sent = client.post("/e/congress/bookmark/", {"keep": "maps"}, headers=headers)
            assert (sent.status_code, "early_stars" in client.session) == (403, False), headers

    def test_of_somebody_signed_in_still_needs_one(self, event):
        user = UserFactory()
        client = Client(enforce_csrf_checks=True)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

        sent = client.post("/e/congress/bookmark/", {"keep": "maps"})
        assert (sent.status_code, user.bookmarks.count()) == (403, 0)


class TestEncoding:
    @pytest.mark.parametrize(
        ("offer", "taken"),
        [
            ("", False),
            ("gzip", True),
            ("br, GZIP;q=0.5", True),
            ("*", True),
            ("gzip;q=0", False),
            ("gzip; q=0.0", False),
            ("br", False),
        ],
    )
    def test_gzip_is_sent_to_who_takes_it(self, rf, offer, taken):
        assert takes_gzip(rf.get("/", headers={"Accept-Encoding": offer})) is taken

    def test_parts_make_one_gzip(self):
        texts = [b"a" * 70_000, b"", "é".encode(), b"b" * 2_000, b"c" * 2_001, b"d" * 50_000]
        body = ComposedBody((KeptPart.of(texts[0]), *map(KeptPart.once, texts[1:])))
        assert gzip.decompress(body.packed) == body.text == b"".join(texts)

    @pytest.mark.parametrize("length", [0, 1, 2_048, 2_049, 65_536, 70_001, 1_000_003])
    def test_checksum_of_two_texts_is_that_of_both_together(self, length):
        first, second = b"Maps \xff", bytes(number * 7 % 256 for number in range(length))
        together = appended(zlib.crc32(first), zlib.crc32(second), length)
        assert together == zlib.crc32(first + second)

    def test_stars_of_long_pages_are_where_they_belong(self):
        gaps = GapMaker()
        items = [
            f"<li>{number}{gaps._mark(Gap('star', f's{number}'))}</li>" for number in range(900)
        ]
        page = gaps.shared("".join(items), [f"s{number}" for number in range(900)])
        kept = {"s0", "s450", "s899"}

        body = ComposedBody(tuple(page.parts(kept, {})))
        found = re.findall(r'name="drop" value="(s\d+)"', gzip.decompress(body.packed).decode())
        assert (found, len(page.pieces) > 1) == (sorted(kept, key=lambda s: int(s[1:])), True)
        assert gzip.decompress(body.packed) == body.text


def test_three_queries_also_with_stars(event, django_assert_num_queries):
    user = UserFactory()
    for session in event.sessions.all():
        BookmarkFactory(user=user, session=session)
    client = client_of(user)
    client.get(AGENDA)
    with django_assert_num_queries(3):
        page = client.get(AGENDA)
    assert page.content.decode().count('name="drop"') == 2


def test_six_queries_at_most_when_nothing_is_kept(event):
    for client, at_most in ((Client(), 4), (client_of(UserFactory()), 6)):
        client.get(AGENDA)
        cache.clear()
        forget_all()
        with CaptureQueriesContext(connection) as asked:
            client.get(AGENDA)
        assert len(asked) <= at_most, [query["sql"] for query in asked]
