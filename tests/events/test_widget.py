"""The agenda for other sites: who may frame it, what it shows, and that it asks nobody's name."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from events.actions import save_planned
from events.models import AgendaWidget, EventStatus, FramedBy, SessionStatus, Visibility
from events.widget.sites import let_frame, read_sites
from tests.factories import (
    EventFactory,
    SessionFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def event():
    event = EventFactory(title="Congress", timezone="Europe/Berlin")
    for day, title in ((6, "Opening"), (7, "Closing")):
        SessionFactory(
            event=event,
            title=title,
            slug=title.lower(),
            track=TrackFactory(event=event, name=f"Track {day}"),
            starts_at=datetime(2030, 5, day, 8, tzinfo=UTC),
        )
    return event


def ancestors_of(response) -> str:
    policy = response["Content-Security-Policy"].split("; ")
    (found,) = [each for each in policy if each.startswith("frame-ancestors ")]
    return found.removeprefix("frame-ancestors ")


def path_of(event, query: str = "") -> str:
    return f"/e/{event.slug}/widget/{query}"


@pytest.mark.parametrize(
    ("framed_by", "sites", "expected"),
    [
        (None, [], "'self'"),
        (FramedBy.NOBODY, ["https://a.example"], "'self'"),
        (FramedBy.LISTED, ["https://a.example"], "'self' https://a.example"),
        (FramedBy.EVERYBODY, [], "*"),
    ],
)
def test_those_may_frame_it_whom_the_event_lets(client, event, framed_by, sites, expected):
    if framed_by:
        let_frame(event, framed_by, sites)

    response = client.get(path_of(event))

    assert ancestors_of(response) == expected
    assert "X-Frame-Options" not in response.headers


def test_no_other_page_may_be_framed(client, event):
    let_frame(event, FramedBy.EVERYBODY, [])

    for path in ("", "agenda/", "sessions/opening/"):
        response = client.get(f"/e/{event.slug}/{path}")
        assert (ancestors_of(response), response["X-Frame-Options"]) == ("'none'", "DENY")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("visibility", Visibility.REGISTERED),
        ("visibility", Visibility.INVITED),
        ("status", EventStatus.DRAFT),
    ],
)
def test_events_that_are_not_for_everybody_are_not_shown_to_managers_either(
    client, event, field, value
):
    setattr(event, field, value)
    save_planned(event)
    client.force_login(TeamMemberFactory(event=event).user, BACKEND)

    assert client.get(path_of(event)).status_code == 404


def test_who_asks_makes_no_difference(client, event, django_assert_num_queries):
    SessionFactory(event=event, title="Secret", status=SessionStatus.DRAFT)
    client.get(path_of(event, "?day=all"))
    with django_assert_num_queries(2):
        stranger = client.get(path_of(event, "?day=all"))
    client.force_login(TeamMemberFactory(event=event).user, BACKEND)
    manager = client.get(path_of(event, "?day=all"))

    assert manager.content == stranger.content
    assert "Secret" not in stranger.content.decode()
    assert (stranger.cookies, manager.cookies) == ({}, {})


def test_day_and_track_are_chosen_by_the_address(client, event):
    def titles(query: str) -> list[bool]:
        page = client.get(path_of(event, query)).content.decode()
        return ["Opening" in page, "Closing" in page]

    assert titles("") == [True, False]
    assert titles("?day=2030-05-07") == [False, True]
    assert titles("?day=all") == [True, True]
    assert titles("?day=all&track=track-7") == [False, True]
    assert titles("?day=nonsense&track=nonsense") == [True, False]


def test_links_lead_to_the_portal_in_another_window(client, event, settings):
    page = client.get(path_of(event)).content.decode()

    link = f'<a href="{settings.SITE_URL}/e/{event.slug}/sessions/opening/" target="_blank"'
    assert link in page


def test_theme_is_fixed_where_the_site_asks(client, event):
    page = client.get(path_of(event, "?theme=dark")).content.decode()
    assert 'data-theme="dark"' in page
    assert "&amp;scheme=dark" in page

    css = client.get(f"/e/{event.slug}/theme.css?scheme=dark").content.decode()
    assert "prefers-color-scheme" not in css


def test_language_is_the_sites_choice(client, event):
    page = client.get(path_of(event, "?language=de"))

    assert page["Content-Language"] == "de"
    assert '<html lang="de"' in page.content.decode()
    assert page.cookies == {}


def test_unchanged_agenda_is_not_sent_again(client, event):
    first = client.get(path_of(event))
    assert "public" in first["Cache-Control"]

    again = client.get(path_of(event), headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")

    session = event.sessions.get(slug="opening")
    session.title = "Opening, anew"
    save_planned(session)
    changed = client.get(path_of(event), headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert "Opening, anew" in changed.content.decode()

    let_frame(event, FramedBy.EVERYBODY, [])
    allowed = client.get(path_of(event), headers={"if-none-match": changed["ETag"]})
    assert allowed.status_code == 200


def test_all_of_it_is_small(client, event):
    """Thirty sessions of a day, with script and stylesheet."""
    for number in range(30):
        SessionFactory(event=event, starts_at=datetime(2030, 5, 6, 9, number, tzinfo=UTC))
    paths = [path_of(event), "/widget.js", f"/e/{event.slug}/theme.css"]
    paths += [f"/static/events/{name}" for name in ("js/widget-frame.js", "css/widget.css")]
    bodies = [
        b"".join(response.streaming_content) if response.streaming else response.content
        for response in map(client.get, paths)
    ]

    assert sum(map(len, bodies)) <= 30_000
    assert sum(len(gzip.compress(body)) for body in bodies) <= 8_000


def test_script_may_be_included_anywhere(client):
    response = client.get("/widget.js")

    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["Cache-Control"] == "public, max-age=3600"
    again = client.get("/widget.js", headers={"if-none-match": response["ETag"]})
    assert (again.status_code, response.cookies) == (304, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://www.example.org", ["https://www.example.org"]),
        ("example.org/\n\nEXAMPLE.org", ["https://example.org"]),
        ("*.example.org", ["https://*.example.org"]),
        ("http://localhost:8000", ["http://localhost:8000"]),
        ("", []),
    ],
)
def test_sites_are_origins(text, expected):
    assert read_sites(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("https://a.example/path", "javascript:alert(1)", "https://a.example; script-src *"),
        *("*", "https://*", "a.example 'unsafe-inline'", "https://user@a.example", "https://[::1"),
        *("https://a.example:99999", "https://a.example?x", "a" * 300, "ftp://a.example"),
    ],
)
def test_what_is_no_site_is_refused(text):
    with pytest.raises(ValidationError):
        read_sites(text)


def test_manager_chooses_and_copies(client, event, settings):
    client.force_login(TeamMemberFactory(event=event).user, BACKEND)
    url = f"/admin/events/event/{event.pk}/widget/"

    answer = client.post(url, {"framed_by": "listed", "sites": "www.example.org"}, follow=True)
    page = client.get(f"{url}?day=all&theme=dark").content.decode()

    assert answer.status_code == 200
    assert AgendaWidget.objects.values_list("event", "framed_by", "sites").get() == (
        event.pk,
        "listed",
        ["https://www.example.org"],
    )
    code = (
        f"&lt;script src=&quot;{settings.SITE_URL}/widget.js&quot; "
        f"data-event=&quot;{event.slug}&quot; data-day=&quot;all&quot; "
        "data-theme=&quot;dark&quot; async&gt;&lt;/script&gt;"
    )
    assert code in page
    assert f'<iframe src="/e/{event.slug}/widget/?day=all&amp;theme=dark"' in page
    assert ancestors_of(client.get(path_of(event))) == "'self' https://www.example.org"


def test_list_of_sites_may_not_be_empty_or_wrong(client, event):
    client.force_login(TeamMemberFactory(event=event).user, BACKEND)
    url = f"/admin/events/event/{event.pk}/widget/"

    for sites, text in (("", "Name at least one site"), ("a b", "is no site")):
        page = client.post(url, {"framed_by": "listed", "sites": sites})
        assert text in page.content.decode()
    assert not AgendaWidget.objects.exists()


def test_others_do_not_choose(client, event):
    client.force_login(UserFactory(is_staff=True), BACKEND)

    client.post(f"/admin/events/event/{event.pk}/widget/", {"framed_by": "everybody"})

    assert not AgendaWidget.objects.exists()
