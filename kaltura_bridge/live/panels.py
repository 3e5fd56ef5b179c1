"""Who is at a session's live desk, and what stands on it for them.

A panel is a function of the desk that answers with a ``DeskPanel``, or None where it has
nothing for this person and session. Those of the bridge are listed in ``desk.PANELS``; other
apps add theirs with ``register`` from their ``AppConfig.ready``. The page shows them by step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from functools import cached_property, partial
from typing import Any, Final

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.access import DeskRights, SessionAccess, access_to, desk_rights
from events.i18n.languages import Words
from events.models import Event, Session, SessionType, User
from events.permissions import RUNNERS
from events.queries import visible_event, visible_session
from events.remote import remote_state
from events.roles import EventMembership, StageRole
from kaltura_bridge.delivery.options import DeliveryOptions, options_for
from kaltura_bridge.join.destination import JoinDestination, destination_of
from kaltura_bridge.live.state import LiveState, live_state

ROOMS: Final = frozenset({SessionType.INTERACTIVE, SessionType.WEBINAR})


class DeskStep(IntEnum):
    """What a panel is for; the page shows them in this order."""

    CHECK = 1
    PREPARE = 2
    GO_LIVE = 3
    MODERATE = 4
    END = 5
    RECORDING = 6
    NUMBERS = 7

    @property
    def title(self) -> Words:
        """The heading above its panels."""
        return _STEPS[self]


_STEPS: Final = {
    DeskStep.CHECK: _("Check"),
    DeskStep.PREPARE: _("Prepare"),
    DeskStep.GO_LIVE: _("Go live"),
    DeskStep.MODERATE: _("Moderate"),
    DeskStep.END: _("End"),
    DeskStep.RECORDING: _("Recording"),
    DeskStep.NUMBERS: _("Numbers"),
}


@dataclass
class LiveDesk:
    """One person at the desk of one session, at one moment. What is costly is read when asked."""

    request: HttpRequest
    session: Session
    membership: EventMembership
    role: StageRole
    rights: DeskRights
    now: datetime = field(default_factory=timezone.now)

    @property
    def event(self) -> Event:
        return self.session.event

    @property
    def user(self) -> User:
        return self.request.user  # type: ignore[return-value]  # nobody else has rights

    @property
    def is_room(self) -> bool:
        """Whether people meet in a room, so that nothing is on air."""
        return self.session.session_type in ROOMS

    @property
    def is_in_control_room(self) -> bool:
        """Whether this person may open the event's control room, which stands in the admin."""
        return self.user.is_staff and self.membership.team_role in RUNNERS

    @cached_property
    def destination(self) -> JoinDestination:
        """Where this person enters: the stage of a studio is its room."""
        return destination_of(self.session, self.role)

    @cached_property
    def broadcast_id(self) -> str:
        """The live entry that attendees watch; "" for rooms, and while Kaltura has none."""
        if self.is_room:
            return ""
        if self.session.session_type == SessionType.STUDIO:
            return destination_of(self.session).entry_id
        return self.destination.entry_id

    @cached_property
    def access(self) -> SessionAccess:
        """The same answer that the session's page gives this person."""
        ask = partial(remote_state, self.session, self.role)
        return access_to(self.session, self.membership, self.role, self.now, ask)

    @cached_property
    def options(self) -> DeliveryOptions:
        """How the session is delivered, as planned."""
        return options_for(self.session)

    @cached_property
    def state(self) -> LiveState:
        """How the broadcast stands, as everybody is told who asks within these seconds."""
        return live_state(self.broadcast_id) if self.broadcast_id else LiveState()


def live_desk(request: HttpRequest, event_slug: str, session_slug: str) -> LiveDesk:
    """The person at the desk. Raises Http404 for whom it is not there, whatever the reason."""
    event, membership = visible_event(request.user, event_slug)
    session = visible_session(event, membership, session_slug)
    role = membership.role_in(session)
    rights = desk_rights(role) if membership.is_signed_in else None
    if rights is None:
        raise Http404("There is no such desk.")
    return LiveDesk(request, session, membership, role, rights)


def producers_desk(request: HttpRequest, event_slug: str, session_slug: str) -> LiveDesk:
    """As ``live_desk``, for what only those who produce the session may do."""
    desk = live_desk(request, event_slug, session_slug)
    if not desk.rights.produces:
        raise Http404("There is no such desk.")
    return desk


def moderators_desk(request: HttpRequest, event_slug: str, session_slug: str) -> LiveDesk:
    """As ``live_desk``, for what only those who moderate the session may do."""
    desk = live_desk(request, event_slug, session_slug)
    if not desk.rights.moderates:
        raise Http404("There is no such desk.")
    return desk


@dataclass(frozen=True)
class DeskPanel:
    """A piece of the desk: ``template`` is included with ``context`` as ``panel.context``.

    ``follows``: it says something about the state, so the page's script renews it when that
    changes. A panel with something open in it, such as a form, should not. ``script``: the
    static path of its module, if it has one. ``key`` becomes the element's id.
    """

    key: str
    step: DeskStep
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    follows: bool = False
    script: str = ""


MakeDeskPanel = Callable[[LiveDesk], DeskPanel | None]
_panels: list[MakeDeskPanel] = []


def register(make: MakeDeskPanel) -> None:
    """Ask ``make`` for a panel whenever the desk is shown, after the bridge's own."""
    if make not in _panels:
        _panels.append(make)


def registered() -> list[MakeDeskPanel]:
    """What other apps add."""
    return list(_panels)
