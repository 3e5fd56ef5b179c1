"""Every reason why not is one that a person can act on."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from events.access import Denial, SessionAccess
from kaltura_bridge.join.denials import DenialMessage, NextStep, message_for
from tests.events.support.situations import (
    ATTENDEE,
    READY,
    START,
    Situation,
    a_session,
    moments_of,
    situations,
)

BERLIN = ZoneInfo("Europe/Berlin")


def test_too_early_says_when_in_the_events_zone_and_by_name():
    session = a_session()
    early = Situation(ATTENDEE, session, moments_of(session)[0], READY).access

    assert message_for(early, BERLIN) == DenialMessage(
        status=403,
        what="The doors open at 10:45.",
        why="You are early: come back on Monday 6 May 2030 at 10:45 (Europe/Berlin, the event's "
        "time zone), or leave this page open and it lets you in by itself.",
        step=NextStep.SESSION,
        label="Back to the session",
    )


def every_denial() -> dict[Denial, SessionAccess]:
    """An answer for each, from the first situation that brings it."""
    found: dict[Denial, SessionAccess] = {}
    for situation in situations():
        access = situation.access
        if access.denial:
            found.setdefault(access.denial, access)
        if len(found) == len(Denial):
            break
    return found


def test_every_denial_has_words_a_status_and_one_action():
    denials = every_denial()

    assert set(denials) == set(Denial)
    for access in denials.values():
        message = message_for(access, BERLIN)
        assert message.what.endswith(".") and message.why.endswith(".") and message.label
        assert "{" not in message.what + message.why
        assert message.status in {403, 410, 503}
        assert (access.ask_again_s is not None) <= (message.status == 503)


def test_whoever_may_enter_gets_no_reason_why_not():
    with pytest.raises(ValueError, match="needs no reason"):
        message_for(Situation(ATTENDEE, a_session(), START, READY).access, BERLIN)
