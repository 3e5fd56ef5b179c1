"""What one transaction did is told once, at its end and inside it, whoever wrote."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from events import signals
from events.changes import changes, note_changed
from events.models import Bookmark, Event, Session
from kaltura_bridge.models import SyncAttempt
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TrackFactory,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@dataclass
class Told:
    """What was heard, in order: which signal, about what; and the rounds as a whole."""

    single: list[str] = field(default_factory=list)
    rounds: list[tuple[list[str], list[str]]] = field(default_factory=list)

    def take(self) -> list[str]:
        taken, self.single = self.single, []
        self.rounds.clear()
        return taken


@pytest.fixture
def told() -> Iterator[Told]:
    heard = Told()

    def hear(word: str) -> Callable[..., None]:
        def note(sender: type, instance: Any, **kwargs: Any) -> None:
            heard.single.append(f"{sender.__name__} {instance} {word}")

        return note

    def hear_round(changed: list[Any], removed: list[Any], **kwargs: Any) -> None:
        heard.rounds.append(([str(one) for one in changed], [str(one) for one in removed]))

    hearers = [
        *((signal, hear("changed")) for signal in signals.CHANGED.values()),
        *((signal, hear("removed")) for signal in signals.REMOVED.values()),
        (signals.programme_changed, hear_round),
    ]
    for signal, hearer in hearers:
        signal.connect(hearer)
    yield heard
    for signal, hearer in hearers:
        signal.disconnect(hearer)


@pytest.fixture
def session(told: Told) -> Session:
    session = SessionFactory(title="Talk", event=EventFactory(title="Event"))
    told.take()
    return session


def renamed(session: Session, title: str) -> None:
    session.title = title
    session.save()


# --- Blocks ------------------------------------------------------------------


def test_block_tells_of_each_object_once_as_it_leaves_it(told, session):
    with changes():
        renamed(session, "First")
        SessionSpeakerFactory(session=session)
        session.event.save()
        renamed(session, "Last")
        before_the_end = list(told.single)

    assert before_the_end == []
    assert told.single == ["Event Event changed", "Session Last changed"]
    assert told.rounds == [(["Event", "Last"], [])]


def test_inner_blocks_leave_the_telling_to_the_outermost(told, session):
    with changes():
        with changes():
            renamed(session, "First")
        with changes(savepoint=False):
            renamed(session, "Last")
        before_the_end = list(told.single)

    assert (before_the_end, told.single) == ([], ["Session Last changed"])


def test_signals_are_sent_inside_the_transaction_of_the_change(told, session):
    inside: list[bool] = []

    def look(**kwargs: Any) -> None:
        inside.append(connection.in_atomic_block)

    signals.session_changed.connect(look)
    renamed(session, "Other")
    signals.session_changed.disconnect(look)

    assert inside == [True]


def test_two_transactions_tell_twice(told, session):
    renamed(session, "First")
    renamed(session, "Second")

    assert told.single == ["Session First changed", "Session Second changed"]


def test_block_that_changes_nothing_tells_nobody(told):
    with changes():
        list(Session.objects.all())

    assert (told.single, told.rounds) == ([], [])


def test_what_a_receiver_changes_is_told_in_another_round(told, session):
    def answer(instance: Session, **kwargs: Any) -> None:
        event = instance.event
        if event.tagline != "Answered":
            event.tagline = "Answered"
            event.save()

    signals.session_changed.connect(answer)
    renamed(session, "Other")
    signals.session_changed.disconnect(answer)

    assert told.rounds == [(["Other"], []), (["Event"], [])]


def test_saying_that_something_changed_counts_like_a_save(told, session):
    with changes():
        note_changed(Session, [session.pk])
        session.save()
    note_changed(Session, [session.pk])

    assert told.single == ["Session Talk changed"] * 2


# --- What is taken back ------------------------------------------------------


def test_rolled_back_block_tells_nobody_and_the_next_starts_afresh(told, session):
    with pytest.raises(ZeroDivisionError), changes():
        renamed(session, "Lost")
        1 / 0  # noqa: B018
    lost = told.take()
    with changes():
        session.event.save()

    assert (lost, told.single) == ([], ["Event Event changed"])


@pytest.mark.parametrize("block", [transaction.atomic, changes])
def test_rolled_back_savepoint_is_not_told(told, session, block):
    with changes():
        session.event.save()
        with pytest.raises(ZeroDivisionError), block():
            renamed(session, "Lost")
            SessionFactory(event=session.event, title="Never there")
            1 / 0  # noqa: B018

    assert told.single == ["Event Event changed"]


def test_change_before_a_rolled_back_savepoint_stands(told, session):
    with changes():
        renamed(session, "Kept")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            renamed(session, "Lost")
            1 / 0  # noqa: B018

    assert told.single == ["Session Kept changed"]


def test_change_after_a_rolled_back_savepoint_stands(told, session):
    with changes():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            with transaction.atomic():
                renamed(session, "Lost")
            1 / 0  # noqa: B018
        renamed(session, "Kept")

    assert told.single == ["Session Kept changed"]


def test_rolled_back_deletion_is_not_told(told, session):
    with changes():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Session.objects.get(pk=session.pk).delete()
            1 / 0  # noqa: B018
        renamed(session, "Kept")

    assert told.single == ["Session Kept changed"]


def test_transaction_that_is_to_be_rolled_back_tells_nobody(told, session):
    with changes():
        renamed(session, "Looked at")
        transaction.set_rollback(True)

    session.refresh_from_db()
    assert (session.title, told.single) == ("Talk", [])


def test_receiver_that_fails_undoes_even_a_bare_save(session):
    def fail(**kwargs: Any) -> None:
        raise RuntimeError("no")

    signals.session_changed.connect(fail)
    with pytest.raises(RuntimeError):
        renamed(session, "Lost")
    signals.session_changed.disconnect(fail)

    session.refresh_from_db()
    assert session.title == "Talk"
    renamed(session, "Kept")  # And nothing of the failure is left behind.


def test_failed_action_leaves_the_block_around_it_whole(told, session):
    taken = SessionFactory(event=session.event, slug="taken")
    told.take()
    with changes():
        session.event.save()
        with pytest.raises(Exception, match="slug"), transaction.atomic():
            session.slug = taken.slug
            session.save()

    assert told.single == ["Event Event changed"]


# --- Whoever writes, and however ---------------------------------------------


def test_bare_writes_are_told_each_in_a_transaction_of_its_own(told, session):
    speaker = SpeakerFactory(event=session.event)
    told.take()
    appearance = session.appearances.create(speaker=speaker)
    added = told.take()
    speaker.name = "Renamed"
    speaker.save()
    about = told.take()
    appearance.delete()

    assert (added, about, told.single) == (["Session Talk changed"],) * 3


def test_bare_writes_in_a_plain_transaction_are_all_told(told, session):
    with transaction.atomic():
        renamed(session, "First")
        renamed(session, "Second")

    assert told.single == ["Session First changed", "Session Second changed"]


def test_deleted_rows_of_a_query_are_told_once_each(told, session):
    other = SessionFactory(event=session.event, title="Other")
    for each in (session, other):
        SessionSpeakerFactory.create_batch(2, session=each)
    told.take()

    session.event.sessions.all().delete()

    assert told.single == ["Session Talk removed", "Session Other removed"]
    assert told.rounds == [([], ["Talk", "Other"])]


def test_deleted_event_is_told_with_all_that_was_in_it(told, session):
    track = TrackFactory(event=session.event, name="Main")
    session.track = track
    session.save()
    SessionSpeakerFactory(session=session)
    told.take()
    removed: list[tuple[str, Any]] = []

    def look(instance: Any, **kwargs: Any) -> None:
        removed.append((instance.event.title, instance.pk))

    signals.session_removed.connect(look)
    pk = session.pk
    Event.objects.get().delete()
    signals.session_removed.disconnect(look)

    assert told.single == ["Event Event removed", "Track Main removed", "Session Talk removed"]
    assert removed == [("Event", pk)]


def test_object_that_is_deleted_and_saved_again_is_told_last_as_there(told, session):
    with changes():
        session.delete()
        session.save()

    assert told.single == ["Session Talk removed", "Session Talk changed"]


def test_deleting_other_rows_loads_none_of_them():
    """Receivers of all models would make Django read every row before it deletes it."""
    with CaptureQueriesContext(connection) as queries:
        Bookmark.objects.all().delete()
        SyncAttempt.objects.all().delete()

    sent = [query["sql"].split()[0] for query in queries.captured_queries]
    assert sent == ["BEGIN", "DELETE", "COMMIT"] * 2


# The tests' own set-up knows one database, so this is a program of its own.
TWO_DATABASES = """
import django
from datetime import date
from django.db import connections
django.setup()
from events import signals
from events.changes import changes
from events.models import Event, ProgrammeVersion

def event(title):
    return Event(title=title, starts_on=date(2030, 5, 6), ends_on=date(2030, 5, 7))

def hear(instance, using, **kwargs):
    print(using, instance)

connections.databases["other"] = {
    **connections.databases["default"],
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": ":memory:",
    "OPTIONS": {},
}
with connections["other"].schema_editor() as editor:
    editor.create_model(Event)
    editor.create_model(ProgrammeVersion)
signals.event_changed.connect(hear)
with changes("other"):
    event("There").save(using="other")
    event("Here").save()
    print("inside")
print(*Event.objects.using("other").all())
"""


def test_each_database_tells_of_its_own_transaction(portal_env):
    done = subprocess.run(
        [sys.executable, "-c", TWO_DATABASES],
        cwd=settings.BASE_DIR,
        env=portal_env() | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["default Here", "inside", "other There", "There"]
