"""History names nobody who is erased, and nobody is said to have made those changes."""

from __future__ import annotations

import json

import pytest

from analytics.privacy.erasing import erase_person
from events.actions import save_planned
from events.history.authors import acting
from events.models import ChangeSource, ObjectHistory, ObjectVersion, TeamRole
from tests.factories import EventFactory, SpeakerFactory, TeamMemberFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_history_forgets_who_is_erased():
    event = EventFactory(title="Before")
    grace = UserFactory(name="Grace")
    TeamMemberFactory(event=event, user=grace, role=TeamRole.MANAGER)
    TeamMemberFactory(event=event, role=TeamRole.OWNER)
    speaker = SpeakerFactory(event=event, name="An old name", user=grace)
    with acting(ChangeSource.ADMIN, grace):
        speaker.name = "A new name"
        save_planned(speaker)
        event.title = "After"
        save_planned(event)
    key = str(grace.pk)

    erase_person(grace, None)

    of_event, of_speaker = (ObjectHistory.objects.get(pk=one.uuid) for one in (event, speaker))
    assert key not in of_event.state["team"]
    assert (of_speaker.state["user"], of_speaker.state["name"]) == (None, "A new name")
    assert list(of_speaker.versions.all()) == []
    said = json.dumps(list(of_event.versions.values_list("changes", flat=True)))
    assert f"team/{key}" not in said
    assert "After" in said
    assert set(ObjectVersion.objects.values_list("actor", flat=True)) == {None}
    assert f",{key}," not in of_event.people + of_speaker.people

    # The next change is that change alone: nobody added the one who takes their place.
    event.refresh_from_db()
    event.title = "Later"
    save_planned(event)
    last = of_event.versions.first()
    assert last is not None
    assert list(last.changes) == ["title"]
