"""Who asks, and about what."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What somebody is to the events called ours. To the others all of them are nobody."""

    ANONYMOUS = "anonymous"
    MEMBER = "signed in"
    REGISTERED = "registered"
    SPEAKER = "speaker"
    STAGE_MODERATOR = "session moderator"
    ANALYST = "analyst"
    MODERATOR = "moderator"
    MANAGER = "manager"
    OWNER = "owner"
    STAFF = "staff, no team"
    SUPERUSER = "superuser"


EVERYBODY: Final = frozenset(Role)
SIGNED_IN: Final = EVERYBODY - {Role.ANONYMOUS}
OWNERS: Final = frozenset({Role.OWNER})
PLANNERS: Final = OWNERS | {Role.MANAGER}
ANALYSTS: Final = PLANNERS | {Role.ANALYST}
TEAM: Final = ANALYSTS | {Role.MODERATOR}
#: Who runs a session: the team without its analysts, and whoever is on its stage.
RUNNERS: Final = (TEAM - {Role.ANALYST}) | {Role.SPEAKER, Role.STAGE_MODERATOR}
HELPERS: Final = PLANNERS | {Role.MODERATOR}
BELONG: Final = TEAM | {Role.REGISTERED, Role.SPEAKER, Role.STAGE_MODERATOR}
STAFF: Final = TEAM | {Role.STAFF, Role.SUPERUSER}
SUPERUSERS: Final = frozenset({Role.SUPERUSER})
NOBODY: Final[Set[Role]] = frozenset()


@dataclass(frozen=True)
class Kind:
    """A sort of object: whose it is, and who may know of it."""

    name: str
    ours: bool
    public: bool = False
    draft: bool = False
    there: bool = True

    def seen_by(self, role: Role) -> bool:
        """Whether this person may know of the event or session at all."""
        if role is Role.SUPERUSER or not self.there:
            return self.there
        if self.public:
            return True
        return self.ours and role in (TEAM if self.draft else BELONG)

    def has(self, role: Role, roles: Set[Role]) -> bool:
        """Whether this person is one of ``roles`` to the event; superusers are all of them."""
        return self.there and (role is Role.SUPERUSER or (self.ours and role in roles))


OPEN: Final = Kind("ours", ours=True, public=True)
PRIVATE: Final = Kind("ours, private", ours=True)
DRAFT: Final = Kind("ours, draft event", ours=True, draft=True)
DRAFT_SESSION: Final = Kind("ours, draft session", ours=True, draft=True)
THEIRS: Final = Kind("another's", ours=False, public=True)
THEIRS_PRIVATE: Final = Kind("another's, private", ours=False)
THEIRS_DRAFT: Final = Kind("another's, draft", ours=False, draft=True)
DELETED: Final = Kind("deleted", ours=True, there=False)
KINDS: Final = (
    OPEN,
    PRIVATE,
    DRAFT,
    DRAFT_SESSION,
    THEIRS,
    THEIRS_PRIVATE,
    THEIRS_DRAFT,
    DELETED,
)
