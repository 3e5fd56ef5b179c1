"""Stars from before signing in, with scripts and without; none is lost."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from events.agenda.early_stars import MOST, merge_stars
from events.models import Bookmark
from tests.browser import wait_until
from tests.factories import BookmarkFactory, EventFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db


def kept_by(user) -> set[str]:
    return set(Bookmark.objects.filter(user=user).values_list("session__slug", flat=True))


@pytest.mark.postgres
def test_stars_are_merged_into_what_the_account_has():
    user, event = UserFactory(), EventFactory(slug="summit")
    for title in ("Maps", "Charts", "Mine"):
        SessionFactory(event=event, title=title)
    SessionFactory(event=event, title="Draft", status="draft")
    SessionFactory(event=EventFactory(slug="secret", is_public=False), title="Closed")
    BookmarkFactory(user=user, session=event.sessions.get(slug="mine"))
    names = ["summit/maps", "summit/mine", "summit/gone", "summit/draft", "secret/closed"]
    names += ["gone/maps", "summit", "summit/maps/", "\0/\0", "é/é"]

    for _ in range(2):
        assert sorted(merge_stars(user, names)) == ["summit/maps", "summit/mine"]
    assert kept_by(user) == {"maps", "mine"}
    assert merge_stars(user, ["x/y"] * MOST + ["summit/charts"]) == []


def test_strangers_cannot_merge_and_nobody_without_a_token():
    assert Client().post("/me/stars/", {"star": "a/b"}).status_code == 302
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/me/stars/", {"star": "a/b"}).status_code == 403


def test_without_scripts_the_visit_remembers_a_star_until_it_signs_in():
    user = UserFactory(email="ada@example.org")
    session = SessionFactory()
    other = SessionFactory(event=session.event)
    client, path = Client(), f"/e/{session.event.slug}/bookmark/"
    for each in (session, other):
        login = client.post(path, {"keep": each.slug})["Location"]

    client.post("/accounts/login/", {"login": user.email})
    client.post("/accounts/login/code/", {"email": user.email})
    code = re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", mail.outbox[-1].body, re.MULTILINE)
    client.post("/accounts/login/code/confirm/", {"code": code[1]})

    assert login.startswith("/accounts/login/?next=")
    assert client.get("/me/agenda/").status_code == 200
    assert kept_by(user) == {session.slug, other.slug}


# --- In a browser ------------------------------------------------------------------------------


def star(page, title: str):
    return page.get_by_role("button", name=f"Favourite: {title}")


def pressed(page, title: str) -> bool:
    return star(page, title).get_attribute("aria-pressed") == "true"


def sign_in(page, user) -> None:
    """By a code of the mail, as people do."""
    from tests.events.conftest import _login_cookie

    address = re.match(r"https?://[^/]+", page.url)[0]
    page.context.add_cookies([_login_cookie(user, address)])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_stars_stay_in_the_browser_and_go_to_the_account(visit, width, scheme):
    from tests.accessibility import violations

    event = EventFactory(slug="summit")
    for title in ("Maps", "Charts", "Mine"):
        SessionFactory(event=event, title=title)
    user = UserFactory()
    BookmarkFactory(user=user, session=event.sessions.get(slug="mine"))
    page = visit("/e/summit/agenda/?day=all", width=width, color_scheme=scheme)

    for title in ("Maps", "Charts"):
        star(page, title).click()
    star(page, "Charts").click()
    star(page, "Charts").click()
    note = page.locator("[data-early-stars]")
    assert "Your stars are kept in this browser." in note.inner_text()
    page.reload()
    note.wait_for()
    seen = [pressed(page, title) for title in ("Maps", "Charts", "Mine")]
    page.goto(page.url.replace("agenda/?day=all", "sessions/maps/"))
    assert pressed(page, "Maps")
    found = [*page.complaints, *violations(page)]
    page.complaints.clear()
    assert (seen, found, Bookmark.objects.count()) == ([True, True, False], [], 1)

    sign_in(page, user)
    with page.expect_response("**/me/stars/"):
        page.goto(page.url.replace("sessions/maps/", "agenda/?day=all"))
    wait_until(page, "localStorage.getItem('stars') === null")
    wait_until(page, "[...document.querySelectorAll('.star')].every(s => s.ariaPressed === 'true')")
    assert kept_by(user) == {"maps", "charts", "mine"}
    assert page.complaints == []


@pytest.mark.django_db(transaction=True)
def test_stars_outlive_a_failing_merge(visit):
    event = EventFactory(slug="summit")
    SessionFactory(event=event, title="Maps")
    user = UserFactory()
    page = visit("/e/summit/agenda/?day=all")
    star(page, "Maps").click()
    sign_in(page, user)

    page.route("**/me/stars/", lambda route: route.fulfill(status=503), times=1)
    with page.expect_response("**/me/stars/"):
        page.reload()
    assert kept_by(user) == set()
    with page.expect_response("**/me/stars/"):
        page.reload()
    wait_until(page, "localStorage.getItem('stars') === null")
    assert kept_by(user) == {"maps"}
