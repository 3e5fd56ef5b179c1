"""Pages read without a network, in a real browser with the real service worker."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from events.models import Event, Session
from tests.accessibility import violations
from tests.browser import soon, wait_until
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

KEPT = """async () => {
    const found = [];
    for (const name of await caches.keys()) {
        for (const key of await (await caches.open(name)).keys()) {
            found.push(key.url.slice(location.origin.length));
        }
    }
    return found;
}"""


@pytest.fixture
def keeping(settings):
    settings.OFFLINE_PAGES = True


@pytest.fixture
def session(keeping) -> Session:
    event = EventFactory(title="Congress", timezone="UTC")
    session = SessionFactory(
        event=event,
        title="Opening",
        slug="opening",
        starts_at=timezone.now() + timedelta(minutes=5),
    )
    SessionSpeakerFactory(session=session, speaker__name="Ada Lovelace", speaker__slug="ada")
    SessionFactory(event=event, title="Closing", slug="closing")
    return session


def kept(page: Any) -> list[str]:
    return page.evaluate(KEPT)


def pages_kept(page: Any) -> set[str]:
    return {path for path in kept(page) if not path.startswith(("/static/", "/offline/"))}


def keeps(page: Any, *paths: str) -> Callable[[], bool]:
    return lambda: set(paths) <= pages_kept(page)


def agenda_of(event: Event) -> str:
    return f"/e/{event.slug}/agenda/?day=all"


def test_agenda_sessions_and_speakers_are_read_offline(visit, session):
    """My sessions and who speaks in them are there although nobody opened them."""
    event, user = session.event, RegistrationFactory(event=session.event).user
    BookmarkFactory(user=user, session=session)
    agenda, mine = agenda_of(event), "/me/agenda/"
    speaker = f"/e/{event.slug}/speakers/ada/"
    page = visit(f"/e/{event.slug}/", user=user, width=360)
    base = re.match(r"https?://[^/]+", page.url)[0]
    assert soon(keeps(page, agenda, mine, session.get_absolute_url(), speaker))
    page.context.set_offline(True)

    for path, text in (
        (agenda, "Opening"),
        (mine, "Opening"),
        (session.get_absolute_url(), "Opening"),
        (speaker, "Ada Lovelace"),
    ):
        page.goto(base + path)
        assert text in page.locator("main").inner_text()
        strip = page.locator("[data-kept-text]").inner_text()
        assert re.fullmatch(
            r"You are offline. This page is as of \d\d:\d\d (CET|CEST|GMT\+\d).", strip
        )
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert page.complaints == []
    assert violations(page) == []


def test_another_day_leads_to_the_whole_agenda(visit, session):
    agenda = agenda_of(session.event)
    page = visit(agenda)
    base = re.match(r"https?://[^/]+", page.url)[0]
    assert soon(keeps(page, agenda))
    page.context.set_offline(True)

    page.goto(f"{base}/e/{session.event.slug}/agenda/?day=2026-05-04&track=x")

    assert page.url == base + agenda


def test_page_that_is_not_kept_says_so_and_lists_those_that_are(visit, session):
    page = visit(agenda_of(session.event))
    base = re.match(r"https?://[^/]+", page.url)[0]
    assert soon(keeps(page, agenda_of(session.event)))
    page.context.set_offline(True)

    page.goto(f"{base}/e/{session.event.slug}/sessions/closing/")

    page.locator("[data-kept-pages] a").first.wait_for()
    assert page.locator("h1").inner_text() == "You are offline"
    assert page.locator("[data-kept-pages] a").all_inner_texts() == ["Agenda · Congress"]
    page.click("[data-kept-pages] a")
    page.wait_for_selector("text=Opening")


def test_signing_out_drops_what_was_kept(visit, session):
    user = RegistrationFactory(event=session.event).user
    BookmarkFactory(user=user, session=session)
    page = visit(agenda_of(session.event), user=user)
    assert soon(keeps(page, agenda_of(session.event), "/me/agenda/"))
    reader = page.locator("[data-reader]").get_attribute("data-reader")

    page.click(".menu summary")
    page.click("text=Sign out")
    page.wait_for_url("**/")

    assert soon(lambda: "/me/agenda/" not in pages_kept(page))
    assert reader
    bodies = """async () => {
        const texts = [];
        for (const name of await caches.keys()) {
            const store = await caches.open(name);
            for (const key of await store.keys()) texts.push(await (await store.match(key)).text());
        }
        return texts.join("");
    }"""
    texts = page.evaluate(bodies)
    assert (reader in texts, user.email in texts) == (False, False)


def test_signing_out_without_a_network_drops_it_too(visit, session):
    user = RegistrationFactory(event=session.event).user
    page = visit(agenda_of(session.event), user=user)
    assert soon(keeps(page, agenda_of(session.event), "/me/agenda/"))
    wait_until(page, "Boolean(navigator.serviceWorker.controller)")
    page.context.set_offline(True)

    page.evaluate(
        "fetch('/accounts/logout/', { method: 'POST', body: new FormData() }).catch(() => {})"
    )

    assert soon(lambda: pages_kept(page) == set())


def test_another_person_finds_nothing_of_the_one_before(visit, live_portal, session):
    from tests.events.conftest import _login_cookie

    one, other = UserFactory(), UserFactory()
    page = visit(agenda_of(session.event), user=one)
    assert soon(keeps(page, agenda_of(session.event), "/me/agenda/"))

    page.context.add_cookies([_login_cookie(other, live_portal)])
    page.goto(f"{live_portal}/e/{session.event.slug}/speakers/ada/")

    speaker = f"/e/{session.event.slug}/speakers/ada/"
    assert soon(lambda: speaker in pages_kept(page) and "/me/agenda/" not in pages_kept(page))
    assert agenda_of(session.event) not in pages_kept(page)


def test_rooms_accounts_and_files_are_never_kept(visit, session):
    user = RegistrationFactory(event=session.event).user
    page = visit(agenda_of(session.event), user=user)
    base = re.match(r"https?://[^/]+", page.url)[0]
    assert soon(keeps(page, agenda_of(session.event), "/me/agenda/"))
    wait_until(page, "Boolean(navigator.serviceWorker.controller)")

    for path in (
        f"{session.get_absolute_url()}join/",
        "/accounts/email/",
        "/me/data/",
        "/me/news/",
        f"/e/{session.event.slug}/changes/",
    ):
        page.goto(base + path)
    page.goto(base + session.get_absolute_url())
    assert soon(keeps(page, session.get_absolute_url()))

    never = re.compile(r"join|/accounts/|/me/data|/me/news|changes|\.ics")
    assert [path for path in kept(page) if never.search(path) and "/static/" not in path] == []


def test_copy_is_shown_when_the_portal_is_slow(visit, session, monkeypatch):
    """A page that has not come within three seconds; what comes is kept for the next time."""
    from events.views import session as view

    path = session.get_absolute_url()
    page = visit(path)
    base = re.match(r"https?://[^/]+", page.url)[0]
    assert soon(keeps(page, path))
    wait_until(page, "Boolean(navigator.serviceWorker.controller)")
    seen, real = [], view.staged_session

    def slow(*args: Any, **kwargs: Any) -> Any:
        if not seen:
            seen.append(1)
            import time

            time.sleep(5)
        return real(*args, **kwargs)

    monkeypatch.setattr(view, "staged_session", slow)
    page.goto(base + path)

    assert page.locator("[data-kept-text]").inner_text().startswith("The network is slow.")
    assert page.locator("h1").inner_text() == "Opening"


def test_stars_of_a_copy_say_that_they_wait(visit, session):
    user = RegistrationFactory(event=session.event).user
    page = visit(agenda_of(session.event), user=user)
    assert soon(keeps(page, agenda_of(session.event)))
    page.context.set_offline(True)
    page.reload()

    page.locator("#opening .star").click()

    assert page.locator("[data-kept-text]").inner_text() == (
        "Nothing can be changed before you are online again."
    )
    assert page.url.endswith(agenda_of(session.event))


def test_new_version_drops_what_the_old_one_kept(visit, session, monkeypatch):
    from events.offline import keeping

    page = visit(agenda_of(session.event))
    assert soon(keeps(page, agenda_of(session.event)))
    (before,) = [name for name in page.evaluate("caches.keys()") if name.startswith("pages-")]

    monkeypatch.setattr(keeping, "_MOST_PAGES", 79)
    page.evaluate("navigator.serviceWorker.getRegistration().then((each) => each.update())")

    assert soon(lambda: before not in page.evaluate("caches.keys()"))


def test_switch_makes_browsers_forget(visit, session, settings):
    page = visit(agenda_of(session.event))
    assert soon(keeps(page, agenda_of(session.event)))

    settings.OFFLINE_PAGES = False
    page.evaluate("navigator.serviceWorker.getRegistration().then((each) => each.update())")

    assert soon(lambda: page.evaluate("caches.keys()") == [])
    page.reload()
    assert page.evaluate("navigator.serviceWorker.getRegistration().then(Boolean)") is False
