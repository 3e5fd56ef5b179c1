"""What a person may do with a session: the one button, over time and for everybody."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from events.access import (
    Denial,
    Phase,
    SessionAccess,
    SessionAction,
    access_to,
    phase_of,
    takes_registrations,
    timeline_of,
)
from events.agenda.marks import Mark, mark_of, time_left
from events.models import EventStatus, Session, SessionStatus
from events.remote import RecordingState, RemoteState, RoomState
from tests.events.support.situations import (
    ANALYST,
    ATTENDEE,
    MODERATOR,
    NOBODY,
    PRODUCER,
    READY,
    SPEAKER,
    STAGE_MODERATOR,
    START,
    STRANGER,
    Situation,
    Somebody,
    a_session,
)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def access(
    minutes: float,
    who: Somebody = ATTENDEE,
    remote: RemoteState = READY,
    session: Session | None = None,
) -> SessionAccess:
    return Situation(who, session or a_session(), at(minutes), remote).access


def recorded(recording: RecordingState) -> RemoteState:
    return RemoteState(RoomState.READY, recording)


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
    session = a_session()

    assert phase_of(session, timeline_of(session), at(minutes)) == phase


def test_phase_of_cancelled_and_draft_wins_over_time():
    sessions = [
        a_session(status=SessionStatus.CANCELLED),
        a_session(status=SessionStatus.DRAFT),
        a_session(event_status=EventStatus.CANCELLED),
        a_session(event_status=EventStatus.DRAFT),
        a_session(status=SessionStatus.DRAFT, event_status=EventStatus.CANCELLED),
    ]

    assert [(timeline_of(s), phase_of(s, timeline_of(s), at(1))) for s in sessions] == [
        ((), Phase.CANCELLED),
        ((), Phase.DRAFT),
        ((), Phase.CANCELLED),
        ((), Phase.DRAFT),
        ((), Phase.CANCELLED),
    ]


def test_doors_that_open_before_soon_leave_no_soon():
    session = a_session(doors=120)
    phases = [phase_of(session, timeline_of(session), at(m)) for m in (-121, -120, -60, 0)]

    assert phases == [Phase.PLANNED, Phase.OPEN, Phase.OPEN, Phase.LIVE]


def test_attendee_sees_one_button_that_tells_the_state():
    def shown(minutes: float, recording: RecordingState = RecordingState.NONE) -> tuple[str, str]:
        found = access(minutes, remote=recorded(recording))
        return found.label, found.action

    assert [
        shown(-90),
        shown(-32),
        shown(-15),
        shown(10),
        shown(50),
        shown(80),
        shown(80, RecordingState.PROCESSING),
        shown(80, RecordingState.READY),
    ] == [
        ("Add to calendar", SessionAction.CALENDAR),
        ("Starts in {}", SessionAction.WAIT),
        ("Join now", SessionAction.JOIN),
        ("Join now", SessionAction.JOIN),
        ("Join now", SessionAction.JOIN),
        ("Ended", SessionAction.NOTHING),
        ("Processing recording", SessionAction.WAIT),
        ("Watch", SessionAction.WATCH),
    ]


def test_state_says_the_whole_story():
    opened, overrun = access(-12.5), access(50)

    assert opened == SessionAccess(
        phase=Phase.OPEN,
        action=SessionAction.JOIN,
        denial=None,
        starts_at=START,
        doors_open_at=at(-15),
        opens_at=at(-15),
        changes_at=START,
    )
    assert (opened.label, opened.note) == ("Join now", "Doors are open. Starts in {}.")
    assert (overrun.phase, overrun.changes_at) == (Phase.OVERRUN, at(75))
    assert overrun.note == "The planned time is over; the room is still open."
    cancelled = access(5, session=a_session(status=SessionStatus.CANCELLED))
    assert (cancelled.action, cancelled.denial, cancelled.label, cancelled.note) == (
        SessionAction.NOTHING,
        Denial.CANCELLED,
        "Cancelled",
        "This session will not take place.",
    )


def test_the_calendar_is_offered_until_the_end_and_never_twice():
    moments = (-90, -32, 10, 50, 80)
    draft = a_session(status=SessionStatus.DRAFT)

    assert [access(m).offers_calendar for m in moments] == [False, True, True, True, False]
    assert access(0, session=draft).offers_calendar is False


def test_countdown_says_one_minute_until_the_start():
    session = a_session()

    def shown(minutes: float) -> tuple[str, str]:
        return mark_of(session, at(minutes)).text, time_left(START, at(minutes))

    assert [shown(m) for m in (-1.5, -1, -0.01, 0)] == [
        ("In 2 min", "01:30"),
        ("In 1 min", "01:00"),
        ("In 1 min", "00:01"),
        ("Live now", "00:00"),
    ]
    assert [time_left(START, at(m)) for m in (-60, -72, -1440, -2953)] == [
        "1:00:00",
        "1:12:00",
        "1 day 0:00:00",
        "2 days 1:13:00",
    ]


@pytest.mark.parametrize("minutes", [-90, -30, 0, 50])
def test_whoever_may_not_enter_is_told_what_is_missing(minutes: float):
    closed = a_session(event_registration_open=False)
    found = [access(minutes, NOBODY), access(minutes, STRANGER)]
    found.append(access(minutes, STRANGER, session=closed))

    assert [(one.label, one.action) for one in found] == [
        ("Sign in to join", SessionAction.SIGN_IN),
        ("Register to join", SessionAction.REGISTER),
        ("Registration is closed", SessionAction.NOTHING),
    ]


def test_a_recording_is_for_people_who_may_enter():
    remote = recorded(RecordingState.READY)
    found = [access(100, who, remote) for who in (NOBODY, STRANGER, ATTENDEE)]

    assert [(one.label, one.action) for one in found] == [
        ("Sign in to watch", SessionAction.SIGN_IN),
        ("Register to watch", SessionAction.REGISTER),
        ("Watch", SessionAction.WATCH),
    ]


def test_people_on_stage_enter_an_hour_early_and_planners_any_time():
    people = (ATTENDEE, ANALYST, SPEAKER, STAGE_MODERATOR, MODERATOR, PRODUCER)

    assert {who.name: [access(m, who).label for m in (-300, -60)] for who in people} == {
        "attendee": ["Add to calendar", "Starts in {}"],
        "analyst": ["Add to calendar", "Starts in {}"],
        "speaker": ["Add to calendar", "Enter early"],
        "stage moderator": ["Add to calendar", "Enter early"],
        "moderator": ["Add to calendar", "Enter early"],
        "owner": ["Enter early", "Enter early"],
    }
    assert access(-60, SPEAKER).note == "Doors open 15 minutes before the start."


INSTANT = 1 / 60_000_000


@pytest.mark.parametrize(
    ("who", "minutes", "expected"),
    [
        (NOBODY, 0, Denial.SIGN_IN),
        (NOBODY, -4320, Denial.SIGN_IN),
        (STRANGER, 0, Denial.REGISTER),
        (ATTENDEE, -4320, Denial.TOO_EARLY),
        (ATTENDEE, -15 - INSTANT, Denial.TOO_EARLY),
        (ATTENDEE, -15, None),
        (ATTENDEE, 0, None),
        (ATTENDEE, 75 - INSTANT, None),
        (ATTENDEE, 75, Denial.OVER),
        (ANALYST, -15 - INSTANT, Denial.TOO_EARLY),
        (ANALYST, -15, None),
        (SPEAKER, -60 - INSTANT, Denial.TOO_EARLY),
        (SPEAKER, -60, None),
        (SPEAKER, 75, Denial.OVER),
        (MODERATOR, -60 - INSTANT, Denial.TOO_EARLY),
        (MODERATOR, -60, None),
        (PRODUCER, -4320, None),
        (PRODUCER, 75, Denial.OVER),
        (NOBODY, 75, Denial.OVER),
    ],
)
def test_time_and_role_decide(who, minutes, expected):
    assert access(minutes, who).denial == expected


CANCELLED = {"status": SessionStatus.CANCELLED}
DRAFT = {"status": SessionStatus.DRAFT}
CLOSED = {"event_registration_open": False}


@pytest.mark.parametrize(
    ("fields", "remote", "who", "minutes", "expected"),
    [
        (CANCELLED, {}, NOBODY, 0, "cancelled"),
        (CANCELLED, {}, PRODUCER, 0, "cancelled"),
        (CANCELLED | {"event_status": "draft"}, {}, ATTENDEE, 0, "cancelled"),
        (DRAFT, {}, PRODUCER, 0, "draft"),
        ({"event_status": "draft"}, {}, PRODUCER, 0, "draft"),
        (CLOSED, {}, STRANGER, 0, "closed"),
        (CLOSED, {}, ATTENDEE, 0, "join"),
        ({}, {"room": RoomState.NOT_CONFIGURED}, ATTENDEE, 0, "not_configured"),
        ({}, {"room": RoomState.NOT_CONFIGURED}, ATTENDEE, -4320, "too_early"),
        ({}, {"room": RoomState.PREPARING}, ATTENDEE, 0, "preparing"),
        ({}, {"room": RoomState.PREPARING}, ATTENDEE, -4320, "too_early"),
        ({}, {"room": RoomState.FAILED}, ATTENDEE, 0, "refused"),
        ({}, {"recording": RecordingState.READY}, ATTENDEE, 0, "join"),
        ({}, {"recording": RecordingState.READY}, ATTENDEE, 75, "watch"),
        ({}, {"recording": RecordingState.READY}, STRANGER, 75, "register"),
        ({}, {"recording": RecordingState.READY}, NOBODY, 75, "sign_in"),
        (
            {},
            {"recording": RecordingState.READY, "room": RoomState.NOT_CONFIGURED},
            ATTENDEE,
            75,
            "not_configured",
        ),
        ({}, {"recording": RecordingState.PROCESSING}, ATTENDEE, 75, "processing"),
        ({}, {"recording": RecordingState.PROCESSING}, ATTENDEE, 0, "join"),
    ],
)
def test_the_sessions_own_state_decides(fields, remote, who, minutes, expected):
    state = RemoteState(**({"room": RoomState.READY} | remote))
    found = access(minutes, who, state, a_session(**fields))

    assert (found.denial or found.action) == expected


def test_doors_that_open_earlier_than_an_hour_open_for_the_stage_too():
    found = access(-120, SPEAKER, session=a_session(doors=120))

    assert (found.label, found.opens_at) == ("Join now", at(-120))


def test_the_room_is_asked_for_only_when_the_answer_hangs_on_it():
    asked = []

    def remote() -> RemoteState:
        asked.append(1)
        return recorded(RecordingState.READY)

    def times(who: Somebody, minutes: float, **fields: object) -> int:
        asked.clear()
        session = a_session(**fields)
        access_to(session, who.membership, who.enter(session), at(minutes), remote)
        return len(asked)

    assert [times(ATTENDEE, -30), times(NOBODY, 0), times(PRODUCER, 0, **DRAFT)] == [0, 0, 0]
    assert [times(ATTENDEE, 0), times(ATTENDEE, 80), times(NOBODY, 80)] == [1, 1, 1]


def test_what_ends_without_a_known_hour_is_asked_again():
    found = [
        access(0, remote=RemoteState(RoomState.PREPARING)),
        access(0, remote=RemoteState(RoomState.FAILED)),
        access(80, remote=recorded(RecordingState.PROCESSING)),
        access(0),
        access(-30),
    ]

    assert [one.ask_again_s for one in found] == [10, 30, 60, None, None]


def test_marks_tell_scripts_when_the_phases_to_come_begin():
    mark = mark_of(a_session(), at(-30))

    assert (mark.phase, mark.text) == (Phase.SOON, "In 30 min")
    assert mark.phases == "1904287500 900 2700 1800"
    assert mark_of(a_session(), at(80)) == Mark(Phase.OVER, "Ended")


def test_only_a_sessions_own_draft_is_marked_as_one():
    """A draft event says so in its banner; the marks say what is still to be published."""
    marks = [mark_of(a_session(**DRAFT), START), mark_of(a_session(event_status="draft"), START)]

    assert marks == [Mark(Phase.DRAFT, "Draft"), Mark(Phase.DRAFT, "")]


@pytest.mark.parametrize("status", EventStatus)
def test_only_a_published_event_takes_registrations(status):
    events = [
        a_session(event_status=status, event_registration_open=o).event for o in (True, False)
    ]

    assert [takes_registrations(event) for event in events] == [status == "published", False]
