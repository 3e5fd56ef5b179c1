"""Releasing what waits: whole or not at all, once, told as one change of the programme."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.actions import delete_planned, move_session, save_planned
from events.drafts.gathering import live_now
from events.drafts.release import CannotRelease, NothingWaits, release
from events.drafts.waiting import discard
from events.models import (
    AnnouncedSession,
    Event,
    ProgrammeChange,
    ProgrammeVersion,
    Release,
    Session,
    SessionMaterial,
    SessionSpeaker,
    SessionStatus,
    SessionTranslation,
    SpeakerRole,
    UnreleasedChange,
)
from kaltura_bridge.models import SyncTarget
from tests.events.drafts.conftest import said, waiting_of
from tests.factories import (
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TrackFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_release_makes_public_all_that_waits_and_tells_it_once(event, talk, ada):
    talk.save()
    bob = SpeakerFactory(event=event, name="Bob")
    target = SyncTarget.objects.get(object_uuid=talk.uuid)
    ada.save(talk, title="Opening", location="Attic", **{"appearances-0-speaker": bob.pk})
    version = ProgrammeVersion.objects.get(event=event).number

    answer = ada.do("release:all", name="Spring")

    assert said(answer) == ["Release 1: Spring: 2 changes are public now."]
    kept = Session.objects.get(pk=talk.pk)
    assert (kept.title, kept.location) == ("Opening", "Attic")
    assert list(kept.speakers.all()) == [bob]
    assert ProgrammeVersion.objects.get(event=event).number == version + 1
    assert SyncTarget.objects.get(pk=target.pk).version == target.version + 1
    assert AnnouncedSession.objects.get(pk=talk.pk).sequence == 1
    made = Release.objects.get()
    assert (made.number, made.made_by, made.version) == (1, ada.user, version + 1)
    assert ProgrammeChange.objects.first().version == made.version
    assert UnreleasedChange.objects.count() == 0
    assert "Bob" in ada.page("release", 1)
    assert "Spring" in ada.page("releases")


def test_some_are_released_and_others_wait_on(event, talk, ada):
    other = SessionFactory(event=event, title="Other")
    ada.save(talk, title="Opening")
    ada.save(other, title="Another")
    first, second = UnreleasedChange.objects.order_by("pk")

    ada.do("release:picked", pick=[second.pk])

    assert waiting_of(event) == {"Keynote": {"title": ("Keynote", "Opening")}}
    ada.do(f"release:{first.pk}")
    assert waiting_of(event) == {}
    assert sorted(Session.objects.values_list("title", flat=True)) == ["Another", "Opening"]
    assert list(Release.objects.values_list("number", flat=True)) == [2, 1]


def test_two_clicks_release_once(event, talk, ada):
    ada.save(talk, title="Opening")
    release(event, ada.user)

    with pytest.raises(NothingWaits):
        release(event, ada.user)

    assert Release.objects.count() == 1


def test_what_was_added_since_the_page_was_read_is_not_released_unseen(event, talk, ada, ben):
    from tests.events.pages import form_values

    ada.save(talk, title="Opening")
    seen = form_values(ada.page())
    ben.save(talk, location="Attic")

    answer = ada.client.post(ada.address(), {**seen, "do": "release:all"}, follow=True)

    assert said(answer) == [
        "Nothing was released. The changes are not those that you saw. Look at them again."
    ]
    assert Release.objects.count() == 0


def test_value_that_was_changed_live_meanwhile_is_shown_and_somebody_chooses(event, talk, ada):
    ada.save(talk, location="Attic")
    with live_now():
        fresh = Session.objects.get(pk=talk.pk)
        fresh.location = "Cellar"
        save_planned(fresh)

    answer = ada.do("release:all")

    assert said(answer) == [
        "Nothing was released. “Keynote”: room was changed meanwhile, and is public already."
    ]
    page = ada.page()
    assert all(words in page for words in ("Hall", "Attic", "Public now: Cellar"))
    ada.do(f"keep:{UnreleasedChange.objects.get().pk}")
    ada.do("release:all")
    assert Session.objects.get(pk=talk.pk).location == "Attic"


def test_one_change_that_cannot_be_applied_stops_all_with_its_object_and_reason(event, talk, ada):
    track = TrackFactory(event=event, name="Art")
    other = SessionFactory(event=event, title="Other")
    ada.save(talk, slug="taken")
    ada.save(other, track=track.pk, title="Another")
    delete_planned(track)
    before = list(Session.objects.order_by("pk").values())

    with pytest.raises(CannotRelease) as gone:
        release(event, ada.user)
    discard(event, [UnreleasedChange.objects.get(label="Other").pk])
    SessionFactory(event=event, slug="taken", status=SessionStatus.DRAFT)
    with pytest.raises(CannotRelease) as taken:
        release(event, ada.user)

    assert str(gone.value) == "“Other”: its track was deleted meanwhile."
    assert str(taken.value) == "“Keynote”: Another session of this event has this slug."
    pks = [row["id"] for row in before]
    assert list(Session.objects.filter(pk__in=pks).order_by("pk").values()) == before
    assert (UnreleasedChange.objects.count(), Release.objects.count()) == (1, 0)


def test_killed_half_way_nothing_is_released(event, talk, ada, monkeypatch):
    ada.save(talk, title="Opening")

    def die(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("events.drafts.release.note_changed", die)
    with pytest.raises(KeyboardInterrupt):
        release(event, ada.user)

    assert Session.objects.get(pk=talk.pk).title == "Keynote"
    assert (UnreleasedChange.objects.count(), Release.objects.count()) == (1, 0)


def test_everything_that_a_session_has_is_added_changed_and_deleted(event, talk, ada):
    ann = SessionSpeakerFactory(session=talk, speaker__event=event)
    link = SessionMaterial.objects.create(session=talk, title="Slides", url="https://a.example/")
    text = SessionTranslation.objects.create(session=talk, language="de", title="Rede")
    ann.role, link.title = SpeakerRole.MODERATOR, "Paper"
    save_planned(ann)
    save_planned(link)
    delete_planned(text)
    save_planned(SessionTranslation(session=talk, language="fr", title="Discours"))
    save_planned(SessionMaterial(session=talk, title="Code", url="https://b.example/"))

    release(event, ada.user)

    assert SessionSpeaker.objects.get().role == SpeakerRole.MODERATOR
    assert sorted(talk.materials.values_list("title", flat=True)) == ["Code", "Paper"]
    assert list(talk.translations.values_list("language", "title")) == [("fr", "Discours")]
    assert ProgrammeVersion.objects.get(event=event).languages == "fr"


def test_deletion_is_released_with_what_belongs_to_it(event, talk, ada):
    ann = SessionSpeakerFactory(session=talk, speaker__event=event)
    ann.position = 3
    save_planned(ann)
    delete_planned(talk)

    release(event, ada.user)

    assert Session.objects.count() == 0
    change = ProgrammeChange.objects.first()
    assert (change.before["title"], change.after) == ("Keynote", None)


def test_release_of_many_costs_as_many_queries_as_one_of_few(event, ada):
    def cost(number: int) -> int:
        sessions = [SessionFactory(event=event) for _each in range(number)]
        for session in sessions:
            move_session(
                session,
                session.starts_at + timedelta(hours=1),
                session.ends_at + timedelta(hours=1),
            )
        fresh = Event.objects.get(pk=event.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            release(fresh, ada.user)
        return len(queries)

    cost(1)
    assert cost(2) == cost(50) <= 45


def test_page_costs_no_more_with_many_changes(event, ada):
    for _each in range(3):
        session = SessionFactory(event=event)
        move_session(session, session.starts_at, session.ends_at + timedelta(hours=1))
    with CaptureQueriesContext(connection) as few:
        ada.page()
    for _each in range(10):
        session = SessionFactory(event=event)
        move_session(session, session.starts_at, session.ends_at + timedelta(hours=1))
    with CaptureQueriesContext(connection) as many:
        ada.page()

    assert len(many) == len(few) <= 25
