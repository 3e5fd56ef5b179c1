"""From the text of a Kaltura Session to a guest at the right entry, or a refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kaltura_simulator.api import ks, sessions
from kaltura_simulator.kaf.refusals import Refused
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import shown
from kaltura_simulator.state.world import World
from kaltura_simulator.web.http import Request

REQUIRED = ("userId", "entryId", "role", "actionslimit")
ROOM_TYPE = "room.room"
_DELETED = "3"
_CATEGORY_ENTRY_ACTIVE = "2"
_BELOW_CHANNELS = re.compile(r"^[^>]+>site>channels>.")
_KAF_HOST = re.compile(r"^(\d+)\.kaf\.")

#: What a person is called by the role that their privileges give.
ROLE_WORDS = {
    "instructor": "Instructor",
    "moderator": "Moderator",
    "chat-moderator": "Chat moderator",
    "attendee": "Attendee",
}
#: Who stands on a room's stage, and counts as its instructor in analytics.
ON_STAGE = frozenset({"instructor", "moderator"})


@dataclass(frozen=True)
class Guest:
    """Who comes in, as the session's privileges say, and where to."""

    partner: int
    entry: Data
    user_id: str
    name: str
    email: str
    role: str
    kaf_role: str

    @property
    def in_room(self) -> bool:
        """Whether the entry is a room; anything else is played."""
        return is_room(self.entry)


def is_room(entry: Data) -> bool:
    """Whether an entry is a meeting room."""
    return str(entry.get("type")) == ROOM_TYPE


def partner_here(request: Request) -> int:
    """Whose pages these are: ``{partner}.kaf.`` in the host name, or the simulator's partner."""
    named = _KAF_HOST.match(request.header("Host"))
    return int(named[1]) if named else request.world.options.partner_id


def session_here(request: Request, text: str) -> ks.Ks:
    """The session ``text`` if it is alive and of this account; raises Refused."""
    here = partner_here(request)
    named = ks.partner_of(text)
    if named is None:
        raise Refused("garbage")
    if named != here:
        raise Refused("partner", seen=str(named))
    return _alive(request.world, text)


def _alive(world: World, text: str) -> ks.Ks:
    try:
        return sessions.read(world, text)
    except ks.KsRefused as refusal:
        if refusal.reason == "EXPIRED":
            raise Refused("expired", seen=_expiry(world, text)) from refusal
        if refusal.reason == "LOGOUT":
            raise Refused("logged-out") from refusal
        raise Refused("signature") from refusal


def _expiry(world: World, text: str) -> str:
    return shown(sessions.read_any(world, text).expiry, "%Y-%m-%d %H:%M:%S UTC")


def admit(world: World, session: ks.Ks) -> Guest:
    """Everything a page of an entry asks of a living session; raises Refused."""
    privileges = session.privileges
    for name in REQUIRED:
        if not privileges.get(name, "").strip():
            raise Refused("missing", field=name)
    if session.user != privileges["userId"]:
        raise Refused("user-mismatch", field="userId")
    entry = _entry_in_channels(world, session.partner, privileges["entryId"])
    return Guest(
        partner=session.partner,
        entry=entry,
        user_id=session.user,
        name=name_of(privileges),
        email=privileges.get("email", ""),
        role=role_of(privileges),
        kaf_role=privileges["role"],
    )


def admit_to_room(world: World, session: ks.Ks) -> Guest:
    """The same for the page that shows rooms only."""
    guest = admit(world, session)
    if not guest.in_room:
        raise Refused("not-a-room", seen=guest.entry["id"])
    return guest


def _entry_in_channels(world: World, partner: int, entry_id: str) -> Data:
    entry = world.store.get(partner, "entry", entry_id)
    if entry is None or str(entry.get("status")) == _DELETED:
        raise Refused("entry-missing", seen=entry_id)
    if not in_channels(world, partner, entry_id):
        raise Refused("entry-outside", seen=entry_id)
    return entry


def in_channels(world: World, partner: int, entry_id: str) -> bool:
    """Whether an entry is where these pages look for entries."""
    return any(_BELOW_CHANNELS.match(name) for name in _category_names(world, partner, entry_id))


def _category_names(world: World, partner: int, entry_id: str) -> list[str]:
    """The full names of the categories in which the entry is."""
    store = world.store
    links = [
        link
        for link in store.where(partner, "category_entry", entry_id)
        if str(link.get("status", 2)) == _CATEGORY_ENTRY_ACTIVE
    ]
    found = (store.get(partner, "category", link["categoryId"]) for link in links)
    return [
        str(category["fullName"])
        for category in found
        if category and str(category.get("status")) != _DELETED
    ]


def name_of(privileges: dict[str, str]) -> str:
    """The name to show: first and last name, or the user id."""
    both = f"{privileges.get('firstName', '')} {privileges.get('lastName', '')}"
    return " ".join(both.split()) or privileges["userId"]


def role_of(privileges: dict[str, str]) -> str:
    """What the person may do in a room; no privilege for it means attendee."""
    contextual = privileges.get("userContextualRole", "")
    if privileges.get("roomModerator") == "1" or contextual == "1":
        return "moderator"
    if contextual == "0":
        return "instructor"
    return "chat-moderator" if privileges.get("chatModerator") == "1" else "attendee"
