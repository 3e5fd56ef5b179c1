"""The admin as owners, managers, moderators and analysts meet it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events import signals
from events.admin import extensions
from events.models import (
    Event,
    Registration,
    Session,
    SessionSpeaker,
    SessionStatus,
    TeamMember,
    TeamRole,
    Track,
    User,
)
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

MODELS = ("event", "session", "speaker", "registration")


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Ours", slug="ours")


@pytest.fixture
def sign_in(client: Client) -> Callable[..., Client]:
    """A client signed in as someone with these roles at these events."""

    def sign(**roles: Any) -> Client:
        user = UserFactory(is_staff=True)
        for role, where in roles.items():
            TeamMemberFactory(event=where, user=user, role=role)
        client.force_login(user)
        return client

    return sign


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def url(model: str, page: str = "changelist", *args: object) -> str:
    return reverse(f"admin:events_{model}_{page}", args=args)


def listed(client: Client, model: str, query: str = "") -> list[str]:
    """The rows of a list, by name."""
    response = client.get(url(model) + query)
    assert response.status_code == 200, response.headers
    return [str(row) for row in response.context["cl"].result_list]


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def session_data(event: Event, **changes: Any) -> dict[str, Any]:
    return {
        "event": event.pk,
        "title": "Keynote",
        "session_type": "webcast",
        "status": "draft",
        "starts_at_0": "2030-05-06",
        "starts_at_1": "09:00",
        "ends_at_0": "2030-05-06",
        "ends_at_1": "10:00",
        "materials-TOTAL_FORMS": 0,
        "materials-INITIAL_FORMS": 0,
        "translations-TOTAL_FORMS": 0,
        "translations-INITIAL_FORMS": 0,
        "appearances-TOTAL_FORMS": 0,
        "appearances-INITIAL_FORMS": 0,
        "delivery-TOTAL_FORMS": 0,
        "delivery-INITIAL_FORMS": 0,
        **changes,
    }


def event_data(event: Event, **changes: Any) -> dict[str, Any]:
    values = {
        name: getattr(event, name)
        for name in ("title", "status", "starts_on", "ends_on", "timezone", "accent_color", "slug")
    }
    return {
        **values,
        "doors_open_minutes": 15,
        "overrun_minutes": 30,
        "visibility": "public",
        "registration_open": "on",
        "takes_feedback": "on",
        "when_zone_changes": "local",
        "tracks-TOTAL_FORMS": 0,
        "tracks-INITIAL_FORMS": 0,
        "info_blocks-TOTAL_FORMS": 0,
        "info_blocks-INITIAL_FORMS": 0,
        "partners-TOTAL_FORMS": 0,
        "partners-INITIAL_FORMS": 0,
        "translations-TOTAL_FORMS": 0,
        "translations-INITIAL_FORMS": 0,
        "track_translations-TOTAL_FORMS": 0,
        "track_translations-INITIAL_FORMS": 0,
        "presence_setting-TOTAL_FORMS": 0,
        "presence_setting-INITIAL_FORMS": 0,
        "team-TOTAL_FORMS": 0,
        "team-INITIAL_FORMS": 0,
        "delivery-TOTAL_FORMS": 0,
        "delivery-INITIAL_FORMS": 0,
        **changes,
    }


# --- Who sees what -----------------------------------------------------------


@pytest.fixture
def two_events(event: Event) -> Event:
    """Ours and another team's, each with one of everything. Returns the other."""
    other = EventFactory(title="Theirs")
    for each in (event, other):
        session = SessionFactory(event=each, title=f"Talk of {each.title}")
        speaker = SpeakerFactory(event=each, name=f"Speaker of {each.title}")
        SessionSpeakerFactory(session=session, speaker=speaker)
        TrackFactory(event=each, name=f"Track of {each.title}")
        RegistrationFactory(event=each, user__email=f"guest@{each.title.lower()}.example.org")
    return other


@pytest.mark.parametrize("role", [TeamRole.OWNER, TeamRole.MANAGER])
def test_planners_see_their_own_events_only(sign_in, event, two_events, role):
    client = sign_in(**{role: event})

    assert [listed(client, model) for model in MODELS] == [
        ["Ours"],
        ["Talk of Ours"],
        ["Speaker of Ours"],
        ["guest@ours.example.org at Ours"],
    ]


