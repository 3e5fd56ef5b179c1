"""Who is told what of their starred sessions, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone

from events.actions import cancel_session, move_session, save_planned, set_bookmark
from events.models import (
    Event,
    EventStatus,
    MailState,
    NewsPreferences,
    OutgoingMail,
    ProgrammeChange,
    Session,
    SessionStatus,
    User,
)
from events.news import changed, day_ahead, soon
from events.news.wishes import Topic, off_token
from events.outbox.sending import send_due
from events.registration.places import withdraw
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def at(minutes: float) -> datetime:
    return (timezone.now() + timedelta(minutes=minutes)).replace(second=30, microsecond=0)


@pytest.fixture
def ada() -> User:
    return UserFactory(email="ada@example.org", name="Ada")


@pytest.fixture
def event() -> Event:
    today = timezone.now().date()
    return EventFactory(
        title="Summit", timezone="Asia/Kolkata", starts_on=today, ends_on=today + timedelta(days=9)
    )


def starred(user: User, event: Event, title: str, minutes: float = 8, **fields: Any) -> Session:
    starts_at = at(minutes)
    ends_at = starts_at + timedelta(minutes=45)
    session = SessionFactory(
        event=event, title=title, starts_at=starts_at, ends_at=ends_at, **fields
    )
    BookmarkFactory(user=user, session=session)
    return session


def local(session: Session) -> str:
    return f"{session.starts_at.astimezone(session.event.zone):%H:%M}"


def send() -> list[Any]:
    """What leaves now, as if its time had come."""
    outbox.outbox.clear()
    OutgoingMail.objects.filter(state=MailState.WAITING).update(due_at=timezone.now())
    send_due(10)
    return list(outbox.outbox)


def subjects() -> list[str]:
    return [str(mail.subject) for mail in send()]


# --- Ten minutes before --------------------------------------------------------------------


def test_sessions_that_begin_together_are_told_in_one_mail(ada, event):
    session = starred(ada, event, "Maps", location="Hall 1")
    starred(ada, event, "Charts")
    starred(ada, event, "Later", 60)
    SessionFactory(event=event, title="No star", starts_at=session.starts_at)
    soon.remind(timezone.now())
    soon.remind(timezone.now())

    due = OutgoingMail.objects.order_by("pk").values_list("due_at", "expires_at")
    assert list(due) == [(session.starts_at - timedelta(minutes=10), session.starts_at)] * 2
    [mail] = send()
    assert (mail.to, mail.subject) == (
        ["ada@example.org"],
        f"{local(session)}: 2 of your sessions begin",
    )
    end = session.ends_at.astimezone(event.zone)
    when, pages = f"{local(session)}–{end:%H:%M} IST", f"http://localhost:8000/e/{event.slug}"
    assert mail.body.startswith(
        f"{when}\nCharts\n{pages}/sessions/charts/\n\n"
        f"{when}\nMaps\nHall 1\n{pages}/sessions/maps/\n\n"
    )
    assert mail.body.endswith(
        "--\nYou get this because you starred these sessions.\n"
        "Stop these mails: http://localhost:8000/me/news/off/soon/"
        f"{off_token(ada, Topic.SOON)}/\nhttp://localhost:8000\n"
    )
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.extra_headers["List-Unsubscribe"] == (
        f"<http://localhost:8000/me/news/off/soon/{off_token(ada, Topic.SOON)}/>"
    )
    soon.remind(timezone.now())
    assert send() == []


def test_a_reminder_moves_with_its_session(ada, event):
    session = starred(ada, event, "Maps")
    soon.remind(timezone.now())
    move_session(session, at(11), at(60))
    soon.remind(timezone.now())

    assert subjects() == [f"{local(session)}: Maps"]
    assert list(OutgoingMail.objects.order_by("pk").values_list("state", "reason")) == [
        ("dropped", "No longer true, or not wanted."),
        ("sent", ""),
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda user, session: set_bookmark(user, session, False),
        lambda user, session: withdraw(user, session.event),
        lambda user, session: cancel_session(session),
        lambda user, session: NewsPreferences.objects.create(user=user, soon=False),
        lambda user, session: Session.objects.filter(pk=session.pk).update(status="draft"),
        lambda user, session: Event.objects.update(status="cancelled"),
        lambda user, session: Event.objects.update(status="draft"),
        lambda user, session: User.objects.update(is_active=False),
    ],
    ids=["star", "registration", "cancelled", "wish", "hidden", "event off", "draft", "account"],
)
@pytest.mark.parametrize("written", [True, False], ids=["when sent", "when written"])
def test_a_reminder_falls_away_with_its_reason(ada, event, change, written):
    RegistrationFactory(event=event, user=ada)
    session = starred(ada, event, "Maps")
    if written:
        soon.remind(timezone.now())
    change(ada, session)
    soon.remind(timezone.now())

    assert send() == []
    assert OutgoingMail.objects.filter(state=MailState.DROPPED).count() == int(written)


def test_what_has_begun_is_not_announced(ada, event):
    late = starred(ada, event, "Maps")
    starred(ada, event, "Begun", -1)
    soon.remind(timezone.now())
    Session.objects.filter(pk=late.pk).update(starts_at=at(-1))
    OutgoingMail.objects.update(expires_at=at(-1))

    assert send() == []
    assert OutgoingMail.objects.get().reason == "Too late."


def test_an_event_for_its_members_is_not_told_to_others(ada, event):
    starred(ada, event, "Maps")
    Event.objects.update(visibility="invited")
    soon.remind(timezone.now())
    assert send() == []


# --- The day before --------------------------------------------------------------------------


def test_a_day_is_told_once_with_all_its_stars(ada, event):
    first = starred(ada, event, "Maps", 60 * 24 - 30)
    starred(ada, event, "Charts", 60 * 24, location="Hall 2")
    starred(ada, event, "Off", 60 * 24, status=SessionStatus.CANCELLED)
    ada.bookmarks.update(created_at=timezone.now() - timedelta(days=3))
    for _ in range(2):
        day_ahead.remind(timezone.now())
    same_day = local_day(first) == local_day(first, 30)

    mails = send()
    assert len(mails) == 1
    day = first.starts_at.astimezone(event.zone)
    many = "your 2 sessions" if same_day else "your session"
    assert mails[0].subject == f"{day:%A} {day.day} {day:%B} at Summit: {many}"
    assert "Maps" in mails[0].body
    assert "Off" not in mails[0].body
    assert (
        mails[0]
        .body.rpartition("--")[2]
        .startswith("\nYou get this because you starred sessions of Summit.\n")
    )
    day_ahead.remind(timezone.now())
    assert send() == []


def local_day(session: Session, minutes: int = 0) -> date:
    moment = session.starts_at + timedelta(minutes=minutes)
    return moment.astimezone(session.event.zone).date()


def test_a_star_of_today_for_tomorrow_needs_no_reminder(ada, event):
    starred(ada, event, "Maps", 60 * 20)
    day_ahead.remind(timezone.now())
    assert OutgoingMail.objects.count() == 0


@pytest.mark.parametrize(
    ("zone", "starts_at", "due"),
    [
        # Berlin springs forward on 31 March 2030: the day before is 23 hours away.
        ("Europe/Berlin", (2030, 3, 31, 7, 0), (2030, 3, 30, 8, 0)),
        # At 02:30 of the day after; 02:30 of that day does not exist.
        ("Europe/Berlin", (2030, 4, 1, 0, 30), (2030, 3, 31, 1, 30)),
        # It falls back on 27 October: 25 hours.
        ("Europe/Berlin", (2030, 10, 27, 8, 0), (2030, 10, 26, 7, 0)),
        ("America/New_York", (2030, 3, 10, 13, 0), (2030, 3, 9, 14, 0)),
        ("America/New_York", (2030, 11, 3, 14, 0), (2030, 11, 2, 13, 0)),
        # Half an hour only.
        ("Australia/Lord_Howe", (2030, 10, 6, 0, 0), (2030, 10, 5, 0, 30)),
        ("Asia/Kolkata", (2030, 3, 31, 7, 0), (2030, 3, 30, 7, 0)),
    ],
)
def test_a_day_before_is_the_same_time_on_the_clock(ada, zone, starts_at, due):
    starts_at, due = datetime(*starts_at, tzinfo=UTC), datetime(*due, tzinfo=UTC)
    event = EventFactory(timezone=zone, starts_on=date(2030, 3, 1), ends_on=date(2030, 11, 30))
    session = SessionFactory(event=event, starts_at=starts_at)
    BookmarkFactory(user=ada, session=session)
    moments = [due - timedelta(minutes=1), due, starts_at]

    assert day_ahead.day_before(starts_at, event) == due
    written = []
    for now in moments:
        OutgoingMail.objects.all().delete()
        day_ahead.remind(now)
        written.append(OutgoingMail.objects.count())
    assert written == [0, 1, 0]


def test_a_talk_after_midnight_belongs_to_the_day_before_it(ada):
    event = EventFactory(timezone="UTC", starts_on=date(2030, 5, 6))
    evening = datetime(2030, 5, 6, 23, 0, tzinfo=UTC)
    for title, hours in (("Evening", 0), ("Night", 2)):
        starts_at = evening + timedelta(hours=hours)
        session = SessionFactory(
            event=event, title=title, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2)
        )
        BookmarkFactory(user=ada, session=session)
    day_ahead.remind(evening - timedelta(hours=23))

    assert [mail.about for mail in OutgoingMail.objects.all()] == [f"{event.uuid} 2030-05-06"]
    OutgoingMail.objects.update(expires_at=None)
    [mail] = send()
    assert mail.subject == "Monday 6 May at " + f"{event}: your 2 sessions"
    assert "01:00–03:00 UTC (+1 day)\nNight" in mail.body


# --- When something changes --------------------------------------------------------------------


def test_changes_of_two_minutes_leave_in_one_mail(ada, event):
    maps, charts = starred(ada, event, "Maps", 300), starred(ada, event, "Charts", 300)
    before = local(maps)
    move_session(maps, at(400), at(445))
    cancel_session(charts)
    move_session(maps, at(500), at(545))
    for _ in range(2):
        changed.tell_changes(timezone.now())

    rows = OutgoingMail.objects.order_by("pk")
    times = [(row.due_at - row.created_at).total_seconds() for row in rows]
    assert all(115 < time <= 120 for time in times), times
    [mail] = send()
    assert mail.subject == "2 of your sessions at Summit have changed"
    text = mail.body.partition("--")[0]
    assert text.count("Moved from") == 1
    assert f"{before} to" in text or f"{before}–" in text
    assert "Charts\nCancelled.\n" in text
    assert [row.state for row in rows.all()] == ["dropped", "sent", "sent"]


def test_what_was_changed_back_is_not_told(ada, event):
    session = starred(ada, event, "Maps", 300)
    times = session.starts_at, session.ends_at
    move_session(session, at(400), at(445))
    move_session(session, *times)
    changed.tell_changes(timezone.now())
    assert send() == []


def test_a_session_taken_out_of_the_programme_is_told_without_a_link(ada, event):
    session = starred(ada, event, "Maps", 300)
    session.status = SessionStatus.DRAFT
    save_planned(session)
    changed.tell_changes(timezone.now())

    [mail] = send()
    assert mail.subject.startswith("Maps: No longer in the programme; it was planned for ")
    assert "/sessions/maps/" not in mail.body


def test_only_what_attendees_saw_and_must_know_is_told(ada, event):
    hidden = EventFactory(status=EventStatus.DRAFT)
    move_session(starred(ada, hidden, "Draft", 300), at(400), at(445))
    renamed = starred(ada, event, "Maps", 300)
    renamed.title = "Old maps"
    save_planned(renamed)
    move_session(starred(ada, event, "Over", -300), at(-200), at(-155))
    changed.tell_changes(timezone.now())

    assert OutgoingMail.objects.count() == 0
    assert not ProgrammeChange.objects.filter(told_at=None).exists()


# --- Wishes ------------------------------------------------------------------------------------


def test_a_link_turns_one_kind_off_and_only_when_posted(ada):
    link = f"/me/news/off/soon/{off_token(ada, Topic.SOON)}/"
    stranger = Client(enforce_csrf_checks=True)

    page = stranger.get(link)
    assert (page.status_code, NewsPreferences.objects.count()) == (200, 0)
    assert b"Ten minutes before" in page.content
    assert b"ada@example.org" not in page.content
    for _ in range(2):
        done = stranger.post(link, {"List-Unsubscribe": "One-Click"})
        assert (done.status_code, done["Cache-Control"]) == (200, "private, no-store")
    wishes = NewsPreferences.objects.get()
    assert (wishes.user, wishes.day_ahead, wishes.soon, wishes.changed) == (ada, True, False, True)
    other_topic = link.replace("/soon/", "/changed/")
    assert stranger.post(other_topic).status_code == 404
    assert stranger.post(link[:-3] + "00/").status_code in (404, 200)


def test_a_person_chooses_their_mails(ada):
    browser = Client()
    assert browser.get("/me/news/").status_code == 302
    browser.force_login(ada)
    assert browser.get("/me/news/").content.count(b" checked") == 5
    browser.post("/me/news/", {"changed": "on"})
    assert browser.get("/me/news/").content.count(b" checked") == 1
    wishes = NewsPreferences.objects.get()
    assert (wishes.day_ahead, wishes.soon, wishes.changed) == (False, False, True)
