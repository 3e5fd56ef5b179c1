"""What a person is: to an event, and on the stage of one of its sessions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _

from events.models import Session, SpeakerRole, TeamRole


class StageRole(StrEnum):
    """What someone is in one session, from least to most power."""

    ATTENDEE = "attendee"
    SPEAKER = "speaker"
    MODERATOR = "moderator"
    PRODUCER = "producer"

    @property
    def label(self) -> str:
        """What people call it, within a sentence."""
        return str(_ROLE_NAMES[self])


_ROLE_NAMES: Final = {
    StageRole.ATTENDEE: _("attendee"),
    StageRole.SPEAKER: _("speaker"),
    StageRole.MODERATOR: _("moderator"),
    StageRole.PRODUCER: _("producer"),
}
# A moderator of the event's team and one of this session's stage may do the same. Analysts
# read figures; in a session they are attendees.
_STAGE_ROLES: Final[dict[str, StageRole]] = {
    TeamRole.OWNER: StageRole.PRODUCER,
    TeamRole.MANAGER: StageRole.PRODUCER,
    TeamRole.MODERATOR: StageRole.MODERATOR,
    SpeakerRole.MODERATOR: StageRole.MODERATOR,
    SpeakerRole.SPEAKER: StageRole.SPEAKER,
}


def strongest_role(roles: Iterable[str]) -> StageRole:
    """The most powerful of some team and stage roles; analysts and strangers are attendees."""
    order = list(StageRole)
    found = [_STAGE_ROLES[role] for role in roles if role in _STAGE_ROLES]
    return max(found, key=order.index, default=StageRole.ATTENDEE)


@dataclass(frozen=True)
class EventMembership:
    """What one person is to one event; ``speaker_ids`` are their speaker profiles there.

    ``is_waiting``: for a place at the event. ``places`` and ``awaited`` are the sessions with
    few places, by primary key, in which they have one, or wait for one.
    """

    is_signed_in: bool = False
    team_role: str | None = None
    is_registered: bool = False
    speaker_ids: frozenset[int] = frozenset()
    is_waiting: bool = False
    places: frozenset[int] = frozenset()
    awaited: frozenset[int] = frozenset()

    @property
    def is_team(self) -> bool:
        return self.team_role is not None

    @property
    def belongs(self) -> bool:
        """Whether they are registered, in the team or on a stage: no outsiders."""
        return self.is_registered or self.is_team or bool(self.speaker_ids)

    def role_in(self, session: Session) -> StageRole:
        """The person's strongest role in ``session``, which comes from ``visible_session``.

        It follows from the team of the session's own event and from the session's own
        appearances, nothing else: who moderates another event is an attendee here.
        """
        # Who speaks nowhere at the event needs nobody's appearances.
        appearances = session.on_stage if self.speaker_ids else []  # type: ignore[attr-defined]
        roles = {a.role for a in appearances if a.speaker_id in self.speaker_ids}
        return strongest_role(roles | ({self.team_role} if self.team_role else set()))
