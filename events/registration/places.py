"""Places at an event and in its sessions: taken, given back, waited for.

Whoever changes how many are taken holds the event's row until the commit, so two who come
at once are counted one after the other, and the number of places is never exceeded:
PostgreSQL locks the row, SQLite has one writer at a time from BEGIN IMMEDIATE on (see
``portal.settings``). Taken places are counted and never kept as a number, so that nothing
can disagree with the rows, whoever else deletes some.

Who waits moves up in the transaction that frees a place, and by ``settle``, which the clock
calls (tasks.py), for whatever freed one without telling, such as an account that was
deleted. Those who move up together cost one count and a handful of statements, however many
they are; at most ``TOGETHER`` in a transaction, so that others have their turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from events.access import Phase, phase_of, status_of, timeline_of
from events.actions import NotAllowed
from events.agenda.days import is_over
from events.models import (
    Event,
    EventStatus,
    Registration,
    Session,
    SessionPlace,
    SessionStatus,
    User,
    WaitingListEntry,
)
from events.registration.telling import tell_of_registrations, tell_of_seats
from events.signals import people_registered, people_withdrew

# A statement takes a value for each: https://www.sqlite.org/limits.html#max_variable_number
TOGETHER: Final = 500


@dataclass(frozen=True)
class PlaceCount:
    """How many places there are (None: as many as come), how many are taken, who waits."""

    limit: int | None
    taken: int
    waiting: int

    @property
    def free(self) -> int | None:
        """How many are left for those who come now; None: any number."""
        return None if self.limit is None else max(0, self.limit - self.taken)

    @property
    def is_full(self) -> bool:
        """Whether somebody new would have to wait: also behind others who do so already."""
        return self.free is not None and self.free <= self.waiting


def places_at(event: Event) -> PlaceCount:
    """The places of an event. One query, none where there is no limit."""
    if event.capacity is None:
        return PlaceCount(None, 0, 0)
    counted = Event.objects.filter(pk=event.pk).values_list(
        number_of(Registration.objects.filter(event=OuterRef("pk"), withdrawn_at=None), "event"),
        number_of(WaitingListEntry.objects.filter(event=OuterRef("pk")), "event"),
    )
    return PlaceCount(event.capacity, *(counted.first() or (0, 0)))


def places_in(session: Session) -> PlaceCount:
    """The places of a session. One query, none where there is no limit."""
    if session.capacity is None:
        return PlaceCount(None, 0, 0)
    places = SessionPlace.objects.filter(session=OuterRef("pk"))
    counted = Session.objects.filter(pk=session.pk).values_list(
        number_of(places.exclude(taken_at=None), "session"),
        number_of(places.filter(taken_at=None), "session"),
    )
    return PlaceCount(session.capacity, *(counted.first() or (0, 0)))


def number_of(rows: QuerySet[Any], parent: str) -> Coalesce:
    """How many rows a parent has, as a column of the parent's query."""
    counted = rows.order_by().values(parent).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _registered(event: Event) -> QuerySet[Registration]:
    return Registration.objects.filter(event=event, withdrawn_at=None)


def _hold(event: Event) -> Event:
    """The event as it is now, with nobody else counting its places until the commit."""
    return Event.objects.select_for_update(no_key=True).get(pk=event.pk)


# --- The event ---------------------------------------------------------------------------


@transaction.atomic
def register(
    user: User, event: Event, *, is_invited: bool = False
) -> Registration | WaitingListEntry:
    """Register a person, or bring a withdrawn registration back. Safe to repeat.

    When all places are taken, they wait in line instead. Raises NotAllowed when the event
    takes no registrations, unless the person is invited.
    """
    event = _hold(event)
    if event.status != EventStatus.PUBLISHED:
        raise NotAllowed(_("This event is not open."))
    existing = _registered(event).filter(user=user).first()
    if existing:
        return existing
    if waiting := event.waiting_list.filter(user=user).first():
        return waiting
    if not event.registration_open and not is_invited:
        raise NotAllowed(_("Registration for this event is closed."))
    places = places_at(event)
    if places.waiting:
        _move_up(event, places.free)
        places = places_at(event)
    if places.is_full:
        return WaitingListEntry.objects.create(event=event, user=user)
    return _registration_of(user, event)


def _registration_of(user: User, event: Event) -> Registration:
    """An active registration; one that was withdrawn comes back."""
    registration, is_new = Registration.objects.get_or_create(event=event, user=user)
    if not is_new:
        registration.withdrawn_at = None
        registration.save(update_fields=["withdrawn_at", "updated_at"])
    return registration


@transaction.atomic
def withdraw(user: User, event: Event) -> None:
    """Give the place back, or the wait up; a registration stays for the reports.

    Places in sessions go with it, and who waits moves up. Safe to repeat.
    """
    event = _hold(event)
    event.waiting_list.filter(user=user).delete()
    now = timezone.now()
    if _registered(event).filter(user=user).update(withdrawn_at=now, updated_at=now):
        people_withdrew.send(sender=Event, event=event, user_ids=[user.pk])
    _move_up(event, places_at(event).free)
    mine = SessionPlace.objects.filter(session__event=event, user=user)
    sessions = list(Session.objects.filter(pk__in=mine.values("session")).order_by("pk"))
    mine.delete()
    _move_up_in_each(event, sessions)


