"""Changes in words, on their page and in their feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from events.actions import cancel_session, move_session, save_planned
from events.models import EventStatus, SessionStatus, Visibility
from events.programme.reading import sentences
from tests.factories import EventFactory, SessionFactory

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2030, 5, 6, 8, 0, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


def seen(start: datetime = START, minutes: int = 45, **other: Any) -> dict[str, Any]:
    return {
        "title": "Maps",
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(minutes=minutes)).isoformat(),
        "location": "",
        "is_cancelled": False,
    } | other


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, seen(), ["New in the programme: Mon 6 May, 10:00–10:45 CEST."]),
        (None, seen(location="Saal 1"), ["New in the programme: Mon 6 May, 10:00–10:45 CEST, Saal 1."]),
        (seen(), None, ["No longer in the programme; it was planned for Mon 6 May, 10:00–10:45 CEST."]),
        (seen(), seen(START + timedelta(hours=1)), ["Moved from 10:00 to 11:00–11:45 CEST."]),
        (
            seen(),
            seen(START + timedelta(days=1)),
            ["Moved from Mon 6 May, 10:00–10:45 CEST to Tue 7 May, 10:00–10:45 CEST."],
        ),
        (seen(), seen(minutes=90), ["It ends at 11:30 instead of 10:45."]),
        (seen(), seen(location="Saal 1"), ["Now in Saal 1."]),
        (seen(location="Saal 1"), seen(location="Saal 2"), ["Now in Saal 2 instead of Saal 1."]),
        (seen(location="Saal 1"), seen(), ["It is no longer in Saal 1."]),
        (seen(), seen(is_cancelled=True), ["Cancelled."]),
        (seen(is_cancelled=True), seen(), ["It takes place after all."]),
        (seen(title="Charts"), seen(), ["It was called “Charts”."]),
        (
            seen(title="Charts"),
            seen(START + timedelta(hours=1), location="Saal 1"),
            ["Moved from 10:00 to 11:00–11:45 CEST.", "Now in Saal 1.", "It was called “Charts”."],
        ),
    ],
)  # fmt: skip
def test_each_change_is_said_in_words(before, after, told):
    assert sentences(before, after, BERLIN) == told


@pytest.fixture
def event():
    return EventFactory(slug="congress", title="Congress")


@pytest.mark.django_db
@pytest.mark.postgres
class TestPages:
    def test_page_tells_what_changed_in_the_readers_zone(self, event):
        session = SessionFactory(event=event, title="Maps", slug="maps", starts_at=START)
        move_session(session, START + timedelta(hours=1), START + timedelta(hours=2))

        page = Client().get("/e/congress/changes/", {"zone": "America/New_York"}).content.decode()

        assert "Moved from 04:00 to 05:00–06:00 EDT." in page
        assert '<a href="/e/congress/sessions/maps/">Maps</a>' in page
        assert page.index("Moved from") < page.index("New in the programme")

    def test_page_without_changes_says_so(self, event):
        assert "Nothing has changed yet" in Client().get("/e/congress/changes/").content.decode()

    @pytest.mark.parametrize("path", ["changes/", "changes.atom", "schedule.xml", "schedule.json"])
    @pytest.mark.parametrize(
        "fields",
        [
            {"status": EventStatus.DRAFT},
            {"visibility": Visibility.INVITED},
            {"visibility": Visibility.REGISTERED},
        ],
        ids=["draft", "private", "registered"],
    )
    def test_what_visitors_may_not_see_is_not_found(self, event, path, fields):
        SessionFactory(event=event)
        for name, value in fields.items():
            setattr(event, name, value)
        save_planned(event)

        assert Client().get(f"/e/congress/{path}").status_code == 404

    def test_hidden_session_has_no_link(self, event):
        session = SessionFactory(event=event, title="Maps", slug="maps")
        session.status = SessionStatus.DRAFT
        save_planned(session)

        page = Client().get("/e/congress/changes/").content.decode()

        assert "No longer in the programme" in page
        assert "/sessions/maps/" not in page

    def test_feed_has_an_entry_for_each_change(self, event, settings):
        settings.SITE_URL = "https://events.example.org"
        session = SessionFactory(event=event, title="Maps & more", slug="maps", starts_at=START)
        cancel_session(session)

        response = Client().get("/e/congress/changes.atom")

        feed = ElementTree.fromstring(response.content)
        entries = feed.findall(f"{ATOM}entry")
        assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
        assert feed.findtext(f"{ATOM}title") == "Congress: changes of the programme"
        assert [
            (
                entry.findtext(f"{ATOM}title"),
                entry.findtext(f"{ATOM}summary"),
                entry.find(f"{ATOM}link").get("href"),
            )
            for entry in entries
        ] == [
            ("Maps & more", text, "https://events.example.org/e/congress/sessions/maps/")
            for text in ("Cancelled.", "New in the programme: Mon 6 May, 10:00–10:45 CEST.")
        ]
        assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 2

    def test_log_asks_as_often_for_many_as_for_one(self, event, django_assert_num_queries):
        for count in (1, 5):
            SessionFactory.create_batch(count, event=event)
            with django_assert_num_queries(3):
                Client().get("/e/congress/changes/")
