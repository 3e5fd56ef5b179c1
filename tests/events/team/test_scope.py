"""A role about some tracks or rooms: what is planned there, and nothing beyond, in whichever way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.urls import reverse

from events.history.authors import acting
from events.models import (
    ChangeSource,
    Event,
    Session,
    SessionSpeaker,
    TeamMember,
    TeamRole,
    Track,
    User,
)
from events.permissions import SESSION_PLANNERS, forget_roles, members_about, sessions_for_team
from events.roles import EventMembership, StageRole
from events.team.scope import TeamScope
from tests.events.pages import form_values
from tests.factories import (
    EventFactory,
    SessionFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Ours")


@pytest.fixture
def mine(event: Event) -> Track:
    return TrackFactory(event=event, name="Mine")


@pytest.fixture
def other(event: Event) -> Track:
    return TrackFactory(event=event, name="Other")


def limited(event: Event, role: str, *tracks: Track, rooms: tuple[str, ...] = ()) -> User:
    member = TeamMemberFactory(event=event, role=role, is_limited=True, rooms=list(rooms))
    member.tracks.set(tracks)
    return member.user


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def keeper(event: Event, mine: Track) -> User:
    """Who plans the track called Mine."""
    return limited(event, TeamRole.TRACK_MANAGER, mine)


@pytest.fixture
def sessions(event: Event, mine: Track, other: Track) -> tuple[Session, Session]:
    """One of theirs, and one of another track; both drafts."""
    more: dict[str, Any] = {"event": event, "status": "draft", "location": "Hall"}
    return (
        SessionFactory(title="Theirs", track=mine, **more),
        SessionFactory(title="Foreign", track=other, **more),
    )


def as_it_is(session: Session) -> tuple[Any, ...]:
    now = Session.objects.get(pk=session.pk)
    return now.title, now.track_id, now.location, now.status, now.starts_at


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        (None, (1, "Attic"), True),
        (None, (2, "Attic"), False),
        (None, (None, "Hall"), True),
        ((1, ""), (1, "Attic"), False),  # A room of others.
        ((1, "Attic"), (1, "Attic"), True),  # It was there already.
        ((1, "Hall"), (2, "Hall"), False),  # A track of others.
        ((2, "Hall"), (1, "Hall"), True),
        ((2, "Attic"), (1, "Hall"), False),  # It was not theirs.
        ((1, ""), (None, "Hall"), False),
    ],
)
def test_scope_says_where_a_session_may_go(before, after, may):
    scope = TeamScope(frozenset({1}), frozenset({"Hall"}))

    assert scope.allows(before, after) is may


def test_who_plans_a_track_may_choose_any_room():
    assert TeamScope(frozenset({1})).allows((1, "Hall"), (1, "Attic"))


def test_permissions_follow_the_scope(event, keeper, sessions):
    own, foreign = sessions
    asked = ("view", "change", "delete")

    assert [keeper.has_perm(f"events.{verb}_session", own) for verb in asked] == [True] * 3
    assert [keeper.has_perm(f"events.{verb}_session", foreign) for verb in asked] == [
        True,
        False,
        False,
    ]
    assert [
        keeper.has_perm(f"events.{name}", event)
        for name in ("view_event", "plan_sessions", "change_event", "view_registration")
    ] == [True, True, False, False]
    assert list(sessions_for_team(keeper, SESSION_PLANNERS)) == [own]


def test_who_loses_the_last_track_is_left_with_nothing(event, keeper, mine, sessions):
    mine.delete()
    forget_roles(keeper)

    assert list(sessions_for_team(keeper, SESSION_PLANNERS)) == []
    assert not keeper.has_perm("events.change_session", Session.objects.get(title="Foreign"))


def test_form_changes_what_is_theirs_and_nothing_else(keeper, sessions, other):
    client, (own, foreign) = signed_in(keeper), sessions
    urls = [reverse("admin:events_session_change", args=[each.pk]) for each in sessions]
    form = form_values(client.get(urls[0]).content.decode())
    before = as_it_is(foreign)

    saved = client.post(urls[0], {**form, "title": "Renamed"})
    refused = client.post(urls[0], {**form, "title": "Gone", "track": str(other.pk)})
    closed = client.post(urls[1], {**form, "title": "Taken"})

    assert (saved.status_code, refused.status_code, closed.status_code) == (302, 200, 403)
    assert as_it_is(own)[:2] == ("Renamed", own.track_id)
    assert as_it_is(foreign) == before


def test_form_with_the_key_of_another_sessions_speaker_changes_nothing_there(keeper, sessions):
    client, (own, foreign) = signed_in(keeper), sessions
    on_stage = SessionSpeaker.objects.create(
        session=foreign, speaker=SpeakerFactory(event=foreign.event)
    )
    url = reverse("admin:events_session_change", args=[own.pk])
    form = form_values(client.get(url).content.decode())
    forged = {
        **form,
        "appearances-INITIAL_FORMS": "1",
        "appearances-TOTAL_FORMS": "1",
        "appearances-0-id": str(on_stage.pk),
        "appearances-0-session": str(own.pk),
        "appearances-0-speaker": str(on_stage.speaker_id),
        "appearances-0-role": "moderator",
        "appearances-0-DELETE": "on",
    }

    answer = client.post(url, forged)

    kept = SessionSpeaker.objects.get(pk=on_stage.pk)
    assert answer.status_code in (200, 302)
    assert (kept.session_id, kept.role) == (foreign.pk, on_stage.role)


@pytest.mark.parametrize("action", ["publish_selected", "cancel_selected", "move_selected"])
def test_bulk_actions_leave_others_sessions_out(keeper, sessions, action):
    client, (own, foreign) = signed_in(keeper), sessions
    before = as_it_is(foreign)
    sent = {"action": action, "_selected_action": [own.pk, foreign.pk], "confirmed": "1"}
    if action == "move_selected":
        sent |= {"preview": "1", "minutes": "15", "to_day": ""}

    client.post(reverse("admin:events_session_changelist"), sent)

    assert as_it_is(foreign) == before
    assert action != "publish_selected" or as_it_is(own)[3] == "published"


def test_selected_sessions_are_not_deleted_when_one_is_anothers(keeper, sessions):
    client = signed_in(keeper)
    sent = {
        "action": "delete_selected",
        "_selected_action": [each.pk for each in sessions],
        "post": "yes",
    }

    client.post(reverse("admin:events_session_changelist"), sent)

    assert Session.objects.count() == 2


@pytest.mark.parametrize(
    ("which", "column", "status"),
    [(0, "Attic", 200), (1, "Attic", 422)],
)
def test_planner_moves_what_is_theirs(keeper, sessions, which, column, status):
    answer = drop(signed_in(keeper), sessions[which], "rooms", column)

    assert answer.status_code == status
    assert as_it_is(sessions[which])[2] == ("Attic" if status == 200 else "Hall")


def test_planner_gives_a_session_to_no_other_track(keeper, sessions, other):
    answer = drop(signed_in(keeper), sessions[0], "tracks", str(other.pk))

    assert (answer.status_code, as_it_is(sessions[0])[1]) == (422, sessions[0].track_id)
    assert answer.json()["error"] == (
        "“Theirs”: your role in the team is about other tracks or rooms."
    )


def drop(client: Client, session: Session, across: str, column: str) -> Any:
    base = reverse("admin:events_event_planner", args=[session.event_id])
    day = session.starts_at.astimezone(session.event.zone).date().isoformat()
    board = client.get(f"{base}board/", {"across": across, "day": day}).json()
    card = next(c for c in board["cards"] + board["tray"] if c["id"] == session.pk)
    edit = {
        "session": session.pk,
        "version": card["version"],
        "column": column,
        "starts": int(session.starts_at.timestamp()),
        "ends": int(session.ends_at.timestamp()),
    }
    url, body = f"{base}edits/?across={across}&day={day}", json.dumps({"edits": [edit]})
    return client.post(url, body, "application/json")


def test_session_added_in_the_planner_belongs_to_their_track(event, keeper, mine):
    url = reverse("admin:events_event_planner_add", args=[event.pk])

    signed_in(keeper).post(url, {"title": "New", "minutes": "45", "session_type": "webcast"})

    assert Session.objects.get(title="New").track == mine


@pytest.mark.parametrize("source", [ChangeSource.ADMIN, ChangeSource.PLANNER, ChangeSource.IMPORT])
def test_whatever_is_saved_beyond_the_scope_is_refused(keeper, sessions, source, other):
    """As by a page that forgets to ask."""
    own, foreign = sessions
    before = [as_it_is(each) for each in sessions]

    def take() -> None:
        Session.objects.get(pk=foreign.pk).save()

    def give_away() -> None:
        row = Session.objects.get(pk=own.pk)
        row.track = other
        row.save()

    def enter() -> None:
        SessionSpeaker.objects.create(session=foreign, speaker=SpeakerFactory(event=foreign.event))

    for write in (take, give_away, enter, Session.objects.get(pk=foreign.pk).delete):
        with acting(source, keeper), pytest.raises(PermissionDenied), transaction.atomic():
            write()

    assert [as_it_is(each) for each in sessions] == before
    assert not SessionSpeaker.objects.exists()


def test_on_stage_a_role_counts_in_its_tracks_and_rooms(event, mine, sessions):
    own, foreign = sessions
    for role, there in (
        (TeamRole.MODERATOR, StageRole.MODERATOR),
        (TeamRole.PRODUCER, StageRole.PRODUCER),
        (TeamRole.TRACK_MANAGER, StageRole.ATTENDEE),
    ):
        membership = EventMembership(True, role, scope=TeamScope(frozenset({mine.pk})))
        assert (membership.role_in(own), membership.role_in(foreign)) == (
            there,
            StageRole.ATTENDEE,
        )


def test_live_desk_and_control_are_there_for_sessions_of_the_scope(event, mine, sessions):
    Session.objects.update(status="published")
    producer = signed_in(limited(event, TeamRole.PRODUCER, mine))
    answers = {
        (name, session.title): producer.get(address(session)).status_code
        for session in sessions
        for name, address in (
            ("desk", lambda s: reverse("kaltura:live_desk", args=[s.event.slug, s.slug])),
            ("recording", lambda s: reverse("admin:kaltura_bridge_recording_session", args=[s.pk])),
            ("joining", lambda s: reverse("admin:kaltura_bridge_joining", args=[s.pk])),
        )
    }

    assert answers == {
        (name, title): 200 if title == "Theirs" else 404
        for name in ("desk", "recording", "joining")
        for title in ("Theirs", "Foreign")
    }
    devices = reverse("admin:kaltura_bridge_devices", args=[event.pk])
    assert producer.get(devices).status_code == 404


def test_alarms_go_to_those_whose_role_is_about_the_session(event, mine, sessions):
    about = limited(event, TeamRole.MODERATOR, mine)
    by_room = limited(event, TeamRole.PRODUCER, rooms=("Hall",))
    limited(event, TeamRole.PRODUCER, rooms=("Attic",))

    found = members_about(sessions[0], frozenset({TeamRole.MODERATOR, TeamRole.PRODUCER}))

    assert {member.user for member in found} == {about, by_room}


def test_role_about_a_room_follows_its_new_name(event):
    from events.team.changing import rename_rooms_of_team

    limited(event, TeamRole.PRODUCER, rooms=("Hall", "Attic"))

    rename_rooms_of_team(event, {"Hall": "Great hall"})

    assert TeamMember.objects.get().rooms == ["Great hall", "Attic"]
