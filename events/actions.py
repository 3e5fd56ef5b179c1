"""Every write of the domain: one transaction, then a signal (see signals.py).

Views, the admin, imports and commands call these; none of them saves by itself.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from events.models import (
    Bookmark,
    Event,
    EventStatus,
    Registration,
    Session,
    SessionSpeaker,
    SessionStatus,
    Speaker,
    Track,
    User,
)


class NotAllowed(Exception):
    """The rules of the event forbid this; the text says which and what to do."""


@transaction.atomic
def save_planned(
    thing: Event | Track | Session | Speaker | SessionSpeaker, fields: list[str] | None = None
) -> None:
    """Check and save something planned; with ``fields`` only those are written.

    Raises ValidationError naming the field; then nothing is saved.
    """
    thing.full_clean()
    thing.save(update_fields=fields)


@transaction.atomic
def publish_event(event: Event) -> None:
    event.status = EventStatus.PUBLISHED
    event.save(update_fields=["status", "updated_at"])


@transaction.atomic
def cancel_event(event: Event) -> None:
    event.status = EventStatus.CANCELLED
    event.save(update_fields=["status", "updated_at"])


@transaction.atomic
def publish_session(session: Session) -> None:
    session.status = SessionStatus.PUBLISHED
    session.save(update_fields=["status", "updated_at"])


@transaction.atomic
def cancel_session(session: Session) -> None:
    session.status = SessionStatus.CANCELLED
    session.save(update_fields=["status", "updated_at"])


@transaction.atomic
def move_session(session: Session, starts_at: datetime, ends_at: datetime) -> None:
    """Give a session new times. Raises ValidationError when the end is not after the start."""
    if ends_at <= starts_at:
        raise ValidationError({"ends_at": "The end must be after the start."})
    session.starts_at, session.ends_at = starts_at, ends_at
    session.save(update_fields=["starts_at", "ends_at", "updated_at"])


@transaction.atomic
def keep_local_times(event: Event, old_zone: str) -> int:
    """After the event's zone changed: every session keeps its time of day. Returns how many."""
    zone = ZoneInfo(old_zone)
    sessions = list(event.sessions.all())
    for session in sessions:
        starts_at, ends_at = (
            moment.astimezone(zone).replace(tzinfo=event.zone)
            for moment in (session.starts_at, session.ends_at)
        )
        # Where clocks jump, a wall-clock end may not come after its start: keep the length.
        ends_at = ends_at if ends_at > starts_at else starts_at + session.duration
        move_session(session, starts_at, ends_at)
    return len(sessions)


def register(user: User, event: Event) -> Registration:
    """Register a person, or bring a withdrawn registration back. Safe to repeat.

    Raises NotAllowed when the event takes no registrations.
    """
    if event.status != EventStatus.PUBLISHED:
        raise NotAllowed("This event is not open.")
    existing = Registration.objects.filter(event=event, user=user).first()
    if existing and existing.is_active:
        return existing
    if not event.registration_open:
        raise NotAllowed("Registration for this event is closed.")
    if existing:
        existing.withdrawn_at = None
        existing.save(update_fields=["withdrawn_at", "updated_at"])
        return existing
    try:
        with transaction.atomic():
            return Registration.objects.create(event=event, user=user)
    except IntegrityError:  # two clicks at once: the other one won
        return Registration.objects.get(event=event, user=user)


def withdraw(user: User, event: Event) -> None:
    """Give the place back. Safe to repeat."""
    for registration in Registration.objects.filter(event=event, user=user, withdrawn_at=None):
        registration.withdrawn_at = timezone.now()
        registration.save(update_fields=["withdrawn_at", "updated_at"])


def set_bookmark(user: User, session: Session, kept: bool) -> None:
    """Keep or drop a session as a favourite. Safe to repeat."""
    if kept:
        Bookmark.objects.bulk_create([Bookmark(user=user, session=session)], ignore_conflicts=True)
    else:
        Bookmark.objects.filter(user=user, session=session).delete()
