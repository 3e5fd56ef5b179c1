"""When and where each session of an event is: enough to find what is before, after and beside it.

Read once for each version of the programme, and shared by all who ask.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from events.caching.fragments import Fragment, FragmentStore, fragment_key
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
    title: str
    is_cancelled: bool
    starts_at: datetime
    ends_at: datetime
    location: str


_OUTLINES: Final[FragmentStore[tuple[OutlinedSession, ...]]] = FragmentStore()


def outline_of(event: Event, membership: EventMembership) -> tuple[OutlinedSession, ...]:
    """The sessions that this person may see, by start and title; no query while nothing changes."""
    if not sees_programme(event, membership):
        # Not kept: under the same name others would read that there is nothing.
        return ()
    scope = "team" if membership.is_team else "shown"

    def read() -> Fragment[tuple[OutlinedSession, ...]]:
        rows = sessions_for(event, membership).order_by("starts_at", "title", "pk")
        lines = tuple(
            OutlinedSession(pk, slug, title, status == SessionStatus.CANCELLED, start, end, room)
            for pk, slug, title, status, start, end, room in rows.values_list(
                "pk", "slug", "title", "status", "starts_at", "ends_at", "location"
            )
        )
        return Fragment(lines, time.time() + _KEPT_S)

    return _OUTLINES.get(fragment_key("outline", version_name(event), scope), read)
