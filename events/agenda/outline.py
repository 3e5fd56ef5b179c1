"""When and where each session of an event is: enough to find what is before, after and beside it.

Read once for each version of the programme, and shared by all who ask.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.i18n.content import ShownText, content_of, translated_into
from events.models import Event, SessionStatus
from events.programme.reading import version_name
from events.queries import sees_programme, sessions_for
from events.roles import EventMembership

_KEPT_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class OutlinedSession:
    """A line of the outline."""

    pk: int
    slug: str
    title: ShownText
    is_cancelled: bool
    starts_at: datetime
    ends_at: datetime
    location: str


_READ: Final = ("slug", "title", "status", "starts_at", "ends_at", "location", "language")

_OUTLINES: Final[FragmentStore[tuple[OutlinedSession, ...]]] = FragmentStore()


def outline_of(event: Event, membership: EventMembership) -> tuple[OutlinedSession, ...]:
    """The sessions that this person may see, by start and title; no query while nothing changes."""
    if not sees_programme(event, membership):
        # Not kept: under the same name others would read that there is nothing.
        return ()
    scope = "team" if membership.is_team else "shown"

    def read() -> Fragment[tuple[OutlinedSession, ...]]:
        rows = sessions_for(event, membership).order_by("starts_at", "title", "pk")
        content = content_of(event)
        lines = tuple(
            OutlinedSession(
                session.pk,
                session.slug,
                content.text(session, "title"),
                session.status == SessionStatus.CANCELLED,
                session.starts_at,
                session.ends_at,
                session.location,
            )
            for session in rows.only(*_READ)
        )
        return Fragment(lines, time.time() + _KEPT_S)

    return _OUTLINES.get(
        fragment_key("outline", version_name(event), scope, translated_into(event)), read
    )
