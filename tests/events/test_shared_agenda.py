"""A picture of one's agenda for others: what everybody may see, while its link lives."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from events.models import Event, Session, SharedAgenda, User
from tests.factories import BookmarkFactory, EventFactory, SessionFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def ada() -> User:
    return UserFactory(email="ada@example.org", name="Ada Lovelace")


@pytest.fixture
def browser(ada) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def links(browser: Client) -> list[str]:
    page = unescape(browser.get("/me/agenda/").content.decode())
    return re.findall(r'value="http[^"]*(/shared/[0-9a-f]{64}/)"', page)


def share(browser: Client, event: Event, do: str = "renew") -> int:
    return browser.post("/me/agenda/share/", {"event": event.slug, "do": do}).status_code


def shown(address: str) -> list[str]:
    response = Client().get(address)
    if response.status_code != 200:
        return [str(response.status_code)]
    page = response.content.decode()
    assert "ada@example.org" not in page
    assert "Lovelace" not in page
    return re.findall(r'<span class="card-title" dir="auto">([^<]*)<', page)


def test_a_link_shows_one_events_public_stars_until_it_ends(ada, browser):
    event, other = EventFactory(), EventFactory()
    for title, where in (("Maps", event), ("Charts", event), ("Elsewhere", other)):
        BookmarkFactory(user=ada, session=SessionFactory(event=where, title=title))
    BookmarkFactory(session=SessionFactory(event=event, title="Not hers"))

    assert share(browser, event) == 302
    [old] = links(browser)
    assert sorted(shown(old)) == ["Charts", "Maps"]
    Session.objects.filter(title="Maps").update(status="draft")
    assert shown(old) == ["Charts"]
    page = Client().get(old)
    heads = [page[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")]
    assert heads == ["private, no-store", "no-referrer", "noindex"]

    share(browser, event)
    [new] = links(browser)
    assert (shown(old), shown(new)) == (["404"], ["Charts"])
    for _ in range(2):
        share(browser, event, "end")
    assert (shown(new), links(browser)) == (["404"], [])


@pytest.mark.parametrize("fields", [{"visibility": "invited"}, {"status": "draft"}])
def test_what_is_not_public_is_not_shared(ada, browser, fields):
    event = EventFactory()
    BookmarkFactory(user=ada, session=SessionFactory(event=event))
    share(browser, event)
    [link] = links(browser)
    Event.objects.update(**fields)

    assert shown(link) == ["404"]
    assert share(browser, event) == 404
    assert share(browser, event, "end") == 302
    assert not SharedAgenda.objects.exists()


def test_links_are_not_guessed_nor_of_closed_accounts(ada, browser):
    event = EventFactory()
    BookmarkFactory(user=ada, session=SessionFactory(event=event, title="Maps"))
    share(browser, event)
    [link] = links(browser)
    token = link.split("/")[2]

    guesses = ["0" * 64, token[:32] + "0" * 32, token[32:] + token[:32]]
    assert [shown(f"/shared/{guess}/") for guess in guesses] == [["404"]] * 3
    assert shown(link) == ["Maps"]
    ada.is_active = False
    ada.save()
    assert shown(link) == ["404"]
    assert Client().post("/me/agenda/share/", {"event": event.slug})["Location"].startswith("/acc")
