"""The history pages: what they say, who may read them, and what goes back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.test import Client
from django.urls import reverse

from events.actions import delete_planned, save_planned
from events.history.authors import acting
from events.history.reverting import state_at
from events.history.words import text_diff
from events.models import (
    ChangeSource,
    ObjectHistory,
    ObjectVersion,
    Session,
    SessionSpeaker,
    SessionTranslation,
    SpeakerLink,
    TeamMember,
    TeamRole,
)
from tests.factories import (
    EventFactory,
    SessionFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
HOSTILE = '<script>alert("x")</script>{{ 7|add:7 }}'


def member(event: Any, role: str = TeamRole.MANAGER) -> Client:
    user = UserFactory(is_staff=True)
    TeamMemberFactory(event=event, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def history_url(thing: Any) -> str:
    return reverse(f"admin:events_{thing._meta.model_name}_history", args=[thing.pk])


def retitled(session: Session, *titles: str) -> Session:
    for title in titles:
        session.title = title
        save_planned(session)
    return session


def number_of(thing: Any) -> int:
    return ObjectHistory.objects.get(pk=thing.uuid).number


def test_the_history_says_what_changed_in_words_who_and_from_where():
    ada = UserFactory(name="Ada")
    track = TrackFactory(name="Stage 1")
    session = SessionFactory(event=track.event, abstract="One old word.")
    with acting(ChangeSource.PLANNER, ada):
        session.abstract, session.track = "One new word.", track
        session.starts_at = datetime(2030, 5, 6, 8, 30, tzinfo=UTC)
        save_planned(session)

    page = member(session.event).get(history_url(session)).content.decode()

    assert "One <del>old</del><ins>new</ins> word." in page
    assert "Stage 1" in page
    assert "6 May 2030, 11:00" in page
    assert "6 May 2030, 10:30" in page
    assert "<bdi>Ada</bdi> · planner" in page


def test_a_value_is_put_back_and_that_is_recorded():
    session = retitled(SessionFactory(title="One", subtitle="Kept"), "Two", "Three")
    planner = member(session.event)
    compared = planner.get(f"{history_url(session)}?version=1&field=title").content.decode()
    assert 'value="title" id="field-1" checked' in compared

    answer = planner.post(
        history_url(session), {"version": 1, "seen": number_of(session), "field": ["title"]}
    )

    assert answer.status_code == 302
    session.refresh_from_db()
    assert (session.title, session.subtitle) == ("One", "Kept")
    last = ObjectVersion.objects.get(history=session.uuid, number=number_of(session))
    assert (last.kind, last.source, last.note, last.changes) == (
        "put_back",
        "admin",
        "1",
        {"title": ["Three", "One"]},
    )
    assert last.actor is not None


def test_what_others_changed_since_is_shown_and_a_stale_page_is_refused():
    session = retitled(SessionFactory(title="One"), "Two")
    planner, seen = member(session.event), number_of(session)
    with acting(ChangeSource.ADMIN, UserFactory(name="Grace")):
        retitled(session, "Grace's")

    answer = planner.post(history_url(session), {"version": 1, "seen": seen, "field": ["title"]})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody changed it meanwhile." in page
    assert "Grace&#x27;s" in page
    assert "<bdi>Grace, " in page
    session.refresh_from_db()
    assert session.title == "Grace's"


def test_a_whole_version_is_put_back_with_what_stands_beside_it():
    session, speaker = SessionFactory(title="One"), SpeakerFactory()
    speaker.event = session.event
    save_planned(speaker)
    on_stage = SessionSpeaker.objects.create(session=session, speaker=speaker, role="moderator")
    german = SessionTranslation.objects.create(session=session, language="de", title="Eins")
    version = number_of(session)
    delete_planned(on_stage)
    german.title = "Zwei"
    german.save()
    SessionTranslation.objects.create(session=session, language="fr", title="Deux")
    retitled(session, "Two")

    answer = member(session.event).post(
        history_url(session),
        {
            "version": version,
            "seen": number_of(session),
            "field": [
                "title",
                f"stage/{speaker.pk}",
                "translations/de/title",
                "translations/fr",
            ],
        },
    )

    assert answer.status_code == 302
    session.refresh_from_db()
    assert session.title == "One"
    assert [(a.speaker, a.role) for a in session.appearances.all()] == [(speaker, "moderator")]
    assert list(session.translations.values_list("language", "title")) == [("de", "Eins")]
    history = ObjectHistory.objects.get(pk=session.uuid)
    assert history.state == state_at(history, version)


def test_a_link_comes_back_as_the_same_one():
    speaker = SpeakerFactory()
    link = SpeakerLink.objects.create(speaker=speaker, url="https://example.org/", label="Blog")
    path = f"links/{link.pk}"
    delete_planned(SpeakerLink.objects.all())

    answer = member(speaker.event).post(
        history_url(speaker), {"version": 2, "seen": number_of(speaker), "field": [path]}
    )

    assert answer.status_code == 302
    assert list(SpeakerLink.objects.values_list("pk", "label")) == [(link.pk, "Blog")]


def test_what_cannot_be_put_back_is_said_by_field_and_nothing_is_saved():
    track = TrackFactory(name="Gone")
    session = SessionFactory(event=track.event, track=track, slug="taken", title="One")
    session.slug, session.title, session.track = "free", "Two", None
    save_planned(session)
    track.delete()
    planner = member(session.event)

    def put(*fields: str) -> str:
        data = {"version": 1, "seen": number_of(session), "field": fields}
        answer = planner.post(history_url(session), data)
        assert answer.status_code == 422
        return answer.content.decode()

    assert "track: what it was then does not exist any more." in put("title", "track")
    SessionFactory(event=session.event, slug="taken")
    assert "Another session of this event has this slug." in put("title", "slug")
    session.refresh_from_db()
    assert session.title == "Two"


def test_only_the_events_own_team_reads_and_only_planners_put_back():
    session = retitled(SessionFactory(title="One"), "Secret title")
    url = history_url(session)
    data = {"version": 1, "seen": number_of(session), "field": ["title"]}
    stranger, moderator = member(EventFactory()), member(session.event, TeamRole.MODERATOR)

    for client in (stranger, Client()):
        for answer in (client.get(url), client.get(f"{url}?version=1"), client.post(url, data)):
            assert answer.status_code == 302
            assert b"Secret title" not in answer.content
    assert b"Secret title" in moderator.get(url).content
    assert moderator.post(url, data).status_code == 403
    session.refresh_from_db()
    assert session.title == "Secret title"


def test_a_manager_neither_sees_nor_undoes_changes_of_the_team():
    event = EventFactory()
    manager = member(event)
    mine = TeamMember.objects.get(event=event)
    before = number_of(event)
    boss = TeamMemberFactory(event=event, user=UserFactory(name="Boss"), role=TeamRole.OWNER)
    data = {"version": before, "seen": number_of(event), "field": [f"team/{boss.user_id}"]}

    assert b"Boss" not in manager.get(history_url(event)).content
    assert manager.post(history_url(event), data).status_code == 403
    assert set(event.team.all()) == {mine, boss}


def test_the_log_beside_the_history_tells_only_owners_who_is_in_the_team():
    event = EventFactory()
    owner, manager = member(event, TeamRole.OWNER), member(event)
    invites = {"do": "invite", "address": "new@example.org", "role": "viewer"}
    owner.post(reverse("admin:events_event_team", args=[event.pk]), invites)
    added = [{"added": {"name": "team member", "object": "old@example.org: Viewer"}}]
    boss = TeamMember.objects.get(event=event, role=TeamRole.OWNER).user
    LogEntry.objects.log_actions(boss.pk, [event], CHANGE, added, single_object=True)

    for reader in (manager, member(event, TeamRole.VIEWER)):
        page = reader.get(history_url(event)).content.decode()
        assert "Took a viewer into the team." in page
        assert "@example.org" not in page.partition("What the admin logged")[2].replace(
            boss.email, ""
        )
    page = owner.get(history_url(event)).content.decode()
    assert "new@example.org" in page and "old@example.org" in page


def test_hostile_text_is_text():
    session = retitled(SessionFactory(title=HOSTILE), f"{HOSTILE} again")
    planner = member(session.event)
    for address in (
        "",
        "?version=1",
        "?version=99",
        "?version=x",
        "?version=" + "9" * 40,
        "?page=x",
    ):
        answer = planner.get(history_url(session) + address, follow=True)
        assert answer.status_code == 200
        assert b"<script>alert" not in answer.content
    assert str(text_diff("<b>", "<i>")) == "<del>&lt;b&gt;</del><ins>&lt;i&gt;</ins>"


def test_a_long_hostile_text_is_compared_in_a_moment():
    text_diff("a b " * 20_000, "b a " * 20_000)
    text_diff("a\n" * 20_000, "b\na\n" * 10_000)


def test_the_history_of_a_track_is_reached_from_its_event():
    track = TrackFactory(name="Before")
    track.name = "After"
    save_planned(track)
    planner = member(track.event)
    url = reverse("admin:events_event_track_history", args=[track.event_id, track.pk])

    assert url in planner.get(history_url(track.event)).content.decode()
    answer = planner.post(url, {"version": 1, "seen": 2, "field": ["name"]})
    assert answer.status_code == 302
    track.refresh_from_db()
    assert track.name == "Before"
    other = reverse("admin:events_event_track_history", args=[EventFactory().pk, track.pk])
    assert planner.get(other).status_code == 302


@pytest.mark.parametrize("count", [1, 25])
def test_a_page_of_history_costs_the_same(count: int, django_assert_max_num_queries: Any):
    session = retitled(SessionFactory(), *(f"Title {n}" for n in range(count)))
    planner = member(session.event)
    planner.get(history_url(session))
    with django_assert_max_num_queries(14):
        planner.get(history_url(session))
    with django_assert_max_num_queries(18):
        planner.get(f"{history_url(session)}?version=1")