@pytest.mark.parametrize("role", [TeamRole.ANALYST, TeamRole.MODERATOR])
def test_analysts_and_moderators_read_their_events_and_change_nothing(
    sign_in, event, two_events, role
):
    client = sign_in(**{role: event})
    session = event.sessions.get()

    assert [listed(client, model) for model in MODELS[:3]] == [
        ["Ours"],
        ["Talk of Ours"],
        ["Speaker of Ours"],
    ]
    page = client.get(url("session", "change", session.pk))
    assert (page.status_code, b'name="_save"' in page.content) == (200, False)
    assert "Mon 06 May 2030, 11:00–11:45 Europe/Berlin" in page.content.decode()
    answers = [
        client.get(url("registration")),
        client.get(url("session", "add")),
        client.get(url("session", "delete", session.pk)),
        client.post(url("session", "change", session.pk), session_data(event)),
        client.post(url("event", "change", event.pk), event_data(event, title="Mine now")),
    ]
    assert [answer.status_code for answer in answers] == [403] * 5
    assert set(Event.objects.values_list("title", flat=True)) == {"Ours", "Theirs"}


def test_superuser_sees_everything(boss, event, two_events):
    assert sorted(listed(boss, "event")) == ["Ours", "Theirs"]
    assert sorted(listed(boss, "session")) == ["Talk of Ours", "Talk of Theirs"]


def test_another_teams_pages_are_not_there(sign_in, event, two_events):
    client = sign_in(owner=event)

    pages = [
        url("event", "change", two_events.pk),
        url("session", "change", two_events.sessions.get().pk),
        url("speaker", "change", two_events.speakers.get().pk),
        url("registration", "change", two_events.registrations.get().pk),
        url("session", "history", two_events.sessions.get().pk),
        url("session", "delete", two_events.sessions.get().pk),
    ]
    # Django answers a hidden object with a redirect home and a message that it does not exist.
    assert {client.get(page).headers.get("Location") for page in pages} == {"/admin/"}


def test_person_without_a_team_is_told_what_to_do(sign_in):
    page = sign_in().get("/admin/")

    assert "You are not on the team of any event." in page.content.decode().replace("&#x27;", "'")
    assert sign_in().get(url("event")).status_code == 403


def test_empty_admin_tells_a_superuser_to_plan_an_event(boss):
    page = boss.get("/admin/").content.decode()

    assert "No events yet" in page
    assert f'<a class="button" href="{url("event", "add")}">Plan an event</a>' in page


def test_home_links_to_the_sessions_of_ones_events(sign_in, event, two_events):
    page = sign_in(analyst=event).get("/admin/").content.decode()

    assert f"{url('session')}?event={event.pk}" in page
    assert "Theirs" not in page


def test_admin_pages_carry_no_inline_script_or_style(boss, event, two_events):
    pages = ["/admin/", *(url(model) for model in MODELS)]
    pages += [url(m, "add") for m in (*MODELS, "user")]
    pages += [url("session", "change", event.sessions.get().pk), url("event", "change", event.pk)]

    for page in pages:
        text = boss.get(page).content.decode()
        assert re.findall(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))", text) == [], page
        assert re.findall(r"<style|\sstyle=|\son\w+=\"", text) == [], page


# --- Only what belongs to the event can be attached --------------------------


def test_session_form_offers_its_own_events_tracks_and_people_only(sign_in, event, two_events):
    client = sign_in(manager=event)
    TeamMember.objects.create(
        event=two_events, user=User.objects.get(pk=client.session["_auth_user_id"])
    )

    page = client.get(url("session", "change", event.sessions.get().pk)).content.decode()

    assert "Track of Ours" in page
    assert "Speaker of Ours" in page
    assert "of Theirs" not in page


