"""Every change of a planned object is recorded once, whoever made it and however."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from events.actions import delete_planned, move_session, save_planned
from events.changes import changes, note_changed
from events.history.authors import acting
from events.history.recording import record_first_versions
from events.models import (
    ChangeSource,
    ObjectHistory,
    ObjectVersion,
    Session,
    SessionMaterial,
    SessionSpeaker,
    SessionTranslation,
    SpeakerLink,
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


def recorded(thing: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, source and changes of each version, the first one first."""
    rows = ObjectVersion.objects.filter(history=thing.uuid).order_by("number")
    return [(row.kind, row.source, row.changes) for row in rows]


def test_each_change_is_a_version_with_what_it_changed():
    event = EventFactory()
    track = TrackFactory(event=event, name="Stage 1")
    session = SessionFactory(event=event, title="Talk")
    session.title, session.track = "Talk, again", track
    save_planned(session)
    save_planned(session)  # Nothing changed, so nothing is recorded.

    assert recorded(session) == [
        ("made", "command", {}),
        ("changed", "command", {"title": ["Talk", "Talk, again"], "track": [None, track.pk]}),
    ]


def test_what_stands_beside_an_object_is_part_of_it():
    session, speaker = SessionFactory(), SpeakerFactory()
    with changes():
        appearance = SessionSpeaker.objects.create(session=session, speaker=speaker)
        SessionTranslation.objects.create(session=session, language="de", title="Vortrag")
        material = SessionMaterial.objects.create(
            session=session, title="Paper", url="https://example.org/paper"
        )
    appearance.role = "moderator"
    appearance.save()
    delete_planned(material)
    link = SpeakerLink.objects.create(speaker=speaker, url="https://example.org/")

    of_session = recorded(session)
    assert [sorted(changed) for _, _, changed in of_session[1:]] == [
        sorted([f"stage/{speaker.pk}", "translations/de", f"materials/{material.uuid}"]),
        [f"stage/{speaker.pk}/role"],
        [f"materials/{material.uuid}"],
    ]
    assert of_session[2][2] == {f"stage/{speaker.pk}/role": ["speaker", "moderator"]}
    assert recorded(speaker)[1:] == [
        (
            "changed",
            "command",
            {
                f"links/{link.pk}": [
                    None,
                    {"label": "", "url": "https://example.org/", "position": 0},
                ]
            },
        )
    ]


def test_many_writes_of_one_transaction_are_one_version():
    session = SessionFactory(title="Talk")
    with changes():
        for title in ("a", "b", "c"):
            session.title = title
            save_planned(session)

    assert recorded(session)[1:] == [("changed", "command", {"title": ["Talk", "c"]})]


def test_what_is_rolled_back_was_never():
    session = SessionFactory(title="Talk")
    with changes(), pytest.raises(ZeroDivisionError), transaction.atomic():
        session.title = "Never"
        session.save()
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), changes():
        session.save()
        raise ZeroDivisionError

    assert recorded(session) == [("made", "command", {})]


def test_bulk_writes_are_seen_by_whoever_says_so():
    session = SessionFactory(title="Talk")
    with changes():
        Session.objects.filter(pk=session.pk).update(title="In bulk")
        note_changed(Session, [session.pk])

    assert recorded(session)[1:] == [("changed", "command", {"title": ["Talk", "In bulk"]})]


def test_a_change_knows_who_made_it_and_from_where():
    session, ada = SessionFactory(), UserFactory()
    with acting(ChangeSource.IMPORT, ada), acting(note="schedule.xml"):
        move_session(session, session.starts_at, session.ends_at + timedelta(minutes=5))

    version = ObjectVersion.objects.get(history=session.uuid, number=2)
    assert (version.source, version.actor, version.note) == ("import", ada, "schedule.xml")


def test_who_is_on_stage_writes_on_the_site_as_speaker():
    ada = UserFactory()
    speaker = SpeakerFactory(user=ada)
    speaker.title = "Countess"
    with acting(ChangeSource.SITE, ada):
        save_planned(speaker)
    speaker.title = "Programmer"
    with acting(ChangeSource.SITE, UserFactory()):
        save_planned(speaker)

    assert [source for _, source, _ in recorded(speaker)] == ["command", "speaker", "site"]


def test_the_actor_may_be_gone_later():
    session, ada = SessionFactory(), UserFactory()
    with acting(ChangeSource.ADMIN, ada):
        session.title = "Ada's"
        save_planned(session)
    ada.delete()

    assert ObjectVersion.objects.get(history=session.uuid, number=2).actor is None


def test_a_deleted_object_keeps_its_history():
    session = SessionFactory()
    delete_planned(session)

    history = ObjectHistory.objects.get(model="session")
    assert (history.label, history.removed_at is not None) == (session.title, True)
    assert recorded(session)[-1] == ("deleted", "command", {})


def test_objects_older_than_their_history_are_recorded_by_and_by():
    event = EventFactory()
    sessions = [SessionFactory(event=event, title=f"Talk {n}") for n in range(3)]
    Session.objects.update(created_at=event.created_at - timedelta(days=9))
    ObjectHistory.objects.all().delete()

    assert record_first_versions(most=2) == 2
    assert record_first_versions(most=2) == 2
    assert record_first_versions(most=2) == 0
    assert [recorded(session) for session in sessions] == [[("first", "command", {})]] * 3


def test_the_team_is_part_of_the_event_and_named_for_erasure():
    member = TeamMemberFactory()
    history = ObjectHistory.objects.get(model="event", object_key=member.event_id)

    assert history.people == f",{member.user_id},"
    assert history.state["team"] == {
        str(member.user_id): {"role": member.role, "is_limited": False, "rooms": []}
    }


@pytest.mark.parametrize("count", [3, 60])
def test_many_objects_cost_as_many_statements_as_few(count: int):
    event = EventFactory()
    with changes():
        sessions = [SessionFactory(event=event) for _ in range(count)]
    Session.objects.update(location="Room 9")
    with CaptureQueriesContext(connection) as seen, changes():
        note_changed(Session, [session.pk for session in sessions])

    mine = [q for q in seen if "objecthistory" in q["sql"] or "objectversion" in q["sql"]]
    assert ObjectVersion.objects.filter(kind="changed").count() == count
    assert len(mine) == 3
