"""What is deleted comes back as it was, or stays in the trash as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from analytics.privacy.erasing import erase_person
from events.actions import NotAllowed, delete_planned, save_planned
from events.models import (
    Bookmark,
    Event,
    ObjectHistory,
    ProgrammeChange,
    Registration,
    Session,
    SessionSpeaker,
    Speaker,
    TeamMember,
    Track,
    TrashedObject,
    TrashedRows,
    User,
)
from events.trash import putting
from events.trash.keeping import delete_for_good, empty_trash
from events.trash.restoring import CannotRestore, restore
from events.trash.words import goes_along
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TrackFactory,
    UserFactory,
)
from tests.permissions.people import OPEN
from tests.permissions.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

#: What is not as it was on purpose: books kept of the deletion and the restoring themselves.
BOOKS = {
    "events.AnnouncedSession",
    "events.ObjectHistory",
    "events.ObjectVersion",
    "events.ProgrammeChange",
    "events.ProgrammeVersion",
    "kaltura_bridge.SyncTarget",
    "kaltura_bridge.CaptionOrder",
}
#: Computed again, or worth nothing later.
LEFT_OUT = {
    "analytics.AttendanceFile",
    "analytics.SessionAttendance",
    "analytics.StoredEventFigures",
    "analytics.StoredFigures",
    "events.AlsoStarred",
    "events.CountedStars",
    "events.IncomingFile",
    "events.PlannerStep",
    "kaltura_bridge.JoinTest",
    "kaltura_bridge.LaunchTicket",
    "kaltura_bridge.RecordingLook",
}


def all_rows() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of our tables but of those books."""
    return {
        model._meta.label: sorted(model._base_manager.order_by().values_list(), key=repr)
        for name in ("events", "kaltura_bridge", "analytics")
        for model in apps.get_app_config(name).get_models(include_auto_created=True)
        if not model._meta.proxy and model._meta.label not in BOOKS | LEFT_OUT
    }


def in_trash(thing: Any) -> TrashedObject:
    return TrashedObject.objects.get(model=thing._meta.model_name, object_key=thing.pk)


@pytest.mark.parametrize("what", ["event", "session", "speaker", "track"])
def test_every_table_is_as_before(what: str):
    world = World()
    thing: Any = getattr(world.places[OPEN], what)
    key = thing.pk
    before = all_rows()

    delete_planned(type(thing).objects.filter(pk=key))

    assert not type(thing).objects.filter(pk=key).exists()
    assert all_rows() != before
    found = restore(in_trash(thing).pk)
    assert (found.thing.pk, found.left) == (key, {})
    assert all_rows() == before


def test_objects_deleted_together_are_restored_one_by_one():
    event, person = EventFactory(), SpeakerFactory()
    sessions = [SessionFactory(event=event) for _ in range(3)]
    for session in sessions:
        SessionSpeakerFactory(session=session, speaker=person)
        BookmarkFactory(session=session)
    before = all_rows()

    delete_planned(Session.objects.filter(event=event))

    for session in reversed(sessions):
        mine = in_trash(session)
        assert mine.counts["events.Bookmark"] == 1
        restore(mine.pk)
    assert all_rows() == before


def test_what_two_deletions_took_apart_comes_together_again():
    appearance = SessionSpeakerFactory()
    session, speaker = appearance.session, appearance.speaker
    track = TrackFactory(event=session.event)
    session.track = track
    save_planned(session)
    before = all_rows()

    delete_planned(Speaker.objects.get(pk=speaker.pk))
    delete_planned(Track.objects.get(pk=track.pk))
    delete_planned(Session.objects.get(pk=session.pk))
    for thing in (speaker, track, session):
        restore(in_trash(thing).pk)

    assert all_rows() == before


def test_attendees_learn_that_a_session_is_back():
    session = SessionFactory(title="Talk")
    delete_planned(Session.objects.get(pk=session.pk))
    restore(in_trash(session).pk)

    log = ProgrammeChange.objects.order_by("pk").values_list("before", "after")
    assert [(bool(before), bool(after)) for before, after in log][-2:] == [
        (True, False),
        (False, True),
    ]
    session = Session.objects.get()
    assert session.announced.sequence == 1
    history = ObjectHistory.objects.get(pk=session.uuid)
    kinds = history.versions.order_by("number").values_list("kind", flat=True)
    assert list(kinds) == ["made", "deleted", "restored"]


def test_a_slug_that_is_taken_is_said_and_another_one_helps():
    session = SessionFactory(slug="talk")
    delete_planned(Session.objects.get(pk=session.pk))
    SessionFactory(event=session.event, slug="talk")
    mine = in_trash(session)

    with pytest.raises(CannotRestore) as refused:
        restore(mine.pk)
    assert refused.value.errors == {"slug": ["Another session of this event has this slug."]}
    with pytest.raises(CannotRestore) as refused:
        restore(mine.pk, {"slug": "not a slug!"})
    assert list(refused.value.errors) == ["slug"]
    assert restore(mine.pk, {"slug": "talk-2"}).thing.slug == "talk-2"


