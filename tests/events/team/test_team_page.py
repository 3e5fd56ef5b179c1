"""The page of the team: taking people in, roles, handing over, leaving; always with an owner."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.actions import NotAllowed
from events.models import Event, OutgoingMail, TeamMember, TeamRole, User
from events.outbox.sending import send_due
from events.team.changing import LastOwner, NoMember, hand_over, leave_team, set_place
from tests.factories import EventFactory, TeamMemberFactory, TrackFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Ours")


@pytest.fixture
def owner(event: Event) -> User:
    return TeamMemberFactory(event=event, role=TeamRole.OWNER).user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(event: Event) -> str:
    return reverse("admin:events_event_team", args=[event.pk])


def roles(event: Event) -> dict[str, str]:
    return dict(event.team.values_list("user__email", "role"))


def test_owner_takes_somebody_in_by_address_for_one_track(event, owner):
    track = TrackFactory(event=event, name="Security")
    sent = {"do": "invite", "address": "New@Example.org", "role": "moderator", "tracks": [track.pk]}

    answer = signed_in(owner).post(page(event), sent)

    member = TeamMember.objects.get(user__email="new@example.org")
    assert answer.status_code == 302
    assert (member.role, member.is_limited, list(member.tracks.all())) == (
        TeamRole.MODERATOR,
        True,
        [track],
    )
    assert member.user.is_staff
    assert list(OutgoingMail.objects.values_list("kind", "address")) == [
        ("team_role", "new@example.org")
    ]
    shown = signed_in(owner).get(page(event)).content.decode()
    assert "About: Security." in shown


@pytest.mark.parametrize(("tracks", "about"), [([], "the whole event"), (["Stage"], "Stage")])
def test_mail_says_what_the_role_may_do_and_about_what(event, owner, tracks, about):
    chosen = [TrackFactory(event=event, name=name) for name in tracks]
    person = TeamMemberFactory(event=event).user
    set_place(event, person, TeamRole.PRODUCER, tracks=chosen)
    OutgoingMail.objects.update(due_at=timezone.now())
    mail.outbox.clear()

    send_due(10)

    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (
        [person.email],
        "Your role in the team of “Ours”: Producer",
    )
    assert f"About: {about}." in letter.body
    assert "Runs broadcasts, recordings and captions" in letter.body


def test_tracks_of_another_event_are_refused(event, owner):
    foreign = TrackFactory()
    sent = {"do": "invite", "address": "a@example.org", "role": "moderator", "tracks": [foreign.pk]}

    answer = signed_in(owner).post(page(event), sent)

    assert (answer.status_code, roles(event)) == (200, {owner.email: "owner"})


def test_role_about_the_whole_event_takes_no_tracks(event, owner):
    track = TrackFactory(event=event)
    sent = {"do": "invite", "address": "a@example.org", "role": "manager", "tracks": [track.pk]}

    answer = signed_in(owner).post(page(event), sent)

    assert (answer.status_code, roles(event)) == (200, {owner.email: "owner"})


def test_who_does_not_own_the_event_sees_themself_and_may_leave(event, owner):
    manager = TeamMemberFactory(event=event).user
    client = signed_in(manager)

    shown = client.get(page(event)).content.decode()
    refused = client.post(page(event), {"do": "invite", "address": "a@b.org", "role": "owner"})
    left = client.post(page(event), {"do": "leave"})

    assert (manager.email in shown, owner.email in shown) == (True, False)
    assert (refused.status_code, left.status_code) == (403, 302)
    assert roles(event) == {owner.email: "owner"}


def test_member_of_another_event_is_out_of_reach(event, owner):
    foreign = TeamMemberFactory(role=TeamRole.MANAGER)
    for do in ("change", "remove", "hand_over"):
        sent = {"do": do, "member": foreign.pk, "role": "viewer", "confirmed": "1"}
        signed_in(owner).post(page(event), sent)

    assert TeamMember.objects.get(pk=foreign.pk).role == TeamRole.MANAGER
    assert roles(event) == {owner.email: "owner"}


def test_owner_hands_over_when_they_say_so_twice(event, owner):
    member = TeamMemberFactory(event=event, role=TeamRole.VIEWER)
    client, sent = signed_in(owner), {"do": "hand_over", "member": member.pk}

    client.post(page(event), sent)
    assert roles(event)[owner.email] == "owner"
    client.post(page(event), {**sent, "confirmed": "1"})

    assert roles(event) == {owner.email: "manager", member.user.email: "owner"}
    assert set(OutgoingMail.objects.values_list("address", flat=True)) == {
        owner.email,
        member.user.email,
    }


def test_last_owner_neither_leaves_nor_steps_down(event, owner):
    client, mine = signed_in(owner), TeamMember.objects.get()

    client.post(page(event), {"do": "leave"})
    client.post(page(event), {"do": "remove", "member": mine.pk})
    client.post(page(event), {"do": "change", "member": mine.pk, "role": "viewer"})

    assert roles(event) == {owner.email: "owner"}


def test_form_of_the_event_keeps_an_owner_too(event, owner):
    from tests.events.pages import form_values

    client, url = signed_in(owner), reverse("admin:events_event_change", args=[event.pk])
    form = form_values(client.get(url).content.decode())

    refused = client.post(url, {**form, "team-0-role": "viewer"})

    assert (refused.status_code, roles(event)) == (403, {owner.email: "owner"})


def at_once(*calls) -> list[object]:
    start = threading.Barrier(len(calls))

    def run(call) -> object:
        start.wait(timeout=20)
        try:
            return call()
        except NotAllowed as error:
            return type(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays():
    event = EventFactory()
    one, two = (TeamMemberFactory(event=event, role=TeamRole.OWNER).user for _ in range(2))

    said = at_once(lambda: leave_team(event, one), lambda: leave_team(event, two))

    assert sorted(map(str, said)) == sorted(map(str, [None, LastOwner]))
    assert list(event.team.values_list("role", flat=True)) == ["owner"]


@pytest.mark.django_db(transaction=True)
def test_event_handed_to_two_at_once_goes_to_one():
    event = EventFactory()
    owner = TeamMemberFactory(event=event, role=TeamRole.OWNER).user
    one, two = (TeamMemberFactory(event=event, role=TeamRole.MANAGER).user for _ in range(2))

    said = at_once(lambda: hand_over(event, owner, one), lambda: hand_over(event, owner, two))

    assert sorted(map(str, said)) == sorted(map(str, [None, NoMember]))
    assert sorted(event.team.values_list("role", flat=True)) == ["manager", "manager", "owner"]