def test_track_of_another_event_is_refused(sign_in, event, two_events):
    client = sign_in(manager=event)
    session = event.sessions.get()
    foreign = two_events.tracks.get()

    response = client.post(
        url("session", "change", session.pk), session_data(event, track=foreign.pk)
    )

    assert errors(response) == {
        "track": ["Select a valid choice. That choice is not one of the available choices."]
    }
    session.refresh_from_db()
    assert session.track is None


def test_speaker_of_another_event_is_refused(sign_in, event, two_events):
    client = sign_in(manager=event)
    data = session_data(event) | {
        "appearances-TOTAL_FORMS": 1,
        "appearances-0-speaker": two_events.speakers.get().pk,
        "appearances-0-role": "speaker",
        "appearances-0-position": 0,
    }

    response = client.post(url("session", "add"), data)

    assert response.status_code == 200
    assert not Session.objects.filter(title="Keynote").exists()
    assert response.context["errors"] == [
        ["Select a valid choice. That choice is not one of the available choices."]
    ]


def test_session_cannot_be_made_for_an_event_one_only_reads(sign_in, event):
    readable = EventFactory()
    client = sign_in(manager=event, analyst=readable)

    response = client.post(url("session", "add"), session_data(readable))

    assert (response.status_code, Session.objects.count()) == (200, 0)


def test_session_cannot_move_to_another_event(sign_in, event, two_events):
    client = sign_in(manager=event)
    session = event.sessions.get()

    client.post(url("session", "change", session.pk), session_data(two_events, title="Moved"))

    session.refresh_from_db()
    assert (session.title, session.event) == ("Moved", event)


# --- Planning ----------------------------------------------------------------


def test_new_session_asks_for_its_event_first_when_there_are_several(sign_in, event):
    second = EventFactory(timezone="Asia/Tokyo")
    client = sign_in(manager=event)
    user = User.objects.get(pk=client.session["_auth_user_id"])
    TeamMember.objects.create(event=second, user=user)

    first_step = client.get(url("session", "add"))
    chosen = client.post(url("session", "add"), {"event": second.pk})
    form = client.get(chosen.headers["Location"]).content.decode()

    assert list(first_step.context["adminform"].form.fields) >= ["event"]
    assert "starts_at_0" not in first_step.content.decode()
    assert chosen.headers["Location"] == f"{url('session', 'add')}?event={second.pk}"
    assert "Starts (Asia/Tokyo)" in form


def test_times_are_typed_and_shown_in_the_events_zone(sign_in, event):
    client = sign_in(manager=event)

    client.post(url("session", "add"), session_data(event))

    session = Session.objects.get()
    assert (session.starts_at, session.ends_at) == (
        datetime(2030, 5, 6, 7, 0, tzinfo=UTC),
        datetime(2030, 5, 6, 8, 0, tzinfo=UTC),
    )
    form = client.get(url("session", "change", session.pk)).content.decode()
    assert "Starts (Europe/Berlin)" in form
    assert re.search(r'name="starts_at_1" value="09:00"', form)
    row = client.get(url("session")).content.decode()
    assert "Mon 06 May 2030, 09:00–10:00 Europe/Berlin" in row


def test_save_without_a_change_keeps_seconds_and_the_second_of_two_equal_hours(sign_in, event):
    # 02:30 comes twice on 27 October 2030 in Berlin; this is the second one, with seconds.
    second_time = datetime(2030, 10, 27, 1, 30, 15, tzinfo=UTC)
    end = datetime(2030, 10, 27, 4, 0, tzinfo=UTC)
    session = SessionFactory(event=event, starts_at=second_time, ends_at=end)
    client = sign_in(manager=event)
    typed = {
        "starts_at_0": "2030-10-27",
        "starts_at_1": "02:30",
        "ends_at_0": "2030-10-27",
        "ends_at_1": "05:00",
    }

    response = client.post(url("session", "change", session.pk), session_data(event, **typed))

    session.refresh_from_db()
    assert (response.status_code, session.starts_at, session.ends_at) == (302, second_time, end)


