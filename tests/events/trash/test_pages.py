"""The trash in the admin: who sees what, what a delete says first, and the way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from events.actions import delete_planned
from events.models import Event, Session, TeamRole, Track, TrashedObject
from tests.events.pages import form_values
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    SessionFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TRASH = "/admin/events/trashedobject/"


def member(event: Any, role: str = TeamRole.MANAGER) -> Client:
    user = UserFactory(is_staff=True)
    TeamMemberFactory(event=event, user=user, role=role)
    return signed_in(user)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def trashed_url(thing: Any) -> str:
    mine = TrashedObject.objects.get(model=thing._meta.model_name, object_key=thing.pk)
    return reverse("admin:events_trashedobject_change", args=[mine.pk])


def test_a_delete_says_first_what_goes_and_that_it_comes_back():
    session = SessionFactory(title="Talk")
    for _ in range(2):
        BookmarkFactory(session=session)
    planner = member(session.event)
    url = reverse("admin:events_session_delete", args=[session.pk])

    page = planner.get(url).content.decode()
    assert "can be restored for 30 days" in page
    assert "Bookmarks: 2" in page
    planner.post(url, {"post": "yes"})

    assert not Session.objects.exists()
    listed = planner.get(TRASH).content.decode()
    assert "Talk" in listed
    answer = planner.post(trashed_url(session), follow=True)
    assert "“Talk” is restored." in answer.content.decode()
    assert Session.objects.get() == session
    assert session.bookmarks.count() == 2


def test_many_are_deleted_into_the_trash():
    event = EventFactory()
    chosen = [SessionFactory(event=event).pk for _ in range(3)]
    planner = member(event)
    data = {"action": "delete_selected", "_selected_action": chosen}
    url = reverse("admin:events_session_changelist")

    assert "can be restored" in planner.post(url, data).content.decode()
    planner.post(url, {**data, "post": "yes"})

    assert TrashedObject.objects.filter(model="session").count() == 3


def test_a_track_that_a_form_deletes_goes_to_the_trash():
    track = TrackFactory(name="Stage 1")
    session = SessionFactory(event=track.event, track=track)
    planner = member(track.event, TeamRole.OWNER)
    url = reverse("admin:events_event_change", args=[track.event_id])
    values = form_values(planner.get(url).content.decode())
    answer = planner.post(url, {**values, "tracks-0-DELETE": "on"})
    assert answer.status_code == 302

    planner.post(trashed_url(track))

    assert Track.objects.get() == track
    session.refresh_from_db()
    assert session.track == track


def test_strangers_and_analysts_see_nothing_of_the_trash():
    session = SessionFactory(title="Secret talk")
    event = session.event
    delete_planned(session)
    url = trashed_url(session)

    for client, status in (
        (member(EventFactory()), 302),
        (member(event, TeamRole.ANALYST), 403),
        (member(event, TeamRole.MODERATOR), 403),
        (Client(), 302),
    ):
        for answer in (client.get(TRASH), client.get(url), client.post(url)):
            assert b"Secret talk" not in answer.content
        assert client.post(url).status_code in (status, 302)
    assert not Session.objects.exists()
    manager = member(event)
    assert b"Secret talk" in manager.get(TRASH).content
    delete = reverse("admin:events_trashedobject_delete", args=[TrashedObject.objects.get().pk])
    assert manager.post(delete, {"post": "yes"}).status_code == 403


def test_an_event_is_restored_by_who_owned_it_alone():
    event = EventFactory(title="Congress")
    owner, manager = member(event, TeamRole.OWNER), member(event)
    owner.post(reverse("admin:events_event_delete", args=[event.pk]), {"post": "yes"})
    url = trashed_url(event)

    # Who managed it alone has no event left, and so no admin pages.
    assert manager.get(TRASH).status_code == 403
    assert manager.post(url).status_code in (302, 403)
    assert not Event.objects.exists()
    assert b"Congress" in owner.get(TRASH).content
    assert owner.post(url).status_code == 302
    assert Event.objects.get() == event
    assert event.team.count() == 2


def test_a_superuser_deletes_for_good():
    session = SessionFactory()
    delete_planned(session)
    boss = signed_in(UserFactory(is_staff=True, is_superuser=True))
    mine = TrashedObject.objects.get()

    page = boss.get(trashed_url(session)).content.decode()
    url = reverse("admin:events_trashedobject_delete", args=[mine.pk])
    assert url in page
    assert boss.get(url).status_code == 200
    boss.post(url, {"post": "yes"})

    assert not TrashedObject.objects.exists()


def test_a_taken_slug_is_asked_for_on_the_page():
    session = SessionFactory(slug="talk")
    event = session.event
    planner = member(event)
    delete_planned(session)
    SessionFactory(event=event, slug="talk")

    refused = planner.post(trashed_url(session))
    assert refused.status_code == 422
    assert "Another session of this event has this slug." in refused.content.decode()
    for forged in ({"slug": "no slug!"}, {"name": "A session has none"}):
        assert planner.post(trashed_url(session), forged).status_code == 422
    planner.post(trashed_url(session), {"slug": "talk-again"})
    assert sorted(Session.objects.values_list("slug", flat=True)) == ["talk", "talk-again"]


def test_hostile_names_are_text():
    session = SessionFactory(title='<script>alert("x")</script>')
    planner = member(session.event)
    delete_planned(session)

    for url in (TRASH, f"{TRASH}?event=x", f"{TRASH}?q=%3Cscript", trashed_url(session)):
        answer = planner.get(url)
        assert answer.status_code == 200
        assert b"<script>alert" not in answer.content


def test_the_trash_costs_the_same_with_one_and_many(django_assert_max_num_queries: Any):
    event = EventFactory()
    planner = member(event)
    for _ in range(2):
        for session in [SessionFactory(event=event) for _ in range(4)]:
            delete_planned(session)
        planner.get(TRASH)
        with django_assert_max_num_queries(12):
            planner.get(TRASH)
        with django_assert_max_num_queries(12):
            planner.get(trashed_url(session))
    other = SessionFactory(event=event)
    with django_assert_max_num_queries(12):
        planner.get(reverse("admin:events_session_delete", args=[other.pk]))
