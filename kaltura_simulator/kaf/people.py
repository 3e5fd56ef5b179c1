"""Who comes to a page that is about no single entry: a gallery, a picker, an embedded clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kaltura_simulator.api import ks
from kaltura_simulator.kaf.admission import name_of
from kaltura_simulator.kaf.refusals import Refused

#: KAF's own roles, from the least up, as the pages name them.
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
class Person:
    """Somebody with a living session, as its privileges describe them."""

    partner: int
    user_id: str
    name: str
    role: str
    privileges: Mapping[str, str]

    @property
    def owns_media(self) -> bool:
        """Whether somebody in this role has media of their own."""
        return self.role in OWNING_ROLES

    @property
    def role_words(self) -> str:
        """The role in words."""
        return ROLES[self.role]


def admit_person(session: ks.Ks, *needed: str) -> Person:
    """The person of a session that carries ``role`` and ``needed``; raises Refused."""
    privileges = session.privileges
    for name in ("role", *needed):
        if not privileges.get(name, "").strip():
            raise Refused("missing", field=name)
    if not session.user:
        raise Refused("no-user")
    if privileges.get("userId", session.user) != session.user:
        raise Refused("user-mismatch", field="userId")
    if privileges["role"] not in ROLES:
        raise Refused("unknown-role", field="role", seen=privileges["role"])
    name = name_of({"userId": session.user, **privileges})
    return Person(session.partner, session.user, name, privileges["role"], privileges)


def admit_owner(session: ks.Ks) -> Person:
    """Somebody who has media of their own; raises Refused."""
    person = admit_person(session)
    if not person.owns_media:
        raise Refused("role-too-low", field="role", seen=person.role)
    return person
