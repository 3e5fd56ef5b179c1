"""A calendar file by mail for people on stage: when published, moved, cancelled, or taken off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import icalendar
import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from events.actions import cancel_session, move_session, publish_event
from events.models import Event, EventStatus, OutgoingMail, Session, Speaker, StageRules
from events.outbox.sending import send_due
from events.speakers.calendar import AT_LATEST, QUIET, tell_stage_calendars
from tests.factories import SessionFactory, SessionSpeakerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def sends(event: Event) -> StageRules:
    return StageRules.objects.create(event=event, sends_calendar=True)


def tell(after: timedelta = QUIET) -> list[Any]:
    """What is sent once the programme has been quiet for a while."""
    mail.outbox.clear()
    tell_stage_calendars(timezone.now() + after + timedelta(seconds=1))
    OutgoingMail.objects.filter(state="waiting").update(due_at=timezone.now())
    send_due(10)
    return list(mail.outbox)


def entries(letter: Any) -> list[tuple[str, int, str]]:
    """UID, SEQUENCE and status of each session in the file."""
    [(name, content, kind)] = letter.attachments
    assert (name, kind.split(";")[0]) == ("congress.ics", "text/calendar")
    calendar = icalendar.Calendar.from_ical(content)
    assert calendar["METHOD"] == "PUBLISH"
    return [
        (str(entry["UID"]), int(entry["SEQUENCE"]), str(entry["STATUS"]))
        for entry in calendar.walk("VEVENT")
    ]


def test_publishing_moving_and_cancelling_send_the_file_each_once(
    event: Event, speaker: Speaker, talk: Session
):
    event.status = EventStatus.DRAFT
    event.save()
    draft = tell()
    publish_event(event)
    [first] = tell()
    nothing = tell()
    for minutes in (5, 10):  # two edits, one mail
        later = timedelta(minutes=minutes)
        move_session(talk, talk.starts_at + later, talk.ends_at + later)
    [moved] = tell()
    cancel_session(talk)
    [cancelled] = tell()
    feed = icalendar.Calendar.from_ical(Client().get("/e/congress/agenda.ics").content)

    assert (draft, nothing) == ([], [])
    assert (first.to, first.subject) == (["ada@example.org"], "Your sessions at Congress")
    uid = f"{talk.uuid}@session"
    assert entries(first) == [(uid, 0, "CONFIRMED")]
    assert entries(moved) == [(uid, 2, "CONFIRMED")]
    assert entries(cancelled) == [(uid, 3, "CANCELLED")]
    assert [(str(e["UID"]), int(e["SEQUENCE"])) for e in feed.walk("VEVENT")] == [(uid, 3)]
    assert ("New: Engines" in first.body, "Changed: Engines" in moved.body) == (True, True)
    assert "Cancelled: Engines" in cancelled.body


def test_coming_to_a_stage_and_leaving_one_is_told(event: Event, speaker: Speaker, talk: Session):
    tell()
    other = SessionFactory(event=event, title="Notes")
    appearance = SessionSpeakerFactory(session=other, speaker=speaker)
    [joined] = tell()
    appearance.delete()
    [left] = tell()

    assert [uid for uid, _sequence, _status in entries(joined)] == [
        f"{each.uuid}@session" for each in (talk, other)
    ]
    assert [uid for uid, _sequence, _status in entries(left)] == [f"{talk.uuid}@session"]
    assert "You are not on stage there any more: Notes" in left.body


def test_what_is_changed_back_before_it_was_told_is_not_told(
    event: Event, speaker: Speaker, talk: Session
):
    tell()
    other = SessionFactory(event=event)
    SessionSpeakerFactory(session=other, speaker=speaker).delete()

    assert tell() == []


def test_a_programme_that_is_never_quiet_is_told_of_at_last(
    event: Event, speaker: Speaker, talk: Session
):
    tell()
    talk.title = "Analytical engines"
    talk.save()
    now = timezone.now()
    StageRules.objects.update(calendar_at=now)

    tell_stage_calendars(now + timedelta(minutes=1))
    too_early = OutgoingMail.objects.filter(state="waiting").count()
    StageRules.objects.update(calendar_at=now - AT_LATEST)
    tell_stage_calendars(now + timedelta(minutes=1))

    assert (too_early, OutgoingMail.objects.filter(state="waiting").count()) == (0, 1)


def test_nobody_is_told_where_the_event_does_not_wish_it(
    event: Event, speaker: Speaker, talk: Session, sends: StageRules
):
    sends.sends_calendar = False
    sends.save()

    assert tell() == []


def test_who_has_no_account_and_other_peoples_sessions_are_left_out(
    event: Event, speaker: Speaker, talk: Session
):
    SessionSpeakerFactory(session=SessionFactory(event=event))
    [letter] = tell()

    assert [uid for uid, _sequence, _status in entries(letter)] == [f"{talk.uuid}@session"]
