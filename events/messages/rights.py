"""Who may speak to which audience."""

from __future__ import annotations

from events.access import desk_rights
from events.models import Event, Session
from events.permissions import PLANNERS
from events.roles import EventMembership


def may_message(event: Event, membership: EventMembership, session: Session | None = None) -> bool:
    """To an event's audience speaks who plans it, to that of a session who moderates it.

    ``session`` comes from ``visible_session``.
    """
    if session is None:
        return membership.team_role in PLANNERS
    rights = desk_rights(membership.role_in(session)) if membership.is_signed_in else None
    return rights is not None and rights.moderates
