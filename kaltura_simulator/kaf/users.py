"""Users of the pages that need no ``entryId``: gallery, own media, picker, embedded entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kaltura_simulator.api import ks
from kaltura_simulator.kaf.access import name_of
from kaltura_simulator.kaf.refusals import PageRefused

#: KAF's application roles in ascending order, with labels.
ROLES = {
    "anonymousRole": "Anonymous",
    "viewerRole": "Viewer",
    "privateOnlyRole": "Private only",
    "adminRole": "Admin",
    "unmoderatedAdminRole": "Unmoderated admin",
}
#: The roles that have media of their own.
OWNING_ROLES = frozenset({"privateOnlyRole", "adminRole", "unmoderatedAdminRole"})


@dataclass(frozen=True)
class KafUser:
    """A user with a valid session, as its privileges describe them."""

    partner: int
    user_id: str
    name: str
    role: str
    privileges: Mapping[str, str]

    @property
    def owns_media(self) -> bool:
        """Whether users with this role have media of their own."""
        return self.role in OWNING_ROLES

    @property
    def role_label(self) -> str:
        """The label of the role."""
        return ROLES[self.role]


def check_user(session: ks.Ks, *required: str) -> KafUser:
    """The user of a session with the privileges ``role`` and ``required``; raises PageRefused."""
    privileges = session.privileges
    for name in ("role", *required):
        if not privileges.get(name, "").strip():
            raise PageRefused("missing", field=name)
    if not session.user:
        raise PageRefused("no-user")
    if privileges.get("userId", session.user) != session.user:
        raise PageRefused("user-mismatch", field="userId")
    if privileges["role"] not in ROLES:
        raise PageRefused("unknown-role", field="role", seen=privileges["role"])
    name = name_of({"userId": session.user, **privileges})
    return KafUser(session.partner, session.user, name, privileges["role"], privileges)


def check_owner(session: ks.Ks) -> KafUser:
    """A user whose role has media of its own; raises PageRefused."""
    user = check_user(session)
    if not user.owns_media:
        raise PageRefused("role-too-low", field="role", seen=user.role)
    return user