def test_hour_that_the_clocks_skip_is_refused_with_the_reason(sign_in, event):
    data = session_data(
        event, starts_at_0="2030-03-31", starts_at_1="02:30", ends_at_0="2030-03-31"
    )

    response = sign_in(manager=event).post(url("session", "add"), data)

    assert errors(response) == {
        "starts_at": [
            "02:30 does not exist on 2030-03-31 in Europe/Berlin: the clocks go forward there. "
            "Choose an hour earlier or later."
        ]
    }


def test_end_before_start_is_refused_at_its_field(sign_in, event):
    response = sign_in(manager=event).post(
        url("session", "add"), session_data(event, ends_at_1="08:00")
    )

    assert errors(response) == {"ends_at": ["The end must be after the start, 2030-05-06 09:00."]}


def test_slug_that_another_session_has_is_refused(sign_in, event):
    SessionFactory(event=event, slug="taken")
    session = SessionFactory(event=event)

    response = sign_in(manager=event).post(
        url("session", "change", session.pk), session_data(event, slug="taken")
    )

    assert errors(response) == {"__all__": ["Another session of this event has this slug."]}


def test_speaker_in_two_places_is_a_warning_and_saved(sign_in, event):
    speaker = SpeakerFactory(event=event, name="Ada")
    other = SessionFactory(
        event=event, title="Panel", starts_at=datetime(2030, 5, 6, 7, 30, tzinfo=UTC)
    )
    SessionSpeakerFactory(session=other, speaker=speaker)
    data = session_data(event) | {
        "appearances-TOTAL_FORMS": 1,
        "appearances-0-speaker": speaker.pk,
        "appearances-0-role": "speaker",
        "appearances-0-position": 0,
    }

    response = sign_in(manager=event).post(url("session", "add"), data)

    assert said(response)[0] == (
        "Ada is also in “Panel” at that time (Mon 06 May 2030, 09:30–10:15 Europe/Berlin). "
        "The session was saved anyway."
    )
    assert [a.speaker for a in Session.objects.get(title="Keynote").appearances.all()] == [speaker]


def test_session_outside_the_events_days_is_a_warning(sign_in, event):
    data = session_data(event, starts_at_0="2031-01-01", ends_at_0="2031-01-01")

    response = sign_in(manager=event).post(url("session", "add"), data)

    assert said(response)[0] == (
        "2031-01-01 is outside the event, 2030-05-06 to 2030-05-08. The session was saved anyway."
    )


def test_saves_send_the_domains_signals(sign_in, event):
    told: list[tuple[str, str]] = []

    def note(sender: type, instance: Any, **kwargs: Any) -> None:
        told.append((sender.__name__, str(instance)))

    for signal in signals.CHANGED.values():
        signal.connect(note)
    client = sign_in(owner=event)
    client.post(url("session", "add"), session_data(event))
    client.post(
        url("event", "change", event.pk),
        event_data(event, title="New title") | {
            "tracks-TOTAL_FORMS": 1, "tracks-0-name": "Main", "tracks-0-color": "#112233", "tracks-0-position": 0,
        },
    )  # fmt: skip
    for signal in signals.CHANGED.values():
        signal.disconnect(note)

    assert told == [("Session", "Keynote"), ("Event", "New title"), ("Track", "Main")]


def test_event_with_its_last_day_first_is_refused(sign_in, event):
    response = sign_in(manager=event).post(
        url("event", "change", event.pk), event_data(event, ends_on="2030-05-01")
    )

    assert errors(response)["ends_on"] == ["The last day is before the first day, 2030-05-06."]


@pytest.mark.parametrize(
    ("keep", "starts_at"),
    [
        ("local", datetime(2030, 5, 6, 2, 0, tzinfo=UTC)),
        ("instants", datetime(2030, 5, 6, 9, 0, tzinfo=UTC)),
    ],
)
def test_change_of_zone_keeps_local_times_or_instants_as_chosen(sign_in, event, keep, starts_at):
    session = SessionFactory(event=event)  # 11:00 in Berlin

    sign_in(manager=event).post(
        url("event", "change", event.pk),
        event_data(event, timezone="Asia/Tokyo", when_zone_changes=keep),
    )

    session.refresh_from_db()
    assert (session.starts_at, session.event.timezone) == (starts_at, "Asia/Tokyo")


