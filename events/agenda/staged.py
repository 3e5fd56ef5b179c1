"""A session with its track and who is on stage: read once for each version of the programme."""

from __future__ import annotations

import copy
import time
from typing import Any, Final, TypeVar

from django.db.models import Model

from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.models import Event, Session, SessionSpeaker
from events.programme.reading import version_name
from events.queries import ProgrammeHidden, sees_programme, visible_session
from events.roles import EventMembership

Row = TypeVar("Row", bound=Model)

_KEPT: Final = 256
_KEPT_S: Final = 3600
_SESSIONS: Final[FragmentStore[Session]] = FragmentStore(_KEPT, is_shared=False)


def staged_session(event: Event, membership: EventMembership, slug: str) -> Session:
    """One session, as ``on_stage`` its speakers; no query while nothing changes.

    Raises Http404 when it is not for this person, and ProgrammeHidden as ``visible_session`` does.
    """
    if not sees_programme(event, membership):
        # Before anything that is kept, which others may have read.
        raise ProgrammeHidden("The programme is for registered people.")
    scope = "team" if membership.is_team else "shown"

    def read() -> Fragment[Session]:
        found = visible_session(event, membership, slug)
        # Not the event of who happens to ask first: with it goes what they are to it.
        found._state.fields_cache.pop("event", None)
        return Fragment(found, time.time() + _KEPT_S)

    kept = _SESSIONS.get(fragment_key("staged", version_name(event), scope, slug), read)
    session = _copied(kept)
    session.event = event
    found: Any = kept
    session.on_stage = [_with_own_speaker(each) for each in found.on_stage]  # type: ignore[attr-defined]
    return session


def _with_own_speaker(appearance: SessionSpeaker) -> SessionSpeaker:
    copied = _copied(appearance)
    copied.speaker = _copied(appearance.speaker)
    return copied


def _copied(row: Row) -> Row:
    """A row of one's own, so that what is noted on it stays with who asks."""
    copied = copy.copy(row)
    copied._state = copy.copy(row._state)
    copied._state.fields_cache = dict(row._state.fields_cache)
    return copied
