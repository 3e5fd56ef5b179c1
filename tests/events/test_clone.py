"""An event once more: everything that was planned, nothing of those who came."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from events import signals
from events.copying import clone_event
from events.models import (
    Bookmark,
    Event,
    EventStatus,
    Registration,
    Session,
    SessionSpeaker,
    SessionStatus,
    Speaker,
    SpeakerRole,
    TeamMember,
    TeamRole,
    Track,
)
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

# What a copy has of its own, or of its place in the copy.
OWN = {"id", "uuid", "created_at", "updated_at", "event", "track", "session", "speaker"}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def values(thing: Any, *but: str) -> dict[str, Any]:
    fields = (f for f in thing._meta.concrete_fields if f.name not in OWN | set(but))
    return {f.name: getattr(thing, f.attname) for f in fields}


@pytest.fixture
def event() -> Event:
    """A full event, imported, with a team and people, across the spring change of Berlin."""
    event = EventFactory(
        title="Spring",
        slug="spring",
        tagline="Again",
        timezone="Europe/Berlin",
        starts_on=date(2030, 3, 30),
        ends_on=date(2030, 3, 31),
        external_id="conf-1",
        accent_color="#ff0000",
        doors_open_minutes=7,
    )
    track = TrackFactory(event=event, name="Ethics", external_id="t-1", position=3)
    ada = SpeakerFactory(event=event, name="Ada", external_id="s-1", user=UserFactory())
    keynote = SessionFactory(
        event=event,
        track=track,
        title="Keynote",
        abstract="Why",
        session_type="studio",
        external_id="x-1",
        starts_at=utc("2030-03-30 09:00"),  # 10:00 in Berlin
        ends_at=utc("2030-03-30 10:00"),
    )
    SessionSpeakerFactory(session=keynote, speaker=ada, role=SpeakerRole.MODERATOR, position=2)
    SessionFactory(
        event=event,
        title="Removed",
        status=SessionStatus.CANCELLED,
        status_before_removal=SessionStatus.PUBLISHED,
        starts_at=utc("2030-03-31 08:00"),  # 10:00 in Berlin, where it is summer by now
    )
    TeamMemberFactory(event=event)
    RegistrationFactory(event=event)
    BookmarkFactory(session=keynote)
    return event


def test_copy_has_the_whole_programme_and_nothing_of_the_people(event):
    boss = UserFactory()

    copy = clone_event(event, title="Summer", starts_on=date(2030, 6, 1), owner=boss)

    assert Event.objects.get(pk=copy.pk) == copy
    assert values(copy) == values(event) | {
        "title": "Summer",
        "slug": "summer",
        "starts_on": date(2030, 6, 1),
        "ends_on": date(2030, 6, 2),
        "status": EventStatus.DRAFT,
        "external_id": "",
    }
    assert [values(t) for t in copy.tracks.all()] == [
        values(event.tracks.get()) | {"external_id": ""}
    ]
    assert [values(s) for s in copy.speakers.all()] == [
        values(event.speakers.get()) | {"external_id": ""}
    ]
    keynote, removed = event.sessions.all()
    assert [values(s) for s in copy.sessions.all()] == [
        values(keynote)
        | {
            "external_id": "",
            "starts_at": utc("2030-06-01 08:00"),  # 10:00 again, in summer time
            "ends_at": utc("2030-06-01 09:00"),
        },
        values(removed)
        | {
            "status": SessionStatus.DRAFT,
            "status_before_removal": "",
            "starts_at": utc("2030-06-02 08:00"),
            "ends_at": utc("2030-06-02 08:45"),
        },
    ]
    [appearance] = SessionSpeaker.objects.filter(session__event=copy)
    assert values(appearance) == values(keynote.appearances.get())
    assert (appearance.speaker.event, appearance.session.track.event) == (copy, copy)
    assert list(copy.team.values_list("user", "role")) == [(boss.pk, TeamRole.OWNER)]
    assert (copy.registrations.count(), Bookmark.objects.filter(session__event=copy).count()) == (
        0,
        0,
    )


def test_original_is_not_touched(event):
    def everything() -> list[list[dict[str, Any]]]:
        kinds = (Event, Track, Speaker, Session, SessionSpeaker, TeamMember, Registration, Bookmark)
        return [list(kind.objects.order_by("pk").values()) for kind in kinds]

    before = everything()
    copy = clone_event(event, title="Summer", starts_on=date(2030, 6, 1))
    copy.delete()

    assert everything() == before


def test_every_identity_is_new(event):
    copy = clone_event(event, title="Summer", starts_on=date(2030, 6, 1))

    def ids(of: Event) -> set[Any]:
        return {of.uuid} | {
            thing.uuid for group in (of.tracks, of.speakers, of.sessions) for thing in group.all()
        }

    assert (len(ids(event)), len(ids(copy)), ids(event) & ids(copy)) == (5, 5, set())


@pytest.mark.parametrize(
    ("zone", "first", "then", "starts"),
    [
        ("Europe/Berlin", "2030-03-30", "2030-04-06", "2030-04-06 10:00 +0200"),
        ("Europe/Berlin", "2030-10-26", "2030-11-02", "2030-11-02 10:00 +0100"),
        ("America/New_York", "2030-03-09", "2030-03-16", "2030-03-16 10:00 -0400"),
        ("America/New_York", "2030-11-02", "2031-06-07", "2031-06-07 10:00 -0400"),
        ("Asia/Kolkata", "2030-03-30", "2030-04-06", "2030-04-06 10:00 +0530"),
    ],
)
def test_copy_keeps_the_time_of_day_across_changes_of_the_clocks(zone, first, then, starts):
    event = EventFactory(timezone=zone, starts_on=date.fromisoformat(first))
    ten = datetime.fromisoformat(f"{first} 10:00").replace(tzinfo=event.zone)
    original = SessionFactory(event=event, starts_at=ten.astimezone(UTC))

    copy = clone_event(event, title="Again", starts_on=date.fromisoformat(then))

    session = copy.sessions.get()
    assert f"{session.starts_at.astimezone(copy.zone):%Y-%m-%d %H:%M %z}" == starts
    assert session.duration == original.duration


def test_copies_of_one_event_get_addresses_of_their_own(event):
    slugs = [clone_event(event, title="Spring", starts_on=date(2031, 3, 30)).slug for _ in range(2)]

    assert slugs == ["spring-2", "spring-3"]


def test_taken_address_is_refused_by_name_and_nothing_is_made(event):
    counts = [kind.objects.count() for kind in (Event, Track, Session, Speaker)]

    with pytest.raises(ValidationError) as refused:
        clone_event(event, title="Other", starts_on=date(2031, 3, 30), slug="spring")

    assert refused.value.message_dict == {"slug": ["Event with this Slug already exists."]}
    assert [kind.objects.count() for kind in (Event, Track, Session, Speaker)] == counts


def test_session_that_cannot_be_copied_is_told_by_name_and_nothing_is_made(event):
    SessionFactory(event=event, title="Typo", starts_at=utc("2199-12-31 09:00"))

    with pytest.raises(ValidationError) as refused:
        clone_event(event, title="Other", starts_on=date(2031, 3, 30))

    assert refused.value.messages == [
        "“Typo” would leave the years 2000 to 2199. Check the year that you typed."
    ]
    assert list(Event.objects.all()) == [event]


def test_signals_tell_of_the_cloning_and_then_of_each_part_of_the_copy_once(event):
    told: list[str] = []
    pairs: dict[str, str] = {}

    def note(sender: type, instance: Any, **kwargs: Any) -> None:
        told.append(f"{sender.__name__} {instance}")

    def cloned(sender: type, original: Event, copy: Event, sessions: Any, **kwargs: Any) -> None:
        told.append(f"{original} is {copy}")
        named = {pk: Session.objects.get(pk=pk).title for pk in sessions}
        pairs.update({named[pk]: new.title for pk, new in sessions.items() if new.event == copy})

    changed = list(signals.CHANGED.values())
    for signal in changed:
        signal.connect(note)
    signals.event_cloned.connect(cloned)
    clone_event(event, title="Summer", starts_on=date(2030, 6, 1))
    for signal in changed:
        signal.disconnect(note)
    signals.event_cloned.disconnect(cloned)

    assert told == [
        "Spring is Summer",
        "Event Summer",
        "Track Ethics",
        "Session Keynote",
        "Session Removed",
    ]
    assert pairs == {"Keynote": "Keynote", "Removed": "Removed"}


def test_what_another_app_cannot_copy_takes_the_whole_copy_back(event):
    def fail(**kwargs: Any) -> None:
        raise ValidationError("The room's settings are broken.")

    signals.event_cloned.connect(fail)
    with pytest.raises(ValidationError):
        clone_event(event, title="Summer", starts_on=date(2030, 6, 1))
    signals.event_cloned.disconnect(fail)

    assert (list(Event.objects.all()), Session.objects.count()) == ([event], 2)
