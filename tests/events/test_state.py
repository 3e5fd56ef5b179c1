"""The one button of a session, over time and for every kind of visitor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from events.agenda.state import Does, Phase, SessionState, Visitor, phase_of, session_state
from events.models import Event, EventStatus, Session, SessionStatus
from events.recordings import Recording

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)
NOBODY = Visitor()
STRANGER = Visitor(is_signed_in=True)
ATTENDEE = Visitor(is_signed_in=True, is_registered=True)
SPEAKER = Visitor(is_signed_in=True, on_stage=True)
PLANNER = Visitor(is_signed_in=True, is_team=True, plans=True)


def a_session(**fields: object) -> Session:
    """45 minutes; doors open 15 minutes before and close 30 minutes after. Not saved."""
    event = Event(title="Congress", doors_open_minutes=15, overrun_minutes=30, status="published")
    defaults = {"status": SessionStatus.PUBLISHED, "starts_at": START}
    ends_at = START + timedelta(minutes=45)
    return Session(event=event, **{**defaults, "ends_at": ends_at, **fields})


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("minutes", "phase"),
    [
        (-61, Phase.PLANNED),
        (-60, Phase.SOON),
        (-15.01, Phase.SOON),
        (-15, Phase.OPEN),
        (-0.01, Phase.OPEN),
        (0, Phase.LIVE),
        (44.99, Phase.LIVE),
        (45, Phase.OVERRUN),
        (74.99, Phase.OVERRUN),
        (75, Phase.OVER),
    ],
)
def test_phase_of_changes_at_the_minute(minutes: float, phase: Phase):
    assert phase_of(a_session(), at(minutes)) == phase


def test_phase_of_cancelled_and_draft_wins_over_time():
    cancelled = a_session(status=SessionStatus.CANCELLED)
    draft = a_session(status=SessionStatus.DRAFT)
    of_cancelled_event = a_session()
    of_cancelled_event.event.status = EventStatus.CANCELLED

    assert [phase_of(s, at(1)) for s in (cancelled, draft, of_cancelled_event)] == [
        Phase.CANCELLED,
        Phase.DRAFT,
        Phase.CANCELLED,
    ]


def test_attendee_sees_one_button_that_tells_the_state():
    def shown(minutes: float, recording: Recording = Recording.NONE) -> tuple[str, Does]:
        state = session_state(a_session(), at(minutes), ATTENDEE, recording)
        return state.button, state.does

    assert [
        shown(-90),
        shown(-32),
        shown(-15),
        shown(10),
        shown(50),
        shown(80),
        shown(80, Recording.PROCESSING),
        shown(80, Recording.READY),
    ] == [
        ("Add to calendar", Does.CALENDAR),
        ("Starts in 32 minutes", Does.NOTHING),
        ("Join now", Does.JOIN),
        ("Join now", Does.JOIN),
        ("Join now", Does.JOIN),
        ("Ended", Does.NOTHING),
        ("Processing recording", Does.NOTHING),
        ("Watch", Does.WATCH),
    ]


def test_state_says_the_whole_story():
    assert session_state(a_session(), at(-12.5), ATTENDEE) == SessionState(
        Phase.OPEN, "In 13 min", "Join now", Does.JOIN, "Doors are open. Starts in 13 minutes."
    )
    assert session_state(a_session(), at(50), ATTENDEE) == SessionState(
        Phase.OVERRUN,
        "Ending",
        "Join now",
        Does.JOIN,
        "The planned time is over; the room is still open.",
    )
    assert session_state(a_session(status=SessionStatus.CANCELLED), at(5), ATTENDEE) == (
        SessionState(
            Phase.CANCELLED,
            "Cancelled",
            "Cancelled",
            Does.NOTHING,
            "This session will not take place.",
        )
    )


def test_countdown_says_one_minute_until_the_start():
    session = a_session()
    session.event.doors_open_minutes = 0

    assert [session_state(session, at(m), ATTENDEE).button for m in (-1.5, -1, -0.01, 0)] == [
        "Starts in 2 minutes",
        "Starts in 1 minute",
        "Starts in 1 minute",
        "Join now",
    ]


@pytest.mark.parametrize("minutes", [-90, -30, 0, 50])
def test_whoever_may_not_enter_is_told_what_is_missing(minutes: float):
    def shown(visitor: Visitor) -> tuple[str, Does]:
        state = session_state(a_session(), at(minutes), visitor)
        return state.button, state.does

    closed = Visitor(is_signed_in=True, may_register=False)
    assert [shown(NOBODY), shown(STRANGER), shown(closed)] == [
        ("Sign in to join", Does.SIGN_IN),
        ("Register to join", Does.REGISTER),
        ("Registration is closed", Does.NOTHING),
    ]


def test_a_recording_is_for_people_who_may_enter():
    def shown(visitor: Visitor) -> tuple[str, Does]:
        state = session_state(a_session(), at(100), visitor, Recording.READY)
        return state.button, state.does

    assert [shown(NOBODY), shown(STRANGER), shown(ATTENDEE)] == [
        ("Sign in to watch", Does.SIGN_IN),
        ("Register to watch", Does.REGISTER),
        ("Watch", Does.WATCH),
    ]


def test_people_on_stage_enter_an_hour_early_and_planners_any_time():
    def shown(visitor: Visitor, minutes: float) -> str:
        return session_state(a_session(), at(minutes), visitor).button

    assert [shown(v, m) for v in (ATTENDEE, SPEAKER, PLANNER) for m in (-300, -60)] == [
        "Add to calendar",
        "Starts in 60 minutes",
        "Add to calendar",
        "Enter early",
        "Enter early",
        "Enter early",
    ]
