"""Who may know of an event is asked by SQL that was written once: it says what Django would."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from events.models import EventStatus, TeamRole, Visibility
from events.queries import events_for, visible_event
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOTED = ("my_role", "am_registered", "am_speaker", "am_waiting", "have_places")


def people(event):
    """Everybody that an event can have, by what they are to it."""
    speaker = SpeakerFactory(event=event, user=UserFactory())
    return {
        "stranger": AnonymousUser(),
        "nobody": UserFactory(),
        "registered": RegistrationFactory(event=event).user,
        "elsewhere": RegistrationFactory(event=EventFactory()).user,
        "speaker": speaker.user,
        "owner": TeamMemberFactory(event=event, role=TeamRole.OWNER).user,
        "superuser": UserFactory(is_superuser=True),
    }


@pytest.mark.parametrize("status", list(EventStatus))
@pytest.mark.parametrize("visibility", list(Visibility))
def test_is_what_the_query_says_for_everybody(status, visibility):
    event = EventFactory(slug="congress", status=status, visibility=visibility)
    SessionFactory(event=event)
    EventFactory(slug="another", status=status, visibility=visibility)

    for who, user in people(event).items():
        expected = events_for(user).filter(slug="congress").first()
        for _ in range(2):
            try:
                found, _membership = visible_event(user, "congress")
            except Http404:
                found = None
            assert found == expected, who
            if found is None:
                continue
            fields = [field.attname for field in type(event)._meta.concrete_fields]
            assert [getattr(found, name) for name in fields] == [
                getattr(expected, name) for name in fields
            ]
            assert [getattr(found, name, "?") for name in NOTED] == [
                getattr(expected, name, "?") for name in NOTED
            ]


def test_asks_once_and_takes_the_version_along():
    event = EventFactory(slug="congress")
    event.title = "Renamed"
    event.save()
    with CaptureQueriesContext(connection) as asked:
        found, _ = visible_event(AnonymousUser(), "congress")
        number = found.programme_version.number

    assert (len(asked), found.title, number) == (1, "Renamed", event.programme_version.number)


@pytest.mark.parametrize("slug", ["nosuch", "", "*somewhere*", "%s", "x'; --", "a" * 300])
def test_event_that_is_not_there_is_not_found(slug):
    EventFactory(slug="congress")
    for user in (AnonymousUser(), UserFactory(), UserFactory(is_superuser=True)):
        with pytest.raises(Http404):
            visible_event(user, slug)
