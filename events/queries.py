"""Reads shared by pages, feeds and the join page.

Here and nowhere else it is decided who may know of an event or a session: what these
queries leave out does not exist for that person. What may be done with a session that
somebody sees is ``events.access``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    Aggregate,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    TextField,
)
from django.http import Http404

from events.agenda.beside import along_with_event
from events.caching.prepared import PreparedQuery
from events.models import (
    Bookmark,
    Event,
    EventStatus,
    Registration,
    Session,
    SessionFeedback,
    SessionPlace,
    SessionSpeaker,
    SessionStatus,
    Speaker,
    TeamMember,
    TeamRole,
    User,
    Visibility,
    WaitingListEntry,
)
from events.roles import EventMembership

SHOWN = (SessionStatus.PUBLISHED, SessionStatus.CANCELLED)
_INVITED: Final = Q(visibility=Visibility.INVITED)


def events_for(user: Any) -> QuerySet[Event]:
    """The events this person may know of, each with what the person is to it.

    Drafts are for the team; events by invitation for the team, for registered people, for
    those on the waiting list and for speakers.
    """
    if not user.is_authenticated:
        return Event.objects.exclude(_INVITED).exclude(status=EventStatus.DRAFT)
    events = _with_membership(user)
    if user.is_superuser:
        return events
    belongs = Q(am_registered=True) | Q(am_speaker=True) | Q(am_waiting=True)
    shown = Q(~_INVITED | belongs, ~Q(status=EventStatus.DRAFT))
    return events.filter(Q(my_role__isnull=False) | shown)


def listed_events_for(user: Any) -> QuerySet[Event]:
    """Those of them that the home page lists: unlisted ones only for people who belong there."""
    events = events_for(user)
    unlisted = Q(visibility=Visibility.UNLISTED)
    if not user.is_authenticated:
        return events.exclude(unlisted)
    if user.is_superuser:
        return events
    belongs = Q(am_registered=True) | Q(am_speaker=True) | Q(am_waiting=True)
    return events.filter(~unlisted | belongs | Q(my_role__isnull=False))


def _with_membership(user: Any) -> QuerySet[Event]:
    mine = {"event": OuterRef("pk"), "user": user}
    places = SessionPlace.objects.filter(session__event=OuterRef("pk"), user=user)
    return Event.objects.annotate(
        my_role=Subquery(TeamMember.objects.filter(**mine).values("role")[:1]),
        am_registered=Exists(Registration.objects.filter(**mine, withdrawn_at=None)),
        am_speaker=Exists(Speaker.objects.filter(**mine)),
        am_waiting=Exists(WaitingListEntry.objects.filter(**mine)),
        have_places=Exists(places),
    )


def membership_in(event: Event, user: Any) -> EventMembership:
    """What ``user`` is to an event that came out of ``events_for``."""
    if not user.is_authenticated:
        return EventMembership()
    seen: Any = event  # With what _with_membership read along.
    role = seen.my_role or (TeamRole.OWNER if user.is_superuser else None)
    is_taken = _places_of(event, user)
    return EventMembership(
        is_signed_in=True,
        team_role=role,
        is_registered=seen.am_registered,
        speaker_ids=_speakers_of(event, user) if seen.am_speaker else frozenset(),
        is_waiting=seen.am_waiting,
        places=frozenset(pk for pk, taken_at in is_taken.items() if taken_at),
        awaited=frozenset(pk for pk, taken_at in is_taken.items() if not taken_at),
    )


def _speakers_of(event: Event, user: Any) -> frozenset[int]:
    """The profiles under which the person speaks at the event."""
    return frozenset(Speaker.objects.filter(event=event, user=user).values_list("pk", flat=True))


def _places_of(event: Event, user: Any) -> dict[int, datetime | None]:
    """Since when the person has a place in which sessions; None: they wait for one."""
    seen: Any = event
    if hasattr(seen, "my_place"):  # Of the one session that they look at.
        return {seen.my_place: seen.my_place_since} if seen.my_place else {}
    if not seen.have_places:
        return {}
    places = SessionPlace.objects.filter(session__event=event, user=user)
    return dict(places.values_list("session_id", "taken_at"))


def visible_event(
    user: Any,
    slug: str,
    *,
    with_stars: bool = False,
    session_slug: str = "",
    door_at: datetime | None = None,
) -> tuple[Event, EventMembership]:
    """An event and what the person is to it, with what is known of them in the same query.

    ``with_stars``: their favourites (``bookmarked_slugs``). ``session_slug``: what they have to
    do with that session (``note_own``); of places, the membership knows of that one only.
    ``door_at``: of that only what counts at its door, and what is next for them (``next_for``)
    after this moment.
    Raises Http404 both when there is none and when it is not for this person:
    from outside the two look the same.
    """
    along = "stars" if with_stars else "session" if session_slug else ""
    event = _event_of(user, slug, "door" if door_at else along, session_slug, door_at)
    if event is None:
        raise Http404("There is no such event.")
    return event, membership_in(event, user)


# How far ahead people are told what is next for them.
NEXT_WITHIN: Final = timedelta(hours=3)

# No person has this number, and no event this name; no session begins at these moments.
_SOMEBODY: Final = -9_111_111
_SOMEWHERE: Final = "*somewhere*"
_SOME_SESSION: Final = "*session*"
_AFTER: Final = datetime(1901, 2, 3, tzinfo=UTC)
_UNTIL: Final = datetime(1901, 2, 4, tzinfo=UTC)


@cache
def _asking(kind: str, along: str = "") -> PreparedQuery[Event]:
    """``events_for`` a stranger, a person or a superuser, for the event of one slug.

    ``along`` with it comes what is known of a person beside.
    """
    stand_in: Any = AnonymousUser()
    if kind != "stranger":
        stand_in = User(pk=_SOMEBODY, is_superuser=kind == "superuser")

    def build() -> QuerySet[Event]:
        found = events_for(stand_in).filter(slug=_SOMEWHERE).select_related("programme_version")
        own = _ALONG[along](stand_in) if along else {}
        return found.annotate(**along_with_event(), **own)

    return PreparedQuery(Event, build)


def _stars(user: User) -> dict[str, Any]:
    """The favourites of a person at the event around it, as one text."""
    kept = Bookmark.objects.filter(user=user, session__event=OuterRef("pk")).order_by()
    slugs = kept.values("session__event").annotate(slugs=SpacedList("session__slug"))
    return {"my_slugs": Subquery(slugs.values("slugs"))}


def _own_of_session(user: User) -> dict[str, Any]:
    """What a person has to do with one session of the event around it."""
    mine = {"user": user, "session__event": OuterRef("pk"), "session__slug": _SOME_SESSION}
    said = SessionFeedback.objects.filter(**mine)
    return {
        "is_kept": Exists(Bookmark.objects.filter(**mine)),
        "my_stars": Subquery(said.values("stars")[:1]),
        **_place_in_session(mine),
    }


def _place_in_session(mine: dict[str, Any]) -> dict[str, Any]:
    place = SessionPlace.objects.filter(**mine)
    return {
        "my_place": Subquery(place.values("session_id")[:1]),
        "my_place_since": Subquery(place.values("taken_at")[:1]),
    }


def _own_at_door(user: User) -> dict[str, Any]:
    """The person's place in one session of the event around it, and their next favourite."""
    mine = {"user": user, "session__event": OuterRef("pk"), "session__slug": _SOME_SESSION}
    coming = Session.objects.filter(
        bookmarks__user=user,
        event=OuterRef("pk"),
        status=SessionStatus.PUBLISHED,
        starts_at__gt=_AFTER,
        starts_at__lte=_UNTIL,
    ).exclude(slug=_SOME_SESSION)
    following = coming.order_by("starts_at", "title").values("pk")
    return {**_place_in_session(mine), "my_next": Subquery(following[:1])}


