"""Who may open the page of an entry: the checks of its Kaltura Session, in KAF's order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kaltura_simulator.api import ks, sessions
from kaltura_simulator.api.call import internal
from kaltura_simulator.kaf.refusals import PageRefused
from kaltura_simulator.media import entry_access
from kaltura_simulator.rules import categories, category_entries
from kaltura_simulator.rules.entry_types import is_deleted, is_room
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import format_time
from kaltura_simulator.state.world import World
from kaltura_simulator.web.http import HttpRequest

REQUIRED = ("userId", "entryId", "role", "actionslimit")
_BELOW_CHANNELS = re.compile(r"^[^>]+>site>channels>.")
_KAF_HOST = re.compile(r"^(\d+)\.kaf\.")

#: The roles of participants, with their labels.
ROLE_LABELS = {
    "instructor": "Instructor",
    "moderator": "Moderator",
    "chat-moderator": "Chat moderator",
    "attendee": "Attendee",
}
#: The roles that are shown on a room's stage, and that analytics count as instructors.
ON_STAGE = frozenset({"instructor", "moderator"})


@dataclass(frozen=True)
class AdmittedUser:
    """A person on the page of an entry, as the session's privileges describe them."""

    partner: int
    entry: Data
    user_id: str
    name: str
    email: str
    role: str
    kaf_role: str

    @property
    def is_in_room(self) -> bool:
        """Whether the entry is a room; anything else is played."""
        return is_room(self.entry)


def partner_of(request: HttpRequest) -> int:
    """The account of these pages: ``{partner}.kaf.`` in the host name, else the simulator's."""
    named = _KAF_HOST.match(request.header("Host"))
    return int(named[1]) if named else request.world.options.partner_id


def session_of_account(request: HttpRequest, text: str) -> ks.Ks:
    """The session ``text``, valid and of this account; raises PageRefused."""
    partner = ks.partner_of(text)
    if partner is None:
        raise PageRefused("garbage")
    if partner != partner_of(request):
        raise PageRefused("partner", seen=str(partner))
    return _valid(request.world, text)


def _valid(world: World, text: str) -> ks.Ks:
    try:
        return sessions.read(world, text)
    except ks.KsRefused as refusal:
        if refusal.reason == "EXPIRED":
            raise PageRefused("expired", seen=_expiry(world, text)) from refusal
        if refusal.reason == "LOGOUT":
            raise PageRefused("logged-out") from refusal
        raise PageRefused("signature") from refusal


def _expiry(world: World, text: str) -> str:
    return format_time(sessions.read_any(world, text).expiry, "%Y-%m-%d %H:%M:%S UTC")


def check_entry_page(world: World, session: ks.Ks) -> AdmittedUser:
    """The participant, if a valid session opens the page of its entry; raises PageRefused."""
    privileges = session.privileges
    for name in REQUIRED:
        if not privileges.get(name, "").strip():
            raise PageRefused("missing", field=name)
    if session.user != privileges["userId"]:
        raise PageRefused("user-mismatch", field="userId")
    entry = _entry_in_channels(world, session, privileges["entryId"])
    return AdmittedUser(
        partner=session.partner,
        entry=entry,
        user_id=session.user,
        name=name_of(privileges),
        email=privileges.get("email", ""),
        role=role_of(privileges),
        kaf_role=privileges["role"],
    )


def check_room_page(world: World, session: ks.Ks) -> AdmittedUser:
    """The participant, if a valid session opens the page of its room; raises PageRefused."""
    participant = check_entry_page(world, session)
    if not participant.is_in_room:
        raise PageRefused("not-a-room", seen=participant.entry["id"])
    return participant


def _entry_in_channels(world: World, session: ks.Ks, entry_id: str) -> Data:
    partner = session.partner
    entry = world.store.get(partner, "entry", entry_id)
    if entry is None or is_deleted(entry):
        raise PageRefused("entry-missing", seen=entry_id)
    if not entry_access.may_see(internal(world, partner, session), entry):
        raise PageRefused("entry-missing", seen=entry_id)
    if not is_in_channels(world, partner, entry_id):
        raise PageRefused("entry-outside", seen=entry_id)
    return entry


def is_in_channels(world: World, partner: int, entry_id: str) -> bool:
    """Whether an entry is in a category below ``ROOT>site>channels``, as these pages require."""
    return any(_BELOW_CHANNELS.match(name) for name in _category_names(world, partner, entry_id))


def _category_names(world: World, partner: int, entry_id: str) -> list[str]:
    """The full names of the categories in which the entry is."""
    store = world.store
    links = [
        link
        for link in store.where(partner, category_entries.KIND, entry_id)
        if link["status"] == category_entries.ACTIVE
    ]
    found = (store.get(partner, "category", link["categoryId"]) for link in links)
    return [
        str(category["fullName"])
        for category in found
        if category and category["status"] != categories.DELETED
    ]


def name_of(privileges: dict[str, str]) -> str:
    """The display name: first and last name, or the user id."""
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
