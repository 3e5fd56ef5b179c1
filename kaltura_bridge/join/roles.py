"""What a role on the stage means on Kaltura's pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from events.access import Phase
from events.models import User
from events.roles import StageRole
from kaltura_bridge.api.ks import ContextualRole, KafRole, Visitor
from kaltura_bridge.join.identity import kaltura_user_id


@dataclass(frozen=True)
class KafPermissions:
    """What someone may do across KAF (``role``) and in one room (the rest).

    Everybody is a viewer of KAF, producers too. What leads a room is ``contextual_role`` and
    the two flags; ``role`` opens KAF's other pages (My Media, the picker, the settings of
    galleries), which belong to the account and not to one event. The KS stands in the address
    that the browser opens, so whoever leads one event would hold a key to all of them. Kaltura's
    samples pair ``adminRole`` with contextual role 0, but name nothing in a room that asks for it.
    Source: "Virtual Meeting Rooms" and the KAF integration guide, on role and userContextualRole.
    """

    role: KafRole
    contextual_role: ContextualRole
    chat_moderator: bool = False
    room_moderator: bool = False


_VIEWER: Final = KafPermissions(KafRole.VIEWER, ContextualRole.MEMBER)
_PRESENTER: Final = KafPermissions(KafRole.VIEWER, ContextualRole.MANAGER)
_LEADER: Final = KafPermissions(KafRole.VIEWER, ContextualRole.MANAGER, True, True)
_PERMISSIONS: Final = {
    StageRole.ATTENDEE: _VIEWER,
    StageRole.SPEAKER: _PRESENTER,
    StageRole.MODERATOR: _LEADER,
    StageRole.PRODUCER: _LEADER,
}


def permissions_for(role: StageRole) -> KafPermissions:
    """The powers of ``role``, the same in each type of session.

    A webinar brings its speakers and moderators on stage and leaves attendees off it until
    a moderator invites them: its mode does that by the contextual role.
    """
    return _PERMISSIONS[role]


def prepares(role: StageRole, phase: Phase) -> bool:
    """Whether somebody enters to prepare the room, before its doors are open to others."""
    return _PERMISSIONS[role].room_moderator and phase in (Phase.PLANNED, Phase.SOON)


def visitor_for(user: User, role: StageRole, language: str = "") -> Visitor:
    """The person as Kaltura's page will know them, in the language of ours, else in English."""
    permissions = permissions_for(role)
    return Visitor(
        user_id=kaltura_user_id(user),
        display_name=user.name,
        role=permissions.role,
        contextual_role=permissions.contextual_role,
        chat_moderator=permissions.chat_moderator,
        room_moderator=permissions.room_moderator,
        locale=language.split("-")[0] or "en",
    )