def test_owner_names_a_team_member_by_address(sign_in, event):
    friend = UserFactory(email="friend@example.org")
    team = {
        "info_blocks-TOTAL_FORMS": 0,
        "info_blocks-INITIAL_FORMS": 0,
        "partners-TOTAL_FORMS": 0,
        "partners-INITIAL_FORMS": 0,
        "translations-TOTAL_FORMS": 0,
        "translations-INITIAL_FORMS": 0,
        "track_translations-TOTAL_FORMS": 0,
        "track_translations-INITIAL_FORMS": 0,
        "presence_setting-TOTAL_FORMS": 0,
        "presence_setting-INITIAL_FORMS": 0,
        "team-TOTAL_FORMS": 1,
        "team-0-user": "Friend@Example.org",
        "team-0-role": "analyst",
    }

    sign_in(owner=event).post(url("event", "change", event.pk), event_data(event) | team)

    assert event.team.get(user=friend).role == TeamRole.ANALYST


def test_unknown_address_is_answered_like_a_known_one(sign_in, event):
    team = {"team-TOTAL_FORMS": 1, "team-0-user": "no@example.org", "team-0-role": "analyst"}

    response = sign_in(owner=event).post(url("event", "change", event.pk), event_data(event) | team)

    assert response.status_code == 302
    assert event.team.get(user__email="no@example.org").role == TeamRole.ANALYST


def test_manager_sees_no_team_and_cannot_change_it(sign_in, event):
    TeamMemberFactory(event=event, user__email="owner@example.org", role=TeamRole.OWNER)
    client = sign_in(manager=event)
    before = event.team.count()
    team = {"team-TOTAL_FORMS": 1, "team-0-user": "owner@example.org", "team-0-role": "owner"}

    page = client.get(url("event", "change", event.pk)).content.decode()
    client.post(url("event", "change", event.pk), event_data(event) | team)

    assert ("owner@example.org" in page, event.team.count()) == (False, before)


# --- Lists -------------------------------------------------------------------


def test_session_list_narrows_by_event_day_track_type_and_status(sign_in, event):
    main = TrackFactory(event=event, name="Main")
    late = datetime(2030, 5, 6, 22, 30, tzinfo=UTC)  # already 7 May in Berlin
    SessionFactory(event=event, title="A", track=main)
    SessionFactory(
        event=event,
        title="B",
        starts_at=late,
        session_type="interactive",
        status=SessionStatus.DRAFT,
    )
    SessionFactory(event=event, title="C", status=SessionStatus.CANCELLED)
    client = sign_in(manager=event)

    found = {
        query: listed(client, "session", query)
        for query in (
            "",
            "?status=all",
            "?status=draft",
            "?day=2030-05-07",
            f"?track={main.pk}",
            "?track=none",
            "?session_type__exact=interactive",
            f"?event={event.pk}",
            "?event=999999",
            "?q=b",
            f"?q={Session.objects.get(title='A').uuid}",
        )
    }
    assert list(found.values()) == [
        ["A", "B"],
        ["A", "C", "B"],
        ["B"],
        ["B"],
        ["A"],
        ["B"],
        ["B"],
        ["A", "B"],
        ["A", "B"],
        ["B"],
        ["A"],
    ]


def test_bulk_publish_goes_through_the_action_and_counts(sign_in, event):
    sessions = [SessionFactory(event=event, status=s) for s in ("draft", "draft", "published")]

    response = sign_in(manager=event).post(
        url("session"),
        {"action": "publish_selected", "_selected_action": [s.pk for s in sessions]},
    )

    assert said(response) == ["2 published. 1 was already published."]
    assert set(Session.objects.values_list("status", flat=True)) == {"published"}


def test_bulk_cancel_says_what_it_means_before_it_does_it(sign_in, event):
    client = sign_in(manager=event)
    session = SessionFactory(event=event, title="Panel")
    chosen = {"action": "cancel_selected", "_selected_action": [session.pk]}

    question = client.post(url("session"), chosen)
    before = Session.objects.get().status
    done = client.post(url("session"), {**chosen, "confirmed": "yes"})

    assert "stays on the agenda, marked as cancelled" in question.content.decode()
    assert (before, Session.objects.get().status) == ("published", "cancelled")
    assert said(done) == ["1 cancelled."]


