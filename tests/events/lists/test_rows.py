"""A row of the list of sessions, edited in place: by whom, and against whose newer state."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from events.models import EventRoom, PlannerRules, PlannerStep, Session, SessionStatus, TeamRole
from tests.factories import (
    EventFactory,
    SessionFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


class Row:
    """The row of one session, as one person edits it."""

    def __init__(self, session: Session, user: Any) -> None:
        self.session, self.client = session, Client()
        self.client.force_login(user)
        self.url = reverse("admin:events_session_row", args=[session.pk])

    def html(self) -> str:
        return self.client.get(self.url, {"part": "1"}).content.decode()

    def fields(self, **changed: str) -> dict[str, str]:
        """What the form would send, with some fields typed over."""
        html = self.html()
        sent = dict(re.findall(r'<input[^>]*? name="(row-[^"]+)" value="([^"]*)"', html))
        for name, options in re.findall(
            r'<select name="(row-[^"]+)".*?>(.*?)</select>', html, re.S
        ):
            chosen = re.search(r'value="([^"]*)" selected', options)
            sent[name] = chosen[1] if chosen else ""
        sent.setdefault("row-location", "")
        return sent | {f"row-{name}": value for name, value in changed.items()}

    def save(self, sent: dict[str, str]) -> Any:
        return self.client.post(f"{self.url}?part=1", sent)


@pytest.fixture
def session() -> Session:
    event = EventFactory(timezone="Asia/Tokyo")
    return SessionFactory(
        event=event, title="Keynote", starts_at=datetime(2030, 5, 6, 9, tzinfo=UTC)
    )  # 18:00 to 18:45


@pytest.fixture
def row(session) -> Row:
    return Row(session, TeamMemberFactory(event=session.event).user)


@pytest.mark.postgres
def test_a_row_is_saved_in_the_zone_of_its_event(row, session):
    track = TrackFactory(event=session.event)
    sent = row.fields(
        starts_at_1="10:00", ends_at_1="11:30", location="Hall", track=str(track.pk), status="draft"
    )

    answer = row.save(sent)

    session.refresh_from_db()
    assert answer.status_code == 204
    assert (
        session.starts_at,
        session.ends_at,
        session.location,
        session.track,
        session.status,
    ) == (
        datetime(2030, 5, 6, 1, tzinfo=UTC),
        datetime(2030, 5, 6, 2, 30, tzinfo=UTC),
        "Hall",
        track,
        "draft",
    )
    assert PlannerStep.objects.count() == 1  # To be undone in the planner.
    assert row.save(sent).status_code == 204  # Its first answer was lost.
    assert PlannerStep.objects.count() == 1


@pytest.mark.postgres
def test_whoever_comes_second_is_told_and_decides(row, session):
    sent = row.fields(starts_at_1="10:00", ends_at_1="11:00")
    Session.objects.filter(pk=session.pk).update(location="Attic")

    refused = row.save(sent)
    html = refused.content.decode()
    session.refresh_from_db()

    assert (refused.status_code, session.starts_at.hour) == (409, 9)
    assert "Somebody else has changed “Keynote” meanwhile" in html
    assert "18:00–18:45 Asia/Tokyo, room Attic" in html
    version = re.search(r'name="row-version" value="([^"]+)"', html)[1]
    assert row.save(sent | {"row-version": version}).status_code == 204
    session.refresh_from_db()
    assert (session.starts_at.hour, session.location) == (1, "")


def test_what_the_event_does_not_allow_is_refused_and_said(row, session):
    event = session.event
    EventRoom.objects.create(event=event, name="Hall")
    SessionFactory(event=event, title="Panel", location="Hall", starts_at=session.starts_at)
    PlannerRules.objects.create(event=event, levels={"room_twice": "block"})

    answer = row.save(row.fields(location="Hall"))

    session.refresh_from_db()
    assert (answer.status_code, session.location) == (422, "")
    assert "Panel" in answer.content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ends_at_1": "17:00"}, "The end must be after the start."),
        ({"starts_at_1": "x"}, "Enter a valid time."),
        ({"status": "cancelled"}, "Select a valid choice."),
        ({"track": "4711"}, "Select a valid choice."),
    ],
)
def test_nonsense_is_said_beside_the_field(row, session, changed, said):
    answer = row.save(row.fields(**changed))

    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    before = (session.starts_at, session.ends_at, session.status, session.track_id)
    session.refresh_from_db()
    assert (session.starts_at, session.ends_at, session.status, session.track_id) == before


def test_only_planners_edit_rows_and_see_the_way(session):
    link = f"/admin/events/session/{session.pk}/row/"
    listed = f"/admin/events/session/?event={session.event_id}"
    for role, may in (
        (TeamRole.OWNER, True),
        (TeamRole.MANAGER, True),
        (TeamRole.MODERATOR, False),
        (TeamRole.ANALYST, False),
    ):
        client = Client()
        client.force_login(TeamMemberFactory(event=session.event, role=role).user)
        assert (link in client.get(listed).content.decode()) is may
        assert client.get(link).status_code == (200 if may else 403)
    stranger = Client()
    stranger.force_login(TeamMemberFactory(event=EventFactory()).user)
    assert stranger.get(link).status_code == 302
    assert Client().get(link).status_code == 302


def test_without_a_script_it_is_a_page_that_leads_back(row, session):
    back = f"/admin/events/session/?event={session.event_id}&status=draft"
    page = row.client.get(row.url, {"back": back})
    sent = row.fields(status=SessionStatus.PUBLISHED, location="Hall")

    done = row.client.post(f"{row.url}?back=/admin/events/session/%3Fx", sent)
    astray = row.client.post(f"{row.url}?back=https://evil.example/", row.fields(location="B"))

    assert b'class="workspace"' in page.content
    assert done["Location"] == "/admin/events/session/?x"
    assert astray["Location"] == f"/admin/events/session/?event={session.event_id}"


def test_the_history_says_who_changed_the_status(row, session):
    row.save(row.fields(status="draft"))

    entries = list(LogEntry.objects.values_list("change_message", flat=True))
    assert entries == ["Status: Published → Draft."]


def test_a_cancelled_session_leads_to_its_form(session):
    Session.objects.filter(pk=session.pk).update(status=SessionStatus.CANCELLED)
    row = Row(session, UserFactory(is_staff=True, is_superuser=True))

    answer = row.client.get(row.url)

    assert answer["Location"] == f"/admin/events/session/{session.pk}/change/"
