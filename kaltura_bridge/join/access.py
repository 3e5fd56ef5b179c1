"""Someone asks to enter a session: who, where to, and what the domain says to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from events.access import GateAnswer, SessionAccess, SessionAction, access_to, gates_of
from events.agenda.staged import staged_session
from events.models import Session, User
from events.queries import visible_event
from events.roles import EventMembership, StageRole
from kaltura_bridge.join.destination import JoinDestination, KafPage, destination_of
from kaltura_bridge.models import PlayerChoice
from kaltura_bridge.watch.playing import WhatPlays, playable_at


@dataclass
class JoinRequest:
    """One person at one session's door, at one moment."""

    user: User
    session: Session
    membership: EventMembership
    now: datetime = field(default_factory=timezone.now)

    @cached_property
    def role(self) -> StageRole:
        return self.membership.role_in(self.session)

    @cached_property
    def destination(self) -> JoinDestination:
        return destination_of(self.session, self.role)

    @cached_property
    def access(self) -> SessionAccess:
        """The same answer that the session's page gives."""
        return access_to(
            self.session, self.membership, self.role, self.now, lambda: self.destination.state
        )

    @property
    def gates(self) -> list[GateAnswer]:
        """The same answer, gate by gate."""
        return list(self._gates())

    def gates_until_closed(self) -> Iterator[GateAnswer]:
        """The gates up to the one that is closed; nothing behind it is asked."""
        for answer in self._gates():
            yield answer
            if answer.denial:
                return

    def _gates(self) -> Iterator[GateAnswer]:
        return gates_of(
            self.session, self.membership, self.role, self.now, lambda: self.destination.state
        )

    @cached_property
    def is_recording(self) -> bool:
        """Whether what they are let in to is over, and watched.

        Beside a player it is what that plays, as doors stay open for a while after the planned
        end, and a broadcast may run on: so page, transcript and player say the same.
        """
        is_over, held = self.access.action is SessionAction.WATCH, self.destination
        is_player = held.page is KafPage.ENTRY and held.player.choice != PlayerChoice.KAF
        has_both = is_player and held.recording_id and self.now >= self.session.ends_at
        if not (has_both and self.access.lets_in):
            return is_over
        return playable_at(self.session, held, self.now).what is not WhatPlays.LIVE

    @property
    def url(self) -> str:
        return reverse("kaltura:join", args=[self.session.event.slug, self.session.slug])


def join_request(request: HttpRequest, event_slug: str, session_slug: str) -> JoinRequest:
    """Who asks, and for what. Raises Http404 when this person may not know of the session."""
    return join_request_of(request.user, event_slug, session_slug)


def join_request_of(user: User | AnonymousUser, event_slug: str, session_slug: str) -> JoinRequest:
    """The same of a person who is known otherwise."""
    now = timezone.now()
    event, membership = visible_event(user, event_slug, session_slug=session_slug, door_at=now)
    session = staged_session(event, membership, session_slug)
    # Somebody who is not signed in is turned away before a user is needed.
    return JoinRequest(user, session, membership, now)  # type: ignore[arg-type]