def test_bulk_actions_leave_alone_what_one_may_only_read(sign_in, event):
    readable = EventFactory()
    mine = SessionFactory(event=event, status="draft")
    theirs = SessionFactory(event=readable, status="draft")
    client = sign_in(manager=event, analyst=readable)
    chosen = [mine.pk, theirs.pk]

    client.post(url("session"), {"action": "publish_selected", "_selected_action": chosen})
    deletion = client.post(
        url("session"), {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    )

    assert dict(Session.objects.values_list("pk", "status")) == {
        mine.pk: "published",
        theirs.pk: "draft",
    }
    assert deletion.status_code == 403


def test_delete_page_says_what_else_goes(sign_in, event):
    session = SessionFactory(event=event)

    page = sign_in(manager=event).get(url("session", "delete", session.pk)).content.decode()

    assert "Cancel it instead if people may still look for it." in page


def make_session(event: Event) -> None:
    session = SessionFactory(event=event, track=TrackFactory(event=event))
    SessionSpeakerFactory(session=session)


MAKERS: dict[str, Callable[[Event], Any]] = {
    "event": lambda event: TeamMemberFactory(
        event=EventFactory(), user=event.team.get().user, role=TeamRole.OWNER
    ),
    "session": make_session,
    "speaker": lambda event: SpeakerFactory(event=event, user=UserFactory()),
    "registration": lambda event: RegistrationFactory(event=event),
}


@pytest.mark.parametrize("model", MODELS)
def test_list_costs_the_same_queries_with_one_and_three_rows(sign_in, event, model):
    client = sign_in(owner=event)
    # The second event changes which filters are shown; both counts have it.
    if model == "event":
        MAKERS[model](event)
    counted = []
    for more in (1, 2):
        for _ in range(more):
            MAKERS[model](event)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            listed(client, model)
        counted.append(len(queries))

    assert counted[0] == counted[1]
    assert counted[0] <= 40


def test_event_list_counts_sessions_and_people_each_by_itself(sign_in, event):
    client = sign_in(owner=event)
    for _ in range(3):
        SessionFactory(event=event)
    for withdrawn_at in (None, None, timezone.now()):
        RegistrationFactory(event=event, withdrawn_at=withdrawn_at)

    with CaptureQueriesContext(connection) as queries:
        page = client.get(url("event")).content.decode()
        client.get(url("event", "change", event.pk))

    links = re.findall(r'href="/admin/events/(\w+)/\?event=\d+">(\d+)<', page)
    assert links == [("session", "3"), ("registration", "2")]
    # Joined at once, each session would stand there once for each person.
    joined = ('JOIN "events_session"', 'JOIN "events_registration"')
    asked = [query["sql"] for query in queries]
    assert not [sql for sql in asked if all(table in sql for table in joined)]


@pytest.mark.parametrize("model", ["event", "session"])
def test_form_costs_the_same_queries_with_one_and_three_inline_rows(sign_in, event, model):
    client = sign_in(owner=event)
    session = SessionFactory(event=event)
    page = url(model, "change", event.pk if model == "event" else session.pk)
    client.get(page)  # what is looked up once a process
    counted = []
    for more in (1, 2):
        for _ in range(more):
            SessionSpeakerFactory(session=session)
            TrackFactory(event=event)
            TeamMemberFactory(event=event)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_every_input_of_a_row_says_what_it_is(sign_in, event):
    session = SessionFactory(event=event)
    for _ in range(2):
        SessionSpeakerFactory(session=session)

    page = sign_in(manager=event).get(url("session", "change", session.pk)).content.decode()

    assert re.findall(r'aria-label="(Speaker, row \d)"', page) == [
        f"Speaker, row {n}" for n in (1, 2, 3)
    ]
    assert re.findall(r'aria-label="(Delete, row \d)"', page) == ["Delete, row 1", "Delete, row 2"]


# --- People ------------------------------------------------------------------


def test_manager_registers_someone_by_address_once(sign_in, event):
    guest = UserFactory(email="guest@example.org")
    client = sign_in(manager=event)
    data = {
        "event": event.pk,
        "user": "guest@example.org",
        "withdrawn_at_0": "",
        "withdrawn_at_1": "",
    }

    client.post(url("registration", "add"), data)
    again = client.post(url("registration", "add"), data)

    assert list(Registration.objects.values_list("user", "event")) == [(guest.pk, event.pk)]
    assert errors(again) == {"__all__": ["This person is already registered."]}


def test_accounts_are_for_superusers(sign_in, event, client):
    assert sign_in(owner=event).get(url("user")).status_code == 403

    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    client.post(
        url("user", "add"),
        {"email": "New@Example.org", "name": "New", "usable_password": "false"},
    )
    made = User.objects.get(name="New")
    assert (made.email, made.has_usable_password(), made.is_staff) == (
        "new@example.org",
        False,
        False,
    )
    assert client.get(url("user", "change", made.pk)).status_code == 200


def test_new_event_of_a_superuser_takes_a_slug_and_a_zone(boss):
    data = event_data(EventFactory.build(title="Spring days", slug="spring-days"))

    boss.post(url("event", "add"), data)
    without_zone = boss.post(url("event", "add"), {**data, "slug": "b", "timezone": ""})

    assert list(Event.objects.values_list("slug", "timezone")) == [("spring-days", "Europe/Berlin")]
    assert errors(without_zone) == {"timezone": ["This field is required."]}


# --- What other apps add -----------------------------------------------------


@pytest.fixture
def no_extensions() -> Any:
    """An empty registry, so that the test sees only what it adds; the real one comes back."""
    kept = dict(extensions._extensions)
    extensions._extensions.clear()
    yield
    extensions._extensions.clear()
    extensions._extensions.update(kept)


def test_other_apps_add_columns_fields_tools_actions_and_notes(no_extensions, sign_in, event):
    done: list[Any] = []

    def greet(modeladmin: Any, request: Any, queryset: Any) -> None:
        done.extend(queryset)

    greet.short_description = "Greet them"  # type: ignore[attr-defined]
    extensions.register_column(Session, lambda s: f"remote of {s.title}", "Remote", "title")
    extensions.register_readonly(Session, lambda s: "all is well", "State", section="Far away")
    extensions.register_action(Session, greet)
    extensions.register_object_tool(
        Session, "admin:events_session_history", "A report", "events.view_report"
    )
    extensions.register_object_tool(Session, "admin:index", "Hidden", "events.change_nothing")
    extensions.register_queryset(Session, lambda rows: rows.exclude(title="Secret"))
    extensions.register_delete_note(Session, "Its room goes too.")
    readable = EventFactory()
    SessionFactory(event=event, title="Secret")
    mine, theirs = SessionFactory(event=event, title="Mine"), SessionFactory(event=readable)
    client = sign_in(manager=event, analyst=readable)

    page = client.get(url("session")).content.decode()
    form = client.get(url("session", "change", mine.pk)).content.decode()
    action = client.post(
        url("session"), {"action": "greet", "_selected_action": [mine.pk, theirs.pk]}
    )

    assert ("remote of Mine" in page, "Remote" in page, "Secret" in page) == (True, True, False)
    assert ("Greet them" in page, "Far away" in form, "all is well" in form) == (True, True, True)
    assert ("A report" in form, "Hidden" in form) == (True, False)
    assert (done, said(action)) == ([mine], ["1 skipped: you may see but not change them."])
    assert "Its room goes too." in client.get(url("session", "delete", mine.pk)).content.decode()


def test_every_admin_of_the_events_asks_the_rules():
    from events.admin.scope import RulesPermissions

    ours = {m: a for m, a in admin.site._registry.items() if m._meta.app_label == "events"}
    assert {m.__name__ for m, a in ours.items() if not isinstance(a, RulesPermissions)} == {
        # Of the installation, not of an event: superusers see them.
        "RestingAddress",
        "User",
    }
    assert Track not in ours
    assert SessionSpeaker not in ours
