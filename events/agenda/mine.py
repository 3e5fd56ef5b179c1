"""A person's own agenda: the sessions they keep, where these clash, and the feed of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from events.access import status_of
from events.agenda.days import event_days
from events.models import Event, PersonalFeed, Session, SessionStatus, User
from events.queries import events_for, membership_in, sessions_for

_SALT: Final = "events.personal-feed"
_KEY_CHARS: Final = 32
# Two sessions in different rooms with less time between them are a walk worth telling.
SHORT_CHANGE: Final = timedelta(minutes=20)


@dataclass(frozen=True)
class KeptSession:
    """A session that somebody keeps, and what follows from the ones around it."""

    session: Session
    clashes_with: tuple[Session, ...] = ()
    walks_from: str = ""

    @property
    def is_cancelled(self) -> bool:
        return status_of(self.session) == SessionStatus.CANCELLED


@dataclass(frozen=True)
class KeptDay:
    """One day of one event."""

    event: Event
    date: date
    sessions: list[KeptSession]


def kept_sessions(user: User, event: Event | None = None) -> list[Session]:
    """What this person keeps and may still see, by start; at one event or at all.

    Each session has its event and track. Three queries for each event.
    """
    starred = events_for(user).filter(sessions__bookmarks__user=user).distinct()
    events = starred.select_related("programme_version")
    if event is not None:
        events = events.filter(pk=event.pk)
    found: list[Session] = []
    for its_event in events:
        shown = sessions_for(its_event, membership_in(its_event, user))
        for session in shown.filter(bookmarks__user=user).select_related("track"):
            session.event = its_event
            found.append(session)
    return sorted(found, key=lambda session: (session.starts_at, session.title, session.pk))


def kept_days(sessions: list[Session]) -> list[KeptDay]:
    """The same by event and day, with clashes and walks."""
    kept = _with_neighbours(sessions)
    by_event = sorted(kept, key=lambda item: (item.session.event.starts_on, item.session.event_id))
    days: list[KeptDay] = []
    for _, items in groupby(by_event, key=lambda item: item.session.event_id):
        its_items = list(items)
        event = its_items[0].session.event
        dates = event_days([item.session for item in its_items], event.zone)
        pairs = zip(dates, its_items, strict=True)
        for day, of_day in groupby(pairs, key=lambda pair: pair[0]):
            days.append(KeptDay(event, day, [item for _, item in of_day]))
    return days


def _with_neighbours(sessions: list[Session]) -> list[KeptSession]:
    """Clashes: sessions that run while another still does. Cancelled ones are in nobody's way."""
    running = [s for s in sessions if status_of(s) != SessionStatus.CANCELLED]
    return [
        KeptSession(session, _clashes(session, running), _walk_to(session, running))
        if session in running
        else KeptSession(session)
        for session in sessions
    ]


def _clashes(session: Session, others: list[Session]) -> tuple[Session, ...]:
    """Those that are still on when this one starts, or start while it is on."""
    return tuple(
        other
        for other in others
        if other.pk != session.pk
        and other.starts_at < session.ends_at
        and session.starts_at < other.ends_at
    )


def _walk_to(session: Session, others: list[Session]) -> str:
    """The room that the one before is in, when there is little time to come from there."""
    before = [other for other in others if other.ends_at <= session.starts_at]
    if not before:
        return ""
    last = max(before, key=lambda other: other.ends_at)
    is_short = session.starts_at - last.ends_at <= SHORT_CHANGE
    rooms = {last.location, session.location}
    return last.location if is_short and len(rooms) == 2 and "" not in rooms else ""


# --- The feed -----------------------------------------------------------------


def feed_address(feed: PersonalFeed) -> str:
    """The secret address of a feed, for calendars."""
    return settings.SITE_URL + reverse("events:personal_ics", args=[feed_token(feed)])


def feed_token(feed: PersonalFeed) -> str:
    """The key in hexadecimal, then its signature."""
    return feed.key.hex + _signature(feed.key.hex)


def _signature(key: str) -> str:
    return salted_hmac(_SALT, key, algorithm="sha256").hexdigest()[:_KEY_CHARS]


def feed_of_token(token: str) -> PersonalFeed | None:
    """The feed at an address; None for one that was never given out, or has ended."""
    key, signature = token[:_KEY_CHARS], token[_KEY_CHARS:]
    if not constant_time_compare(signature, _signature(key)):
        return None
    feeds = PersonalFeed.objects.filter(key=uuid.UUID(key), user__is_active=True)
    return feeds.select_related("user", "event__programme_version").first()
