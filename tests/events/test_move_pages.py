"""The pages that move an event, or sessions of a list, as planners meet them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.admin.previews import PreviewRow
from events.models import Event, Session, TeamRole
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

SESSIONS = "admin:events_session_changelist"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def starts(*sessions: Session) -> list[str]:
    return [f"{Session.objects.get(pk=s.pk).starts_at:%Y-%m-%d %H:%M}" for s in sessions]


@pytest.fixture
def event() -> Event:
    """The last weekend of winter in Berlin; at 10:00 local time, one talk a day."""
    event = EventFactory(title="Ours", starts_on=date(2030, 3, 30), ends_on=date(2030, 3, 31))
    SessionFactory(event=event, title="First", starts_at=utc("2030-03-30 09:00"))
    SessionFactory(event=event, title="Last", starts_at=utc("2030-03-31 08:00"))
    return event


@pytest.fixture
def planner(event: Event, client: Client) -> Client:
    client.force_login(TeamMemberFactory(event=event).user)
    return client


def move_url(event: Event) -> str:
    return reverse("admin:events_event_move", args=[event.pk])


def confirm(client: Client, url: str, data: dict[str, Any]) -> Any:
    """Look, then say yes to what was shown."""
    shown = client.post(url, {**data, "preview": "1"}).context["preview"].fingerprint
    return client.post(url, {**data, "shown": shown, "confirmed": "1"})


# --- The event ---------------------------------------------------------------


def test_preview_shows_days_ends_and_the_change_of_clocks_and_moves_nothing(planner, event):
    page = planner.post(move_url(event), {"starts_on": "2030-03-23", "preview": "1"})

    preview = page.context["preview"]
    assert (preview.summary, preview.rows, preview.warnings) == (
        "7 days earlier, with 2 sessions.",
        [
            PreviewRow("The event", "30–31 March 2030", "23–24 March 2030"),
            PreviewRow(
                "First session: First",
                "Sat 30 Mar 2030, 10:00–10:45 Europe/Berlin",
                "Sat 23 Mar 2030, 10:00–10:45 Europe/Berlin",
            ),
            PreviewRow(
                "Last session: Last",
                "Sun 31 Mar 2030, 10:00–10:45 Europe/Berlin",
                "Sun 24 Mar 2030, 10:00–10:45 Europe/Berlin",
            ),
        ],
        [
            "The clocks change in between: Europe/Berlin is UTC+2 before and UTC+1 after. "
            "1 session keeps the time of day there, but will be at another hour in other time zones."
        ],
    )
    assert starts(*event.sessions.all()) == ["2030-03-30 09:00", "2030-03-31 08:00"]


def test_confirmed_move_moves_all_says_so_and_stands_in_the_history(planner, event):
    done = confirm(planner, move_url(event), {"starts_on": "2030-04-06"})

    event.refresh_from_db()
    page = reverse("admin:events_event_change", args=[event.pk])
    assert done.headers["Location"] == page
    assert said(done) == [
        "“Ours” now takes place on 6–7 April 2030, with "
        f"<a href='{reverse(SESSIONS)}?event={event.pk}'>its 2 sessions</a>."
    ]
    assert (event.starts_on, event.ends_on) == (date(2030, 4, 6), date(2030, 4, 7))
    assert starts(*event.sessions.all()) == ["2030-04-06 08:00", "2030-04-07 08:00"]
    history = planner.get(reverse("admin:events_event_history", args=[event.pk])).content.decode()
    assert "Moved to 6–7 April 2030." in history


@pytest.mark.parametrize(
    ("day", "errors"),
    [
        ("2030-03-30", {"starts_on": ["The event already begins on that day."]}),
        ("0203-03-30", {"starts_on": ["Choose a day in the years 2000 to 2199."]}),
        ("", {"starts_on": ["This field is required."]}),
        ("soon", {"starts_on": ["Enter a valid date."]}),
    ],
)
def test_day_that_cannot_be_meant_is_refused_at_its_field(planner, event, day, errors):
    page = planner.post(move_url(event), {"starts_on": day, "preview": "1"})

    assert (dict(page.context["form"].errors), page.context["preview"]) == (errors, None)


def test_yes_to_something_else_than_was_shown_shows_again(planner, event):
    url = move_url(event)
    shown = planner.post(url, {"starts_on": "2030-04-06", "preview": "1"}).context["preview"]
    yes = {"shown": shown.fingerprint, "confirmed": "1"}

    other_day = planner.post(url, {**yes, "starts_on": "2030-04-07"})
    Session.objects.filter(title="Last").update(ends_at=utc("2030-03-31 12:00"))
    other_plan = planner.post(url, {**yes, "starts_on": "2030-04-06"})
    without_a_look = planner.post(url, {"starts_on": "2030-04-06", "confirmed": "1"})

    pages = [other_day, other_plan, without_a_look]
    assert ["Please check again:" in page.content.decode() for page in pages] == [True, True, True]
    event.refresh_from_db()
    assert event.starts_on == date(2030, 3, 30)


def test_second_click_on_yes_moves_nothing_more(planner, event):
    url = move_url(event)
    shown = planner.post(url, {"starts_on": "2030-04-06", "preview": "1"}).context["preview"]
    yes = {"starts_on": "2030-04-06", "shown": shown.fingerprint, "confirmed": "1"}

    planner.post(url, yes)
    again = planner.post(url, yes)

    assert dict(again.context["form"].errors) == {
        "starts_on": ["The event already begins on that day."]
    }
    assert starts(*event.sessions.all()) == ["2030-04-06 08:00", "2030-04-07 08:00"]


@pytest.mark.parametrize("name", ["clone", "move"])
@pytest.mark.parametrize(
    ("role", "page", "status"),
    [
        (TeamRole.OWNER, True, 200),
        (TeamRole.MANAGER, True, 200),
        (TeamRole.MODERATOR, False, 403),
        (TeamRole.ANALYST, False, 403),
    ],
)
def test_pages_and_their_links_are_for_planners(client, event, role, page, status, name):
    client.force_login(TeamMemberFactory(event=event, role=role).user)
    url = reverse(f"admin:events_event_{name}", args=[event.pk])

    links = client.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()

    assert (f'href="{url}"' in links, client.get(url).status_code) == (page, status)
    assert client.post(url, {"starts_on": "2031-01-01"}).status_code == status


@pytest.mark.parametrize("name", ["clone", "move"])
def test_another_teams_event_is_not_there(client, event, name):
    stranger = TeamMemberFactory(event=EventFactory()).user
    url = reverse(f"admin:events_event_{name}", args=[event.pk])

    client.force_login(stranger)
    answers = [client.get(url), client.post(url, {"starts_on": "2031-01-01", "confirmed": "1"})]
    client.force_login(UserFactory())
    attendee = client.get(url)
    client.logout()

    assert [answer.headers["Location"] for answer in answers] == ["/admin/", "/admin/"]
    assert attendee.status_code == client.get(url).status_code == 302
    assert (Event.objects.count(), starts(event.sessions.first())) == (2, ["2030-03-30 09:00"])


# --- Sessions of a list ------------------------------------------------------


def chosen(*sessions: Session, **more: Any) -> dict[str, Any]:
    pks = [session.pk for session in sessions]
    return {"action": "move_selected", "_selected_action": pks, **more}


def test_list_asks_where_to_then_shows_then_moves(planner, event):
    first, last = event.sessions.all()
    url = f"{reverse(SESSIONS)}?event={event.pk}"

    question = planner.post(url, chosen(first, last))
    shown = planner.post(url, chosen(first, last, minutes="-15", preview="1"))
    before = starts(first, last)
    done = confirm(planner, url, chosen(first, last, minutes="-15"))

    assert (question.context["form"].is_bound, question.context["preview"]) == (False, None)
    assert shown.context["preview"].rows == [
        PreviewRow(
            "First",
            "Sat 30 Mar 2030, 10:00–10:45 Europe/Berlin",
            "Sat 30 Mar 2030, 09:45–10:30 Europe/Berlin",
        ),
        PreviewRow(
            "Last",
            "Sun 31 Mar 2030, 10:00–10:45 Europe/Berlin",
            "Sun 31 Mar 2030, 09:45–10:30 Europe/Berlin",
        ),
    ]
    assert (before, starts(first, last)) == (
        ["2030-03-30 09:00", "2030-03-31 08:00"],
        ["2030-03-30 08:45", "2030-03-31 07:45"],
    )
    assert (said(done), done.headers["Location"]) == (["2 sessions moved."], url)
    history = planner.get(reverse("admin:events_session_history", args=[first.pk]))
    assert (
        "Moved from Sat 30 Mar 2030, 10:00–10:45 Europe/Berlin to Sat 30 Mar 2030, 09:45–10:30 "
        "Europe/Berlin." in history.content.decode()
    )


def test_preview_tells_what_is_odd_about_the_new_times(planner, event):
    night = SessionFactory(event=event, title="Night", starts_at=utc("2030-03-30 01:30"))
    running = SessionFactory(event=event, title="Running", starts_at=utc("2020-01-01 12:00"))
    ada = SpeakerFactory(event=event, name="Ada")
    first, last = event.sessions.filter(title__in=["First", "Last"])
    for session in (first, last):
        SessionSpeakerFactory(session=session, speaker=ada)
    rows = chosen(first, night, running)

    into = planner.post(reverse(SESSIONS), {**rows, "to_day": "2030-03-31", "preview": "1"})
    out_of = planner.post(reverse(SESSIONS), {**rows, "to_day": "2030-03-29", "preview": "1"})

    preview = into.context["preview"]
    assert preview.summary == "3 of 3 sessions would move."
    assert {row.name: row.note for row in preview.rows if row.note} == {
        "Night": "02:30 does not exist on Sun 31 Mar 2030 in Europe/Berlin, where the clocks go "
        "forward: it will begin at 03:30."
    }
    assert preview.warnings == [
        "The clocks change in between: Europe/Berlin is UTC+1 before and UTC+2 after. 3 sessions "
        "keep the time of day there, but will be at another hour in other time zones.",
        "Already started: “Running”.",
        "Ada would be in “First” and “Last” at the same time.",
    ]
    assert out_of.context["preview"].warnings == [
        "Already started: “Running”.",
        "Outside the days of “Ours” (30–31 March 2030): “Running”, “Night”, “First”.",
    ]


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({}, {"__all__": ["Enter either a day or a number of minutes."]}),
        (
            {"to_day": "2030-03-31", "minutes": "5"},
            {"__all__": ["Enter either a day or a number of minutes."]},
        ),
        ({"minutes": "0"}, {"__all__": ["Nothing would move: all of them are already there."]}),
        (
            {"to_day": "2030-03-30"},
            {"__all__": ["Nothing would move: all of them are already there."]},
        ),
        (
            {"minutes": "1441"},
            {"minutes": ["Ensure this value is less than or equal to 1440."]},
        ),
        (
            {"to_day": "0203-03-30"},
            {
                "__all__": [
                    "“First” would leave the years 2000 to 2199. Check the year that you typed."
                ]
            },
        ),
    ],
)
def test_mistake_is_told_and_nothing_moves(planner, event, data, errors):
    first = event.sessions.get(title="First")

    page = planner.post(reverse(SESSIONS), chosen(first, **data, confirmed="1"))

    assert (dict(page.context["form"].errors), page.context["preview"]) == (errors, None)
    assert starts(first) == ["2030-03-30 09:00"]


def test_second_yes_does_not_move_by_minutes_again(planner, event):
    first = event.sessions.get(title="First")
    data = chosen(first, minutes="30")
    shown = planner.post(reverse(SESSIONS), {**data, "preview": "1"}).context["preview"].fingerprint

    planner.post(reverse(SESSIONS), {**data, "shown": shown, "confirmed": "1"})
    again = planner.post(reverse(SESSIONS), {**data, "shown": shown, "confirmed": "1"})

    assert "Please check again:" in again.content.decode()
    assert starts(first) == ["2030-03-30 09:30"]


def test_session_moved_between_the_look_and_the_write_stops_all_of_it(planner, event, monkeypatch):
    """Two clicks at once: the second finds the rows changed under its plan."""
    from events.admin import move

    first, last = event.sessions.all()

    def late(*args: Any) -> bool:
        Session.objects.filter(pk=last.pk).update(
            starts_at=utc("2030-03-31 09:00"), ends_at=utc("2030-03-31 10:00")
        )
        return apply(*args)

    apply = move._apply
    monkeypatch.setattr(move, "_apply", late)
    page = confirm(planner, reverse(SESSIONS), chosen(first, last, minutes="30"))

    assert dict(page.context["form"].errors) == {
        "__all__": ["“Last” was moved or deleted in the meantime. Please check again."]
    }
    assert starts(first, last) == ["2030-03-30 09:00", "2030-03-31 09:00"]


def test_only_sessions_that_one_plans_move(client, event):
    readable = EventFactory()
    theirs = SessionFactory(event=readable, title="Theirs")
    user = TeamMemberFactory(event=event).user
    TeamMemberFactory(event=readable, user=user, role=TeamRole.ANALYST)
    client.force_login(user)
    first = event.sessions.get(title="First")

    page = client.post(reverse(SESSIONS), chosen(first, theirs, minutes="30", preview="1"))
    none = client.post(reverse(SESSIONS), chosen(theirs, minutes="30", preview="1"))

    assert [row.name for row in page.context["preview"].rows] == ["First"]
    assert (none.status_code, said(none)) == (
        302,
        ["Nothing to move: you cannot change any of the selected sessions."],
    )


def test_all_of_a_long_list_move_though_one_page_shows_fewer(planner, event):
    for number in range(60):
        SessionFactory(event=event, title=f"Short {number}", starts_at=utc("2030-03-30 12:00"))
    url = f"{reverse(SESSIONS)}?event={event.pk}&q=short"
    one = event.sessions.filter(title="Short 0")

    question = planner.post(url, chosen(*one, select_across="1"))
    hidden = dict(question.context["page"].hidden)
    done = confirm(planner, url, {**hidden, "minutes": "10"})

    assert (len(question.context["page"].hidden), hidden["select_across"]) == (3, "1")
    assert said(done) == ["60 sessions moved."]
    moved = Session.objects.filter(starts_at=utc("2030-03-30 12:10"))
    assert (moved.count(), starts(*event.sessions.exclude(title__startswith="Short"))) == (
        60,
        ["2030-03-30 09:00", "2030-03-31 08:00"],
    )


def test_running_session_may_be_moved_with_a_warning(planner, event):
    now = timezone.now().replace(second=0, microsecond=0)
    live = SessionFactory(event=event, title="Live", starts_at=now - timedelta(minutes=5))

    done = confirm(planner, reverse(SESSIONS), chosen(live, minutes="10"))

    live.refresh_from_db()
    assert (said(done), live.starts_at) == (["1 session moved."], now + timedelta(minutes=5))


def test_preview_costs_the_same_queries_for_one_and_three_sessions(planner, event):
    counted = []
    for more in (1, 2):
        for _ in range(more):
            session = SessionFactory(event=event, starts_at=utc("2030-03-30 12:00"))
            SessionSpeakerFactory(session=session)
        data = chosen(*event.sessions.all(), minutes="10", preview="1")
        with CaptureQueriesContext(connection) as queries:
            planner.post(reverse(SESSIONS), data)
            planner.post(move_url(event), {"starts_on": "2030-04-06", "preview": "1"})
        counted.append(len(queries))

    assert counted[0] == counted[1]
