"""A session runs late: what follows moves as asked, each channel says so, one undo takes it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from events.models import AnnouncedSession, Event, PlannerRules, Session, SessionStatus
from kaltura_bridge.models import SyncState, SyncTarget
from kaltura_simulator.testing import Simulator
from tests.events.planner.conftest import Desk
from tests.factories import (
    BookmarkFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

QUARTER = timedelta(minutes=15)


@pytest.fixture
def noon(event: Event) -> datetime:
    """Ten minutes ago; the day is the event's, and long enough for what follows."""
    now = timezone.now().replace(second=0, microsecond=0)
    today = now.astimezone(event.zone)
    event.timezone = "UTC" if today.hour > 18 and now.hour <= 18 else "Pacific/Honolulu"
    event.starts_on = event.ends_on = now.astimezone(event.zone).date()
    event.save()
    return now - timedelta(minutes=10)


@pytest.fixture
def room(event: Event, noon: datetime) -> Callable[..., Session]:
    def make(title: str, after_minutes: int, **more: Any) -> Session:
        starts_at = noon + timedelta(minutes=after_minutes)
        more = {"location": "Hall", "ends_at": starts_at + timedelta(minutes=30), **more}
        return SessionFactory(event=event, title=title, starts_at=starts_at, **more)

    return make


def look(desk: Desk, session: Session, **typed: Any) -> Any:
    url = f"{desk.url('_late')}?session={session.pk}"
    page = desk.client.post(url, {"minutes": "15", "following": "push", **typed, "preview": "1"})
    return url, page.context["preview"], page.context["form"]


def late(desk: Desk, session: Session, **typed: Any) -> Any:
    url, preview, form = look(desk, session, **typed)
    assert preview, form.errors
    said = {"shown": preview.fingerprint, "confirmed": "1"}
    return desk.client.post(url, {"minutes": "15", "following": "push", **typed, **said})


def shifts(*sessions: Session) -> list[tuple[int, int]]:
    """By how many minutes start and end of each have moved."""
    now = Session.objects.in_bulk([session.pk for session in sessions])
    return [
        tuple(
            (getattr(now[s.pk], name) - getattr(s, name)) // timedelta(minutes=1)
            for name in ("starts_at", "ends_at")
        )
        for s in sessions
    ]


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_what_follows_moves_as_far_as_it_must_and_comes_back_with_one_undo(desk, room):
    live, soon = room("Live", 0), room("Soon", 35)
    after_a_break, beside = room("After", 90), room("Beside", 35, location="Attic")

    answer = late(desk, live)
    moved = shifts(live, soon, after_a_break, beside)
    undone = desk.client.post(answer.headers["Location"], follow=True)

    assert moved == [(0, 15), (10, 10), (0, 0), (0, 0)]
    assert "Undone: everything is where it was." in text_of(undone)
    assert shifts(live, soon) == [(0, 0), (0, 0)]


def test_all_that_follows_moves_by_as_much_when_asked(desk, room):
    sessions = [room("Live", 0), room("Soon", 35), room("After", 90)]

    late(desk, sessions[0], following="all")

    assert shifts(*sessions) == [(0, 15), (15, 15), (15, 15)]


def test_nothing_that_follows_moves_and_what_is_in_the_way_is_said(desk, room):
    live, soon = room("Live", 0), room("Soon", 35)

    _, preview, form = look(desk, live, following="stay")

    assert preview is None
    assert "in the same room (Hall)" in form.errors["__all__"][0]
    assert shifts(live, soon) == [(0, 0), (0, 0)]


def test_people_who_would_be_twice_on_stage_are_a_warning_or_a_block(desk, room, event):
    live, beside = room("Live", 0), room("Beside", 30, location="Attic")
    ada = SpeakerFactory(event=event, name="Ada")
    for session in (live, beside):
        SessionSpeakerFactory(session=session, speaker=ada)

    _, warned, _ = look(desk, live)
    PlannerRules.objects.create(event=event, levels={"speaker_twice": "block"})
    _, blocked, form = look(desk, live)

    assert len(warned.warnings) == 1
    assert warned.warnings[0].startswith("Ada is in “Live” and in “Beside” at ")
    assert (blocked, form.errors["__all__"][0][:4]) == (None, "Ada ")


def test_session_that_is_over_or_has_a_begun_one_after_it_is_refused(desk, room):
    over = room("Over", -300)
    live, begun = room("Live", 0, ends_at=timezone.now() - timedelta(minutes=8)), room("Begun", 5)

    refused = [look(desk, session, following="push")[2].errors for session in (over, live)]

    assert [errors["__all__"] for errors in refused] == [
        ["The session is over or cancelled, so it cannot be extended."],
        ["“Begun” has begun already, so it cannot begin later."],
    ]
    assert shifts(over, live, begun) == [(0, 0)] * 3


def test_receipt_says_how_each_channel_stands(simulator: Simulator, desk, room, event):
    live, soon = room("Live", 0), room("Soon", 35)
    draft = room("Draft", 70, status=SessionStatus.DRAFT)
    BookmarkFactory(session=soon)
    call_command("kaltura_sync", event.slug, "--wait", "60")

    receipt = late(desk, live, following="all").headers["Location"]
    before = text_of(desk.client.get(receipt))
    call_command("kaltura_sync", event.slug, "--wait", "60")
    after = text_of(desk.client.get(receipt))

    closes = Session.objects.get(pk=live.pk).doors_close_at.astimezone(event.zone)
    assert "Not yet “Live” is on its way." in before
    assert [
        words in after
        for words in (
            "Done “Live” is in sync.",
            "Done “Soon” is in sync.",
            "1 session is a draft, which attendees do not see.",
            "Done “Live” is change 1 in calendars: they take it at their next look.",
            "Not yet “Soon”: 1 person with a star is told within minutes",
            "Nobody is sent a mail about what has begun: “Live”.",
            f"“Live” can be entered until {closes:%H:%M}; each entry makes a new pass.",
        )
    ] == [True] * 7
    assert AnnouncedSession.objects.get(session=live).ends_at == live.ends_at + QUARTER
    assert SyncTarget.objects.get(object_uuid=live.uuid).state == SyncState.SYNCED
    assert shifts(draft) == [(15, 15)]


def test_receipts_are_ones_own_and_pages_without_a_session_offer_what_is_on(desk, room, event):
    live = room("Live", 0)
    room("Tonight", 300)
    choice = text_of(desk.client.get(desk.url("_late")))
    receipt = late(desk, live).headers["Location"]
    other = Desk(event, TeamMemberFactory(event=event).user)
    theirs = text_of(other.client.get(receipt))
    other.client.post(receipt)

    assert ("Live" in choice, "Tonight" in choice) == (True, False)
    assert "You have moved nothing in this event yet" in theirs
    assert shifts(live) == [(0, 15)]