def _move_up(event: Event, free: int | None) -> int:
    """Register those who have waited longest, as far as there are places. Returns how many."""
    over = is_over(event.ends_on, event.zone, timezone.now())
    if free == 0 or event.status != EventStatus.PUBLISHED or over:
        return 0
    line = event.waiting_list.filter(user__is_active=True).select_related("user")
    first = list(line[: TOGETHER if free is None else min(free, TOGETHER)])
    if first:
        tell_of_registrations(event, first)
        event.waiting_list.filter(pk__in=[entry.pk for entry in first]).delete()
        _register_all(event, [entry.user_id for entry in first])
    return len(first)


def _register_all(event: Event, user_ids: Sequence[int]) -> None:
    """As ``_registration_of``, for many; ``post_save`` is told to nobody, so a signal says it."""
    Registration.objects.filter(event=event, user__in=user_ids).update(
        withdrawn_at=None, updated_at=timezone.now()
    )
    Registration.objects.bulk_create(
        [Registration(event=event, user_id=pk) for pk in user_ids], ignore_conflicts=True
    )
    people_registered.send(sender=Event, event=event, user_ids=user_ids)


# --- Sessions ----------------------------------------------------------------------------


@transaction.atomic
def reserve(user: User, session: Session) -> SessionPlace:
    """Give a registered person a place in a session with few of them, or in its line.

    Safe to repeat. Raises NotAllowed when the session takes nobody, or not this person.
    """
    event = _hold(session.event)
    session = Session.objects.get(pk=session.pk)
    session.event = event
    if not _takes_people(session):
        raise NotAllowed(_("Nobody can reserve a place in this session any more."))
    if not _registered(event).filter(user=user).exists():
        raise NotAllowed(_("Only people who are registered for the event can reserve a place."))
    _move_up_in(session, places_in(session).free)
    place, is_new = SessionPlace.objects.get_or_create(session=session, user=user)
    # The new place stands last in the line that is_full looks at.
    if is_new and _is_next(place, session):
        _take(place)
    return place


def _is_next(place: SessionPlace, session: Session) -> bool:
    free = places_in(session).free
    before = session.places.filter(taken_at=None, pk__lt=place.pk).count()
    return free is None or before < free


def _take(place: SessionPlace) -> bool:
    """Turn a wait into a place; False when it was one already, or is gone."""
    place.taken_at = timezone.now()
    waiting = SessionPlace.objects.filter(pk=place.pk, taken_at=None)
    return bool(waiting.update(taken_at=place.taken_at))


@transaction.atomic
def give_back(user: User, session: Session) -> None:
    """Give a place in a session back, or the wait for one up. Safe to repeat."""
    event = _hold(session.event)
    session.places.filter(user=user).delete()
    _move_up_in_each(event, [session])


def _takes_people(session: Session) -> bool:
    """Whether a place in the session still means anything."""
    is_on = status_of(session) == SessionStatus.PUBLISHED
    return is_on and phase_of(session, timeline_of(session), timezone.now()) is not Phase.OVER


def _move_up_in_each(event: Event, sessions: Iterable[Session]) -> int:
    moved = 0
    for session in sessions:
        session.event = event
        moved += _move_up_in(session, places_in(session).free)
    return moved


def _move_up_in(session: Session, free: int | None) -> int:
    """Give places to those who have waited longest for one. Returns to how many."""
    if free == 0 or not _takes_people(session):
        return 0
    line = session.places.filter(taken_at=None, user__is_active=True).select_related("user")
    first = list(line[: TOGETHER if free is None else min(free, TOGETHER)])
    if not first:
        return 0
    tell_of_seats(session, first)
    mine = SessionPlace.objects.filter(pk__in=[place.pk for place in first], taken_at=None)
    return mine.update(taken_at=timezone.now())


# --- Everything at once --------------------------------------------------------------------


def settle(event: Event) -> int:
    """Bring an event's lines in order: who waits moves up wherever there is a place.

    Places in sessions of people who are no longer registered become free. Safe to repeat and
    to run twice at a time. Returns how many people moved up.
    """
    total = 0
    while moved := _settle_some(event):
        total += moved
    return total


@transaction.atomic
def _settle_some(event: Event) -> int:
    """A turn of it: at most ``TOGETHER`` people of each line. Returns how many moved up."""
    event = _hold(event)
    moved = _move_up(event, places_at(event).free)
    still_here = _registered(event).filter(user=OuterRef("user"))
    of_event = SessionPlace.objects.filter(session__event=event)
    of_event.filter(~Exists(still_here)).delete()
    awaited = SessionPlace.objects.filter(session=OuterRef("pk"), taken_at=None)
    sessions = event.sessions.filter(Exists(awaited)).order_by("starts_at", "pk")
    return moved + _move_up_in_each(event, sessions)


def unsettled_events() -> QuerySet[Event]:
    """Published events in which somebody waits, at the door or for a session."""
    at_door = WaitingListEntry.objects.filter(event=OuterRef("pk"))
    inside = SessionPlace.objects.filter(session__event=OuterRef("pk"), taken_at=None)
    published = Event.objects.filter(status=EventStatus.PUBLISHED)
    return published.filter(Exists(at_door) | Exists(inside))
