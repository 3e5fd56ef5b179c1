"""When the Studio, the ingest addresses and the moderator view may be opened, phase by phase."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from events.access import Phase, phase_of, timeline_of
from events.models import Event, EventStatus, Session, SessionStatus
from tests.kaltura_bridge.support.on_air import OnAir, on_air

pytestmark = pytest.mark.django_db

OVER = "This session is over."
CANCELLED = "This session will not take place."
DRAFT = "This session is not published yet."
LENGTH = timedelta(minutes=45)


def moved(air: OnAir, starts_at: datetime, status: str = SessionStatus.PUBLISHED) -> Session:
    times = {"starts_at": starts_at, "ends_at": starts_at + LENGTH}
    Session.objects.filter(pk=air.session.pk).update(**times, status=status)
    return Session.objects.select_related("event").get(pk=air.session.pk)


def opens(air: OnAir) -> dict[str, bool]:
    """Which of the three hand out a KS, or what one shows."""
    studio = air.client().post(f"{air.desk_url}studio/launch/", {"system": "windows"})
    ingest = air.client().post(f"{air.desk_url}ingest/")
    questions = air.client("moderator").post(f"{air.desk_url}questions/open/")
    return {
        "studio": studio.headers.get("Location", "").startswith("KalturaWebcast:"),
        "ingest": bool(ingest.context["shown"]),
        "questions": "ks=" in questions.headers.get("Location", ""),
    }


def reasons(air: OnAir) -> list[str]:
    """Why not, as each page has it."""
    pages = (("producer", "studio"), ("producer", "ingest"), ("moderator", "questions"))
    return [
        str(air.client(who).get(f"{air.desk_url}{name}/").context["closed"]) for who, name in pages
    ]


def test_each_phase_hands_out_what_is_needed_in_it(simulator):
    air = on_air(simulator)
    now = timezone.now()
    doors_closed = LENGTH + timedelta(minutes=air.session.event.overrun_minutes)
    early = now + timedelta(days=3)
    by_start = {
        Phase.PLANNED: early,
        Phase.SOON: now + timedelta(minutes=50),
        Phase.OPEN: now + timedelta(minutes=1),
        Phase.LIVE: now - timedelta(minutes=1),
        Phase.OVERRUN: now - LENGTH - timedelta(minutes=1),
        Phase.OVER: now - doors_closed - timedelta(minutes=55),
    }
    for phase, starts_at in by_start.items():
        session = moved(air, starts_at)
        assert phase_of(session, timeline_of(session), now) is phase
        is_early = phase is Phase.PLANNED
        assert opens(air) == {"studio": True, "ingest": True, "questions": not is_early}, phase
        assert [bool(reason) for reason in reasons(air)] == [False, False, is_early], phase

    moved(air, early)
    local = (early - timedelta(hours=1)).astimezone(air.session.event.zone)
    assert reasons(air)[2].endswith(f"at {local:%H:%M} ({air.session.event.timezone}).")
    page = air.client("moderator").get(f"{air.desk_url}questions/").content.decode()
    assert (reasons(air)[2] in page, "questions/open/" in page) == (True, False)


@pytest.mark.parametrize(
    ("ago", "status", "why"),
    [
        (timedelta(hours=4), SessionStatus.PUBLISHED, OVER),
        (timedelta(days=365), SessionStatus.PUBLISHED, OVER),
        (timedelta(minutes=1), SessionStatus.CANCELLED, CANCELLED),
    ],
)
def test_afterwards_and_when_cancelled_nothing_is_handed_out(simulator, ago, status, why):
    air = on_air(simulator)
    moved(air, timezone.now() - ago, status)
    simulator.forget_requests()

    found = opens(air)

    assert found == {"studio": False, "ingest": False, "questions": False}
    assert reasons(air) == [why] * 3
    for who, name, way in (
        ("producer", "studio", "studio/launch/"),
        ("producer", "ingest", "Show the addresses"),
        ("moderator", "questions", "questions/open/"),
    ):
        page = air.client(who).get(f"{air.desk_url}{name}/").content.decode()
        assert (why in page, way in page) == (True, False)
    assert simulator.calls() == 0
    assert not LogEntry.objects.filter(change_message__startswith="Live desk").exists()


def test_a_draft_is_prepared_by_producers_and_moderated_by_nobody(simulator):
    air = on_air(simulator)
    Event.objects.filter(pk=air.session.event_id).update(status=EventStatus.DRAFT)

    assert opens(air) == {"studio": True, "ingest": True, "questions": False}
    page = air.client("team moderator").get(f"{air.desk_url}questions/")
    assert str(page.context["closed"]) == DRAFT


def test_each_launch_stands_in_the_history(simulator):
    air = on_air(simulator)

    opens(air)

    lines = LogEntry.objects.filter(change_message__startswith="Live desk").order_by("pk")
    assert [(line.user, line.object_id, line.change_message) for line in lines] == [
        (air.people[who], str(air.session.pk), f"Live desk: {what} ({air.entry_id})")
        for who, what in (
            ("producer", "opened the Webcasting Studio"),
            ("producer", "was shown the ingest addresses of the session"),
            ("moderator", "opened the moderator view"),
        )
    ]
