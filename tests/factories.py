"""Plain objects for tests: valid, published, in the future, and nothing beyond.

Every default is written here; a test that depends on a value sets it itself.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import factory

from events.models import (
    Bookmark,
    Event,
    EventStatus,
    Registration,
    Session,
    SessionSpeaker,
    SessionStatus,
    SessionType,
    Speaker,
    SpeakerRole,
    TeamMember,
    TeamRole,
    Track,
    User,
    Visibility,
)

FIRST_DAY = date(2030, 5, 6)
FIRST_START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)


class UserFactory(factory.django.DjangoModelFactory[User]):
    """An attendee without a password."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")

    @classmethod
    def _create(cls, model_class: type[User], *args: object, **kwargs: object) -> User:
        return model_class.objects.create_user(*args, **kwargs)


class EventFactory(factory.django.DjangoModelFactory[Event]):
    """A published, public event of three days in Berlin, open for registration.

    ``is_public=False``: one by invitation, of which nobody else learns.
    """

    class Meta:
        model = Event

    class Params:
        is_public = True

    title = factory.Sequence(lambda n: f"Event {n}")
    slug = factory.Sequence(lambda n: f"event-{n}")
    timezone = "Europe/Berlin"
    starts_on = FIRST_DAY
    ends_on = factory.LazyAttribute(lambda event: event.starts_on + timedelta(days=2))
    status = EventStatus.PUBLISHED
    visibility = factory.LazyAttribute(
        lambda event: Visibility.PUBLIC if event.is_public else Visibility.INVITED
    )


class TrackFactory(factory.django.DjangoModelFactory[Track]):
    class Meta:
        model = Track

    event = factory.SubFactory(EventFactory)
    name = factory.Sequence(lambda n: f"Track {n}")


class SpeakerFactory(factory.django.DjangoModelFactory[Speaker]):
    class Meta:
        model = Speaker

    event = factory.SubFactory(EventFactory)
    name = factory.Sequence(lambda n: f"Speaker {n}")


class SessionFactory(factory.django.DjangoModelFactory[Session]):
    """A published webcast of 45 minutes, without track and without speakers."""

    class Meta:
        model = Session

    event = factory.SubFactory(EventFactory)
    title = factory.Sequence(lambda n: f"Session {n}")
    session_type = SessionType.WEBCAST
    status = SessionStatus.PUBLISHED
    starts_at = FIRST_START
    ends_at = factory.LazyAttribute(lambda session: session.starts_at + timedelta(minutes=45))


class WebcastFactory(SessionFactory):
    session_type = SessionType.WEBCAST


class InteractiveFactory(SessionFactory):
    session_type = SessionType.INTERACTIVE


class WebinarFactory(SessionFactory):
    session_type = SessionType.WEBINAR


class StudioFactory(SessionFactory):
    session_type = SessionType.STUDIO


class SimuliveFactory(SessionFactory):
    session_type = SessionType.SIMULIVE


class SessionSpeakerFactory(factory.django.DjangoModelFactory[SessionSpeaker]):
    """A speaker of the same event in a session."""

    class Meta:
        model = SessionSpeaker

    session = factory.SubFactory(SessionFactory)
    speaker = factory.SubFactory(SpeakerFactory, event=factory.SelfAttribute("..session.event"))
    role = SpeakerRole.SPEAKER


class RegistrationFactory(factory.django.DjangoModelFactory[Registration]):
    class Meta:
        model = Registration

    event = factory.SubFactory(EventFactory)
    user = factory.SubFactory(UserFactory)


class TeamMemberFactory(factory.django.DjangoModelFactory[TeamMember]):
    """A manager of the event who may open the admin."""

    class Meta:
        model = TeamMember

    event = factory.SubFactory(EventFactory)
    user = factory.SubFactory(UserFactory, is_staff=True)
    role = TeamRole.MANAGER


class BookmarkFactory(factory.django.DjangoModelFactory[Bookmark]):
    class Meta:
        model = Bookmark

    session = factory.SubFactory(SessionFactory)
    user = factory.SubFactory(UserFactory)
