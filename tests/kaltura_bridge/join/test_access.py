"""Who may enter when, row by row; and every denial is one that a person can act on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from events.agenda.state import Does, Visitor, session_state
from events.models import Event, EventStatus, Session, SessionStatus
from events.recordings import Recording
from kaltura_bridge.join.access import Admission, Denial, Doors, Go, Person, Remote, decide
from kaltura_bridge.join.identity import StageRole

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)
OPENS, CLOSES = START - timedelta(minutes=15), START + timedelta(minutes=75)
DOORS = Doors(START, OPENS, CLOSES, ZoneInfo("Europe/Berlin"))

NOBODY = Person()
STRANGER = Person(signed_in=True)
ATTENDEE = Person(signed_in=True, registered=True)
ANALYST = Person(signed_in=True, in_team=True)
SPEAKER = Person(signed_in=True, role=StageRole.SPEAKER)
MODERATOR = Person(signed_in=True, role=StageRole.MODERATOR)
PRODUCER = Person(signed_in=True, in_team=True, role=StageRole.PRODUCER)

DAYS_BEFORE, HOUR_BEFORE = START - timedelta(days=3), START - timedelta(minutes=60)
INSTANT = timedelta(microseconds=1)


def outcome(person: Person, doors: Doors, now: datetime) -> str:
    decision = decide(person, doors, now)
    if isinstance(decision, Denial):
        return decision.code
    return "recording" if decision.recording else "in"


@pytest.mark.parametrize(
    ("person", "now", "expected"),
    [
        (NOBODY, START, "sign_in"),
        (NOBODY, DAYS_BEFORE, "sign_in"),
        (STRANGER, START, "register"),
        (ATTENDEE, DAYS_BEFORE, "too_early"),
        (ATTENDEE, OPENS - INSTANT, "too_early"),
        (ATTENDEE, OPENS, "in"),
        (ATTENDEE, START, "in"),
        (ATTENDEE, CLOSES - INSTANT, "in"),
        (ATTENDEE, CLOSES, "over"),
        (ANALYST, OPENS - INSTANT, "too_early"),
        (ANALYST, OPENS, "in"),
        (SPEAKER, HOUR_BEFORE - INSTANT, "too_early"),
        (SPEAKER, HOUR_BEFORE, "in"),
        (SPEAKER, CLOSES, "over"),
        (MODERATOR, HOUR_BEFORE - INSTANT, "too_early"),
        (MODERATOR, HOUR_BEFORE, "in"),
        (PRODUCER, DAYS_BEFORE, "in"),
        (PRODUCER, CLOSES, "over"),
        (NOBODY, CLOSES, "over"),
    ],
)
def test_time_and_role_decide(person, now, expected):
    assert outcome(person, DOORS, now) == expected


@pytest.mark.parametrize(
    ("changes", "person", "now", "expected"),
    [
        ({"cancelled": True}, NOBODY, START, "cancelled"),
        ({"cancelled": True}, PRODUCER, START, "cancelled"),
        ({"cancelled": True, "draft": True}, ATTENDEE, START, "cancelled"),
        ({"draft": True}, PRODUCER, START, "draft"),
        ({"registration_open": False}, STRANGER, START, "closed"),
        ({"registration_open": False}, ATTENDEE, START, "in"),
        ({"can_mint": False}, ATTENDEE, START, "not_configured"),
        ({"can_mint": False}, ATTENDEE, DAYS_BEFORE, "too_early"),
        ({"remote": Remote.COMING}, ATTENDEE, START, "preparing"),
        ({"remote": Remote.COMING}, ATTENDEE, DAYS_BEFORE, "too_early"),
        ({"remote": Remote.FAILED}, ATTENDEE, START, "refused"),
        ({"recording": Recording.READY}, ATTENDEE, START, "in"),
        ({"recording": Recording.READY}, ATTENDEE, CLOSES, "recording"),
        ({"recording": Recording.READY}, STRANGER, CLOSES, "register"),
        ({"recording": Recording.READY}, NOBODY, CLOSES, "sign_in"),
        ({"recording": Recording.READY, "can_mint": False}, ATTENDEE, CLOSES, "not_configured"),
        ({"recording": Recording.PROCESSING}, ATTENDEE, CLOSES, "processing"),
        ({"recording": Recording.PROCESSING}, ATTENDEE, START, "in"),
    ],
)
def test_the_sessions_own_state_decides(changes, person, now, expected):
    assert outcome(person, replace(DOORS, **changes), now) == expected


def test_doors_that_open_earlier_than_an_hour_open_for_the_stage_too():
    early = replace(DOORS, opens_at=START - timedelta(hours=2))

    assert outcome(SPEAKER, early, START - timedelta(hours=2)) == "in"


def test_too_early_says_when_in_the_events_zone_and_by_name():
    assert decide(ATTENDEE, DOORS, DAYS_BEFORE) == Denial(
        code="too_early",
        status=403,
        what="The doors open at 10:45.",
        why="You are early: come back on Monday, 6 May 2030 at 10:45 (Europe/Berlin, the event's "
        "time zone), or leave this page open and it lets you in by itself.",
        go=Go.SESSION,
        label="Back to the session",
        opens_at=OPENS,
    )


def every_denial() -> list[Denial]:
    everyone = [NOBODY, STRANGER, ATTENDEE, PRODUCER]
    variants = [
        DOORS,
        replace(DOORS, cancelled=True),
        replace(DOORS, draft=True),
        replace(DOORS, registration_open=False),
        replace(DOORS, can_mint=False),
        *(replace(DOORS, remote=remote) for remote in Remote),
        *(replace(DOORS, recording=recording) for recording in Recording),
    ]
    moments = [DAYS_BEFORE, START, CLOSES]
    found = [decide(p, doors, now) for p in everyone for doors in variants for now in moments]
    return [decision for decision in found if isinstance(decision, Denial)]


def test_every_denial_has_words_a_status_and_one_action():
    denials = every_denial()

    assert {denial.code for denial in denials} == {
        "cancelled",
        "closed",
        "draft",
        "not_configured",
        "over",
        "preparing",
        "processing",
        "refused",
        "register",
        "sign_in",
        "too_early",
    }
    for denial in denials:
        assert denial.what.endswith(".") and denial.why.endswith(".") and denial.label
        assert denial.status in {403, 410, 503}
        assert (denial.retry_s is not None) <= (denial.status == 503)


@pytest.mark.parametrize("minutes", range(-90, 150, 5))
@pytest.mark.parametrize("recording", Recording)
@pytest.mark.parametrize("person", [NOBODY, STRANGER, ATTENDEE])
def test_the_agendas_button_and_the_door_agree(minutes, recording, person):
    now = START + timedelta(minutes=minutes)
    event = Event(title="E", status=EventStatus.PUBLISHED, starts_on=START, ends_on=START)
    session = Session(
        event=event,
        starts_at=START,
        ends_at=START + timedelta(minutes=45),
        status=SessionStatus.PUBLISHED,
    )
    visitor = Visitor(is_signed_in=person.signed_in, is_registered=person.registered)
    doors = replace(DOORS, recording=recording)

    button = session_state(session, now, visitor, recording).does
    decision = decide(person, doors, now)

    expected = {Does.JOIN: Admission(), Does.WATCH: Admission(recording=True)}.get(button)
    assert (decision if isinstance(decision, Admission) else None) == expected
