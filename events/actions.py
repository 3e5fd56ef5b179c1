"""Every write of the domain, for whoever writes: views, admin, imports, commands, other apps.

What an action changes of the programme is told to other apps once, before its commit
(changes.py). Several actions that belong together go into one ``changes()`` block: then
all of them are saved or none, and each object is told once. Registrations, favourites and
the team are told to nobody, for nothing outside the portal depends on them. Registering,
and all else that hangs on places, is in registration/places.py.
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from events.bounds import check_session_times
from events.changes import changes
from events.models import (
    Bookmark,
    Event,
    EventStatus,
    EventTranslation,
    InfoBlock,
    Partner,
    PersonalFeed,
    Registration,
    Session,
    SessionMaterial,
    SessionSpeaker,
    SessionStatus,
    SessionTranslation,
    Speaker,
    SpeakerLink,
    TeamMember,
    Track,
    TrackTranslation,
    User,
)
from events.permissions import forget_roles

PagePart = Partner | InfoBlock | SpeakerLink | SessionMaterial
Translation = EventTranslation | TrackTranslation | SessionTranslation
DomainObject = (
    Event
    | Track
    | Session
    | Speaker
    | SessionSpeaker
    | Registration
    | TeamMember
    | PagePart
    | Translation
)


#: As long as the name of a room may be.
ROOM_LENGTH: Final = 200


class NotAllowed(Exception):
    """The rules of the event forbid this; the text says which and what to do."""


def save_planned(
    thing: DomainObject, fields: list[str] | None = None, *, checked: bool = False
) -> None:
    """Check and save an object; with ``fields`` only those are written.

    ``checked``: a form has checked it already. Raises ValidationError naming the field,
    and IntegrityError when somebody else took a unique value after the check; then nothing
    is saved.
    """
    if not checked:
        thing.full_clean()
    thing.save(update_fields=fields)


def delete_planned(things: DomainObject | QuerySet[Any]) -> None:
    """Delete an object, or all of a query, with everything that belongs to them."""
    things.delete()


def publish_event(event: Event) -> None:
    """Publish a draft, or bring a cancelled event back. Its sessions keep their status."""
    _set_status(event, EventStatus.PUBLISHED)


def cancel_event(event: Event) -> None:
    """Cancel an event. Its sessions keep their status, registrations stay."""
    _set_status(event, EventStatus.CANCELLED)


def publish_session(session: Session) -> None:
    """Publish a draft, or bring a cancelled session back."""
    _set_status(session, SessionStatus.PUBLISHED)


def cancel_session(session: Session) -> None:
    """Cancel a session. It stays on the agenda; favourites and attendance stay too."""
    _set_status(session, SessionStatus.CANCELLED)


def _set_status(thing: Event | Session, status: str) -> None:
    thing.status = status
    thing.save(update_fields=["status", "updated_at"])


def move_session(session: Session, starts_at: datetime, ends_at: datetime) -> None:
    """Give a session new times. Raises ValidationError when the end is not after the start."""
    if ends_at <= starts_at:
        raise ValidationError({"ends_at": "The end must be after the start."})
    session.starts_at, session.ends_at = starts_at, ends_at
    session.save(update_fields=["starts_at", "ends_at", "updated_at"])


def place_session(
    session: Session,
    starts_at: datetime,
    ends_at: datetime,
    *,
    location: str,
    track: Track | None,
) -> None:
    """Give a session a place in the plan: times, room and track, a track of its own event.

    Raises ValidationError naming the field.
    """
    check_session_times(starts_at, ends_at)
    if len(location) > ROOM_LENGTH:
        text = _("A room has at most %(n)d characters.") % {"n": ROOM_LENGTH}
        raise ValidationError({"location": text})
    if ends_at <= starts_at:
        raise ValidationError({"ends_at": _("The end must be after the start.")})
    session.starts_at, session.ends_at = starts_at, ends_at
    session.location, session.track = location, track
    session.save(update_fields=["starts_at", "ends_at", "location", "track", "updated_at"])


@changes()
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


def account_for(address: str, name: str = "") -> User:
    """The account with this address, in whatever case; a new one is for signing in by mail.

    ``name`` is what to call somebody new; without it they are called as their address suggests.
    """
    found = User.objects.filter(email__iexact=address).first()
    try:
        with transaction.atomic():
            return found or User.objects.create_user(address, name=name or _name_in(address))
    except IntegrityError:  # somebody else named it at the same moment
        return User.objects.get(email__iexact=address)


def _name_in(address: str) -> str:
    """Ada Lovelace, for ada.lovelace+events@example.org; empty when it holds no words."""
    local = address.partition("@")[0].partition("+")[0]
    return " ".join(word.capitalize() for word in re.split(r"[\W\d_]+", local) if word)


def add_to_team(user: User, event: Event, role: str) -> TeamMember:
    """Give a person a role at an event; someone who has one already keeps it."""
    member, _new = TeamMember.objects.get_or_create(event=event, user=user, defaults={"role": role})
    forget_roles(user)
    return member


def renew_feed(user: User, event: Event | None) -> PersonalFeed:
    """Give a person a calendar feed, or a new address for the one they have."""
    feed, _new = PersonalFeed.objects.update_or_create(
        user=user, event=event, defaults={"key": uuid.uuid4()}
    )
    return feed


def end_feed(user: User, event: Event | None) -> None:
    """End a person's calendar feed; its address leads nowhere any more. Safe to repeat."""
    PersonalFeed.objects.filter(user=user, event=event).delete()


def set_bookmark(user: User, session: Session, kept: bool) -> None:
    """Keep or drop a session as a favourite. Safe to repeat."""
    if kept:
        Bookmark.objects.bulk_create([Bookmark(user=user, session=session)], ignore_conflicts=True)
    else:
        Bookmark.objects.filter(user=user, session=session).delete()
