"""Who a portal person is to Kaltura, and what they may do on its pages.

Kaltura learns an opaque id and a display name; never an e-mail address, never a row
number. Both ways of the id live here: out with every KS, back with attendance.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db.models import CharField, F, Value

from events.models import (
    Registration,
    Session,
    SessionSpeaker,
    SessionType,
    SpeakerRole,
    TeamMember,
    TeamRole,
    User,
)
from kaltura_bridge.api.ks import ContextualRole, KafRole, Visitor

_PREFIX: Final = "portal-"
# Kaltura compares user ids without regard to case, so we read ours back the same way.
_USER_ID: Final = re.compile(rf"{_PREFIX}([0-9a-f]{{32}})", re.IGNORECASE)
# SQLite takes a limited number of values in one query.
_BATCH: Final = 500


def kaltura_user_id(user: User) -> str:
    """The person's id at Kaltura: opaque, one for each account, the same for ever."""
    return f"{_PREFIX}{user.uuid.hex}"


def users_by_kaltura_id(user_ids: Iterable[str]) -> dict[str, User]:
    """The people behind ids that came back from Kaltura; ids that are not ours are left out."""
    uuids = {text: uuid.UUID(found[1]) for text in user_ids if (found := _USER_ID.fullmatch(text))}
    wanted = sorted(set(uuids.values()))
    users: dict[uuid.UUID, User] = {}
    for start in range(0, len(wanted), _BATCH):
        batch = User.objects.filter(uuid__in=wanted[start : start + _BATCH])
        users.update((user.uuid, user) for user in batch)
    return {text: users[key] for text, key in uuids.items() if key in users}


class StageRole(StrEnum):
    """What someone is in one session, from least to most power."""

    ATTENDEE = "attendee"
    SPEAKER = "speaker"
    MODERATOR = "moderator"
    PRODUCER = "producer"


# A moderator of the event's team and one of this session's stage may do the same.
_POWERS: Final[dict[str, StageRole]] = {
    TeamRole.OWNER: StageRole.PRODUCER,
    TeamRole.MANAGER: StageRole.PRODUCER,
    TeamRole.MODERATOR: StageRole.MODERATOR,
    SpeakerRole.MODERATOR: StageRole.MODERATOR,
    SpeakerRole.SPEAKER: StageRole.SPEAKER,
}


def stage_role(user: User, session: Session) -> StageRole:
    """The strongest role the person has in this session.

    It comes from the team of the session's own event and from the session's own
    appearances, nothing else: who moderates another event is an attendee here.
    """
    if user.is_superuser:
        return StageRole.PRODUCER
    return strongest_role(roles_at(user, session))


REGISTERED: Final = "registered"


def roles_at(user: User, session: Session) -> set[str]:
    """Every role name the person holds around this session, in one query.

    Team and stage roles as they are written, and REGISTERED for a place at the event.
    """
    team = TeamMember.objects.filter(user=user, event=session.event_id)
    stage = SessionSpeaker.objects.filter(
        session=session, speaker__user=user, speaker__event=session.event_id
    )
    place = Registration.objects.filter(user=user, event=session.event_id, withdrawn_at=None)
    named = [team.annotate(found=F("role")), stage.annotate(found=F("role"))]
    named.append(place.annotate(found=Value(REGISTERED, output_field=CharField())))
    first, *others = [rows.order_by().values_list("found", flat=True) for rows in named]
    return set(first.union(*others))


def strongest_role(roles: Iterable[str]) -> StageRole:
    """The most powerful of some team and stage roles; analysts and strangers are attendees."""
    order = list(StageRole)
    found = [_POWERS[role] for role in roles if role in _POWERS]
    return max(found, key=order.index, default=StageRole.ATTENDEE)


@dataclass(frozen=True)
class Standing:
    """What a stage role means on Kaltura's pages."""

    role: KafRole
    contextual_role: ContextualRole
    chat_moderator: bool = False
    room_moderator: bool = False


_VIEWER: Final = Standing(KafRole.VIEWER, ContextualRole.MEMBER)
_PRESENTER: Final = Standing(KafRole.VIEWER, ContextualRole.MANAGER)
_STANDINGS: Final = {
    StageRole.ATTENDEE: _VIEWER,
    StageRole.SPEAKER: _PRESENTER,
    # KAF's adminRole reaches over the whole account's pages; to lead a room, none of it is needed.
    StageRole.MODERATOR: Standing(KafRole.VIEWER, ContextualRole.MANAGER, True, True),
    StageRole.PRODUCER: Standing(KafRole.ADMIN, ContextualRole.MANAGER, True, True),
}


def standing_for(role: StageRole, session_type: str) -> Standing:
    """The powers of ``role`` in a session of this type.

    Speakers present in interactive rooms at once; in a webinar they stay off stage
    until a moderator invites them.
    """
    if role == StageRole.SPEAKER and session_type == SessionType.WEBINAR:
        return _VIEWER
    return _STANDINGS[role]


def visitor_for(user: User, role: StageRole, session_type: str) -> Visitor:
    """The person as Kaltura's page will know them."""
    standing = standing_for(role, session_type)
    return Visitor(
        user_id=kaltura_user_id(user),
        display_name=user.name,
        role=standing.role,
        contextual_role=standing.contextual_role,
        chat_moderator=standing.chat_moderator,
        room_moderator=standing.room_moderator,
    )
