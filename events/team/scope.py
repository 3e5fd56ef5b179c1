"""The part of an event that a team role is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

# Track and room of a session; either may be missing.
SessionPlaceName = tuple[int | None, str]


@dataclass(frozen=True)
class TeamScope:
    """The sessions of these tracks, by primary key, and those in these rooms.

    A role that is about the whole event has no such scope (None).
    """

    tracks: frozenset[int] = frozenset()
    rooms: frozenset[str] = frozenset()

    def holds(self, track_id: int | None, room: str) -> bool:
        return track_id in self.tracks or room in self.rooms

    def holds_session(self, session: Any) -> bool:
        return self.holds(session.track_id, session.location)

    def allows(self, before: SessionPlaceName | None, after: SessionPlaceName) -> bool:
        """Whether a session may go from there to there; ``before`` is None for a new one.

        It is theirs before and after. Whose role names tracks gives a session to no other
        track, and so with rooms; a room is free to choose for those who plan a track.
        """
        if before is None:
            return self.holds(*after)
        is_given_away = (self.tracks and before[0] != after[0] and after[0] not in self.tracks) or (
            self.rooms and before[1] != after[1] and after[1] not in self.rooms
        )
        return self.holds(*before) and self.holds(*after) and not is_given_away

    def sessions(self, path: str = "") -> Q:
        """Narrows rows to those about its sessions; ``path`` leads from a row to its session."""
        at = f"{path}__" if path else ""
        return Q(**{f"{at}track__in": self.tracks}) | Q(**{f"{at}location__in": self.rooms})