_ALONG: Final = {"stars": _stars, "session": _own_of_session, "door": _own_at_door}


class SpacedList(Aggregate):
    """The words of several rows, with a space between them; slugs have none."""

    function = "STRING_AGG"
    template = "%(function)s(%(expressions)s, ' ')"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", **extra)


def _event_of(
    user: Any, slug: str, along: str, session_slug: str, door_at: datetime | None
) -> Event | None:
    """The event of this slug among ``events_for(user)``, with its version; one query."""
    if not user.is_authenticated:
        return _asking("stranger").first({_SOMEWHERE: slug})
    kind = "superuser" if user.is_superuser else "person"
    asked: dict[Any, Any] = {
        **{_SOMEWHERE: slug, _SOMEBODY: user.pk, _SOME_SESSION: session_slug},
        **({_AFTER: door_at, _UNTIL: door_at + NEXT_WITHIN} if door_at else {}),
    }
    return _asking(kind, along).first(asked)


class ProgrammeHidden(Http404):
    """What the programme holds is for registered people only; that there is one is no secret."""


def sees_programme(event: Event, membership: EventMembership) -> bool:
    """Whether a person who may know of ``event`` may also read what it consists of."""
    return event.visibility != Visibility.REGISTERED or membership.belongs


def visible_programme(user: Any, slug: str) -> tuple[Event, EventMembership]:
    """As ``visible_event``, for what tells of the programme."""
    event, membership = visible_event(user, slug)
    if not sees_programme(event, membership):
        raise Http404("There is no such page.")
    return event, membership