def test_a_session_waits_for_its_event():
    session = SessionFactory()
    event = session.event
    delete_planned(Session.objects.get(pk=session.pk))
    delete_planned(Event.objects.get(pk=event.pk))

    with pytest.raises(CannotRestore) as refused:
        restore(in_trash(session).pk)
    assert refused.value.errors == {
        "event": [f"“{event.title}” is in the trash, too: restore the event first."]
    }
    restore(in_trash(event).pk)
    assert restore(in_trash(session).pk).thing == session


def test_who_is_gone_meanwhile_is_left_out_and_counted():
    session = SessionFactory()
    kept, gone = BookmarkFactory(session=session), BookmarkFactory(session=session)
    delete_planned(Session.objects.get(pk=session.pk))
    gone.user.delete()

    assert restore(in_trash(session).pk).left == {"events.Bookmark": 1}
    assert list(Bookmark.objects.all()) == [kept]


def test_a_track_that_is_gone_for_good_leaves_its_sessions_without_one():
    track = TrackFactory()
    session = SessionFactory(event=track.event, track=track)
    delete_planned(Session.objects.get(pk=session.pk))
    delete_planned(Track.objects.get(pk=track.pk))
    delete_for_good(in_trash(track))

    assert restore(in_trash(session).pk).thing.track is None


def test_restoring_twice_is_refused():
    session = SessionFactory()
    delete_planned(Session.objects.get(pk=session.pk))
    mine = in_trash(session).pk
    restore(mine)

    with pytest.raises(CannotRestore):
        restore(mine)
    assert Session.objects.count() == 1


class Killed(Exception):
    """The process dies here."""


@contextmanager
def killed_at(statement: int) -> Iterator[None]:
    """The connection's statement of this number fails; reads count as well."""
    seen = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen += 1
            if seen == statement:
                raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield


@pytest.mark.proof
@pytest.mark.parametrize("is_restoring", [False, True])
def test_killed_at_any_statement_all_is_as_before(is_restoring: bool):
    appearance = SessionSpeakerFactory()
    BookmarkFactory(session=appearance.session)
    session = Session.objects.get()
    if is_restoring:
        delete_planned(session)
    before = {**all_rows(), "trash": list(TrashedRows.objects.values_list())}

    for statement in range(1, 400):
        try:
            with killed_at(statement):
                if is_restoring:
                    restore(TrashedObject.objects.get().pk)
                else:
                    delete_planned(Session.objects.get())
        except Killed:
            assert {**all_rows(), "trash": list(TrashedRows.objects.values_list())} == before
        else:
            break
    assert 20 < statement < 400
    assert Session.objects.exists() == is_restoring


def test_too_much_is_not_deleted_at_all(monkeypatch):
    session = SessionFactory()
    for _ in range(3):
        BookmarkFactory(session=session)
    monkeypatch.setattr(putting, "MOST_ROWS", 3)
    before = all_rows()

    with pytest.raises(NotAllowed, match="5 rows hang on it"):
        delete_planned(Session.objects.get())
    assert all_rows() == before


def test_the_trash_is_emptied_by_and_by(settings):
    settings.TRASH_DAYS = 7
    old, new = SessionFactory(), SessionFactory()
    delete_planned(Session.objects.all())
    in_trash(old)
    TrashedObject.objects.filter(object_key=old.pk).update(
        deleted_at=timezone.now() - timedelta(days=8)
    )

    assert empty_trash(timezone.now()) == 1

    assert TrashedObject.objects.get() == in_trash(new)
    assert not ObjectHistory.objects.filter(pk=old.uuid).exists()
    assert ObjectHistory.objects.filter(pk=new.uuid).exists()


def test_what_goes_along_is_said_in_words_and_numbers():
    event = EventFactory()
    for _ in range(2):
        SessionSpeakerFactory(session=SessionFactory(event=event))
    RegistrationFactory(event=event)

    said = dict(goes_along(Event, [event.pk]))

    assert {name: said.get(name) for name in ("Sessions", "Registration", "Session speakers")} == {
        "Sessions": 2,
        "Registration": 1,
        "Session speakers": 2,
    }


def test_who_is_erased_is_taken_out_of_the_trash():
    session = SessionFactory()
    event = session.event
    person, other = UserFactory(email="grace@example.org"), UserFactory()
    speaker = SpeakerFactory(event=event, user=person)
    for user in (person, other):
        RegistrationFactory(event=event, user=user)
        BookmarkFactory(session=session, user=user)
        TeamMember.objects.create(event=event, user=user, role="owner")
    delete_planned(Event.objects.get(pk=event.pk))

    erase_person(person, None)

    mine = in_trash(event)
    assert mine.owners == f",{other.pk},"
    held = str(list(TrashedRows.objects.values_list("model", "rows")))
    assert "grace@example.org" not in held
    restore(mine.pk)
    assert Speaker.objects.get(pk=speaker.pk).user is None
    for rows in (Registration, Bookmark, TeamMember):
        assert list(rows.objects.values_list("user", flat=True)) == [other.pk]
    assert not User.objects.filter(email="grace@example.org").exists()


@pytest.mark.parametrize("count", [2, 30])
def test_many_cost_as_many_statements_as_few(count: int, django_assert_max_num_queries: Any):
    event = EventFactory()
    for _ in range(count):
        SessionSpeakerFactory(session=SessionFactory(event=event))
    with django_assert_max_num_queries(160):
        delete_planned(Session.objects.filter(event=event))
    assert not SessionSpeaker.objects.exists()