def sessions_for(event: Event, membership: EventMembership) -> QuerySet[Session]:
    """The event's sessions this person may see; drafts are for the team."""
    if not sees_programme(event, membership):
        return Session.objects.none()
    sessions = Session.objects.filter(event=event)
    return sessions if membership.is_team else sessions.filter(status__in=SHOWN)


def staged(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """The same with their speakers as ``on_stage``; one query more."""
    appearances = SessionSpeaker.objects.select_related("speaker")
    return sessions.prefetch_related(Prefetch("appearances", appearances, to_attr="on_stage"))


def visible_session(
    event: Event,
    membership: EventMembership,
    slug: str,
    *,
    with_stage: bool = True,
) -> Session:
    """One session, as ``on_stage`` its speakers unless nobody asks for them.

    Raises Http404 when it is not for this person, and ProgrammeHidden, which is one, when
    nothing of the programme is.
    """
    if not sees_programme(event, membership):
        raise ProgrammeHidden("The programme is for registered people.")
    found = sessions_for(event, membership).filter(slug=slug).select_related("track")
    session = (staged(found) if with_stage else found).first()
    if session is None:
        raise Http404("There is no such session.")
    session.event = event
    return session


def speakers_of(event: Event, membership: EventMembership) -> QuerySet[Speaker]:
    """Who is on stage in a session this person may see."""
    seen = sessions_for(event, membership).filter(speakers=OuterRef("pk"))
    return Speaker.objects.filter(Exists(seen), event=event)


def bookmarked_ids(user: Any, event: Event) -> set[int]:
    """The sessions this person keeps as favourites."""
    if not user.is_authenticated:
        return set()
    kept = Bookmark.objects.filter(user=user, session__event=event)
    return set(kept.values_list("session_id", flat=True))


def note_own(session: Session, event: Event) -> None:
    """Note on ``session`` what a person has to do with it, as it came along with ``event``.

    As ``is_kept`` whether it is a favourite, as ``my_stars`` how many they gave it afterwards.
    """
    own: Any = session
    own.is_kept = getattr(event, "is_kept", False)
    own.my_stars = getattr(event, "my_stars", None)


def next_for(event: Event) -> int | None:
    """The session that a person keeps as a favourite and that begins next, by primary key.

    It came along with ``event``, if that was asked for.
    """
    found: int | None = getattr(event, "my_next", None)
    return found


def bookmarked_slugs(user: Any, event: Event) -> set[str]:
    """The same as slugs; no query for an event that came ``with_stars``."""
    if not user.is_authenticated:
        return set()
    if hasattr(event, "my_slugs"):  # It came with the event.
        return set((event.my_slugs or "").split())
    kept = Bookmark.objects.filter(user=user, session__event=event)
    return set(kept.values_list("session__slug", flat=True))


def people_on_stage(event: Event) -> dict[int, dict[str, str]]:
    """Who is on stage by session, in their order: their names by slug; one query."""
    people: dict[int, dict[str, str]] = {}
    rows = SessionSpeaker.objects.filter(session__event=event).order_by("position", "pk")
    for session_id, slug, name in rows.values_list("session_id", "speaker__slug", "speaker__name"):
        people.setdefault(session_id, {})[slug] = name
    return people


def speaker_names(event: Event) -> dict[int, list[str]]:
    """The names on stage by session, in their order; one query for the whole event."""
    names: dict[int, list[str]] = {}
    rows = SessionSpeaker.objects.filter(session__event=event).order_by("position", "pk")
    for session_id, name in rows.values_list("session_id", "speaker__name"):
        names.setdefault(session_id, []).append(name)
    return names
