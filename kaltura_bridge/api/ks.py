"""Mints every Kaltura Session (KS): the signed text by which Kaltura knows who acts, and how far.

A KS is minted for one use, lives minutes, and is never stored, cached or logged. It is
signed here, on a plain AES, so that the web process never loads the Kaltura client and
a click to join asks Kaltura nothing.

Two traps decide how privileges are made. A comma in a value starts a new privilege;
and the server looks for what it wants as a piece of the joined text, so a first name
``edit:*`` would grant editing (verifyPrivileges in
alpha/apps/kaltura/lib/webservices/kSessionUtils.class.php of kaltura/server; seen at a
running server, 22.19). Hence privileges are typed values, each name has its own rule, and
only display names, cleaned first, may hold what a person has typed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from Crypto.Cipher import AES
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from kaltura_bridge.api.display_names import FLAG_WORDS, clean_display

RANDOM_SIZE: Final = 16
# The server says "expired" from `_e` on; its clock and ours may differ by this much.
CLOCK_SKEW_S: Final = 60


class KsType(IntEnum):
    """Whose power the KS carries."""

    USER = 0
    ADMIN = 2


class KafRole(StrEnum):
    """What someone may do across KAF: its pages, its media."""

    VIEWER = "viewerRole"
    ADMIN = "adminRole"


class ContextualRole(IntEnum):
    """What someone may do in one room or gallery (Kaltura's CategoryUserPermissionLevel)."""

    MANAGER = 0
    MODERATOR = 1
    MEMBER = 3


class Name(StrEnum):
    """The privileges this portal gives. No others can be minted."""

    ACTIONS_LIMIT = "actionslimit"
    API = "api"
    APP_DOMAIN = "appdomain"
    APP_ID = "appid"
    CATEGORY_ID = "categoryId"
    CHANNEL_ID = "channelId"
    CHAT_MODERATOR = "chatModerator"
    CONTEXT_ID = "contextId"
    CONTEXTUAL_ROLE = "userContextualRole"
    DISABLE_ENTITLEMENT = "disableentitlement"
    DOWNLOAD = "download"
    EDIT = "edit"
    ENABLE_ENTITLEMENT = "enableentitlement"
    ENTRY_ID = "entryId"
    EVENT_ID = "eventId"
    FIRST_NAME = "firstName"
    LAST_NAME = "lastName"
    LIST = "list"
    LOCALE = "locale"
    PRIVACY_CONTEXT = "privacycontext"
    RESOURCE_ID = "resourceId"
    RESTRICT_LIVE_VIEW = "restrictexplicitliveview"
    ROLE = "role"
    ROOM_MODERATOR = "roomModerator"
    SESSION_KEY = "sessionkey"
    SET_ROLE = "setrole"
    SVIEW = "sview"
    URI_RESTRICT = "urirestrict"
    USER_ID = "userId"


class UnsafePrivilege(ValueError):
    """A value that must not enter a KS; the text names the privilege and what is wrong."""


class CannotMint(ImproperlyConfigured):
    """The settings hold nothing to sign a KS with; the text names what to set."""


# Kaltura's role of the Webcast Studio: it may change live entries and read the reports.
PRODUCER_ROLE: Final = "WEBCAST_PRODUCER_DEVICE_ROLE"
# A KS that controls a broadcast serves the requests of one click.
CONTROL_KS_S: Final = 60

_FLAG = r"[01]"
_NUMBER_ID = r"[0-9]{1,20}"
_ENTRY_ID = r"[0-9]_[a-z0-9]{1,30}"
_AN_ENTRY: Final = (_ENTRY_ID, "an entry id such as 1_a2b3c4d5")
_USER_ID = r"[A-Za-z0-9_.@-]{1,100}"
_ROLE = r"[A-Z][A-Z0-9_]{2,60}"
_NOTHING = r""
_DISPLAY = {Name.FIRST_NAME, Name.LAST_NAME}
_RULES: Final[Mapping[Name, tuple[str, str]]] = {
    Name.ACTIONS_LIMIT: (r"-1", "-1"),
    Name.API: (r"(?:[A-Za-z0-9_.~-]|%[0-9A-F]{2})+", "percent-encoded JSON"),
    Name.APP_DOMAIN: (r"[a-z0-9.-]{1,200}", "a host's name"),
    Name.APP_ID: (r"[a-z0-9-]{1,60}", "a name of small letters, digits and -"),
    Name.CATEGORY_ID: (_NUMBER_ID, "a category's number"),
    Name.CHANNEL_ID: (_NUMBER_ID, "a category's number"),
    Name.CHAT_MODERATOR: (_FLAG, "0 or 1"),
    Name.CONTEXT_ID: (r"[^,:*]{1,255}", "a category name without comma, colon or asterisk"),
    Name.CONTEXTUAL_ROLE: (r"[0-4]", "a number from 0 to 4"),
    Name.DISABLE_ENTITLEMENT: (_NOTHING, "nothing"),
    Name.DOWNLOAD: _AN_ENTRY,
    Name.EDIT: _AN_ENTRY,
    Name.ENABLE_ENTITLEMENT: (_NOTHING, "nothing"),
    Name.ENTRY_ID: _AN_ENTRY,
    Name.EVENT_ID: (_NUMBER_ID, "a schedule event's number"),
    Name.FIRST_NAME: (r"[^,:*]{1,200}", "a cleaned display name"),
    Name.LAST_NAME: (r"[^,:*]{1,200}", "a cleaned display name"),
    Name.LIST: _AN_ENTRY,
    Name.LOCALE: (r"[a-z]{2,3}(?:[_-][A-Za-z]{2,4})?", "a language such as en"),
    Name.PRIVACY_CONTEXT: (r"[A-Za-z0-9]{4,50}", "4 to 50 letters and digits"),
    # A room made as an entry is its own resource.
    Name.RESOURCE_ID: (rf"{_NUMBER_ID}|{_ENTRY_ID}", "a resource's number or a room's entry id"),
    # Only the form with an asterisk has any effect (LiveEntry.php of kaltura/server).
    Name.RESTRICT_LIVE_VIEW: (r"\*", "*"),
    Name.ROLE: ("|".join(KafRole), " or ".join(KafRole)),
    Name.ROOM_MODERATOR: (_FLAG, "0 or 1"),
    Name.SESSION_KEY: (_USER_ID, "at most 100 letters, digits and _ . @ -"),
    Name.SET_ROLE: (_ROLE, "a role's system name"),
    Name.SVIEW: _AN_ENTRY,
    Name.URI_RESTRICT: (
        r"(?:/[A-Za-z0-9._~-]+)*/api_v3/service/[a-z_]+/action/[A-Za-z]+",
        "the path of one call, such as /api_v3/service/livestream/action/get",
    ),
    Name.USER_ID: (_USER_ID, "at most 100 letters, digits and _ . @ -"),
}


@dataclass(frozen=True)
class Privilege:
    """One thing a KS grants or tells: a known name, and a value that fits its rule.

    Raises UnsafePrivilege for anything else, so that no instance can hold another
    privilege inside its value.
    """

    name: Name
    value: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, Name):
            raise UnsafePrivilege(f"{self.name!r} is no privilege this portal gives.")
        pattern, like = _RULES[self.name]
        if not re.fullmatch(pattern, self.value):
            raise UnsafePrivilege(f"{self.name} must be {like}, not {self.value!r}.")
        if self.name in _DISPLAY:
            if clean_display(self.value) != self.value:
                raise UnsafePrivilege(f"{self.name} is no cleaned display name: {self.value!r}.")
        elif not self.value.isprintable():
            raise UnsafePrivilege(f"{self.name} holds an invisible character: {self.value!r}.")
        elif FLAG_WORDS.search(self.value):
            raise UnsafePrivilege(f"{self.name} holds the name of a privilege: {self.value!r}.")


def mint(
    *,
    secret: str,
    partner_id: int,
    user_id: str,
    session_type: KsType,
    expiry_s: int,
    privileges: Iterable[Privilege] = (),
    now: float | None = None,
    random_bytes: bytes | None = None,
) -> str:
    """Sign a KS of format V2 that lives ``expiry_s`` seconds from ``now`` (unix seconds).

    ``random_bytes`` (16) is for tests; so is ``now``. Raises UnsafePrivilege when the
    user id is malformed, a privilege stands twice, or the lifetime is none.
    Source: alpha/apps/kaltura/lib/request/kSessionBase.class.php of kaltura/server.
    """
    _check_owner(user_id, expiry_s)
    fields = _named(privileges) | {
        "_e": str(int(time.time() if now is None else now) + expiry_s),
        "_t": str(int(session_type)),
        "_u": user_id,
    }
    salt = os.urandom(RANDOM_SIZE) if random_bytes is None else random_bytes
    if len(salt) != RANDOM_SIZE:
        raise ValueError(f"A KS needs {RANDOM_SIZE} random bytes, not {len(salt)}.")
    body = salt + urlencode(fields).encode()
    sealed = _encrypt(secret, _sha1(body) + body)
    return base64.urlsafe_b64encode(f"v2|{partner_id}|".encode() + sealed).decode()


def _check_owner(user_id: str, expiry_s: int) -> None:
    if not re.fullmatch(_USER_ID, user_id):
        raise UnsafePrivilege(f"A KS is for a user id of {_RULES[Name.USER_ID][1]}: {user_id!r}.")
    if expiry_s <= 0:
        raise UnsafePrivilege(f"A KS must live at least a second, not {expiry_s}.")


def _named(privileges: Iterable[Privilege]) -> dict[str, str]:
    """Privileges by name. Of two with one name the server takes the last, so neither goes."""
    fields: dict[str, str] = {}
    for privilege in privileges:
        if privilege.name in fields:
            raise UnsafePrivilege(f"{privilege.name} stands twice; the server would take the last.")
        fields[str(privilege.name)] = privilege.value
    return fields


def _sha1(data: bytes) -> bytes:
    # SHA1 is Kaltura's wire format, not our choice; the key is what protects.
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _encrypt(secret: str, plain: bytes) -> bytes:
    padded = plain + b"\0" * (-len(plain) % AES.block_size)
    key = _sha1(secret.encode())[:16]
    return AES.new(key, AES.MODE_CBC, iv=b"\0" * AES.block_size).encrypt(padded)


# --- The account --------------------------------------------------------------


@dataclass(frozen=True)
class Credentials:
    """What signs a KS. The secret stays out of every representation."""

    partner_id: int
    secret: str = field(repr=False)


def can_mint() -> bool:
    """Whether people can be let in: an application token alone cannot sign.

    With KALTURA_APP_TOKEN_ID and KALTURA_APP_TOKEN only, each KS would have to be
    asked of Kaltura (appToken.startSession). Syncing may do so; a click to join
    makes no call, so the join page says what is missing instead.
    """
    return bool(settings.KALTURA_PARTNER_ID and settings.KALTURA_ADMIN_SECRET)


def credentials() -> Credentials:
    """The account's number and signing secret. Raises CannotMint naming the setting."""
    if not settings.KALTURA_PARTNER_ID:
        raise CannotMint("KALTURA_PARTNER_ID is missing. It should be the account's number.")
    if not settings.KALTURA_ADMIN_SECRET:
        raise CannotMint(
            "KALTURA_ADMIN_SECRET is missing. KALTURA_APP_TOKEN_ID and KALTURA_APP_TOKEN are "
            "enough to sync, but only the administrator secret signs people into Kaltura's pages."
        )
    return Credentials(settings.KALTURA_PARTNER_ID, settings.KALTURA_ADMIN_SECRET)


def mint_here(
    user_id: str, session_type: KsType, lifetime_s: float, privileges: list[Privilege]
) -> str:
    """Mint with the settings' credentials, long enough even for a clock that runs ahead.

    For the functions below and those in ``broadcast_ks``, one for each flow; every KS is a row
    of ``ks_rows``. Raises CannotMint.
    """
    account = credentials()
    return mint(
        secret=account.secret,
        partner_id=account.partner_id,
        user_id=user_id,
        session_type=session_type,
        expiry_s=int(lifetime_s) + CLOCK_SKEW_S,
        privileges=privileges,
    )


# --- One function for each flow -----------------------------------------------


@dataclass(frozen=True)
class Visitor:
    """Who enters a KAF page, as the page will name them, and what they may do there."""

    user_id: str
    display_name: str
    role: KafRole = KafRole.VIEWER
    contextual_role: ContextualRole = ContextualRole.MEMBER
    chat_moderator: bool = False
    room_moderator: bool = False
    locale: str = "en"


def kaf_entry_ks(visitor: Visitor, entry_id: str) -> str:
    """For ``/hosted/index/view-entry``: a webcast, its recording, or a simulive."""
    return mint_here(
        visitor.user_id, KsType.USER, settings.KALTURA_KAF_KS_S, _kaf_privileges(visitor, entry_id)
    )


def kaf_room_ks(visitor: Visitor, entry_id: str) -> str:
    """For ``/embeddedrooms/index/view-room``: a room, with or without a moderator's powers."""
    privileges = [
        *_kaf_privileges(visitor, entry_id),
        Privilege(Name.CHAT_MODERATOR, str(int(visitor.chat_moderator))),
        Privilege(Name.ROOM_MODERATOR, str(int(visitor.room_moderator))),
    ]
    return mint_here(visitor.user_id, KsType.USER, settings.KALTURA_KAF_KS_S, privileges)


def kaf_launch_ks(visitor: Visitor, event_id: str) -> str:
    """For ``/virtualEvent/launch``: a room of the older form, by its scheduled event."""
    privileges = _launch_privileges(visitor, Privilege(Name.EVENT_ID, event_id))
    return mint_here(visitor.user_id, KsType.USER, settings.KALTURA_KAF_KS_S, privileges)


def kaf_prepare_ks(visitor: Visitor, resource_id: str) -> str:
    """The same by the room's resource, for whoever leads it: to prepare it before the event.

    Kaltura lets others in by it only while somebody who leads is inside.
    """
    privileges = _launch_privileges(visitor, Privilege(Name.RESOURCE_ID, resource_id))
    return mint_here(visitor.user_id, KsType.USER, settings.KALTURA_KAF_KS_S, privileges)


def _launch_privileges(visitor: Visitor, place: Privilege) -> list[Privilege]:
    first, last = split_display_name(visitor.display_name)
    return [
        Privilege(Name.ACTIONS_LIMIT, "-1"),
        place,
        Privilege(Name.ROLE, visitor.role),
        Privilege(Name.CONTEXTUAL_ROLE, str(int(visitor.contextual_role))),
        Privilege(Name.FIRST_NAME, first),
        *([Privilege(Name.LAST_NAME, last)] if last else []),
    ]


def newrow_ks(
    *,
    action: str,
    params: Mapping[str, str | int],
    resource_id: str = "",
    event_id: str = "",
    method: str = "GET",
) -> str:
    """For ``/newrowkaf/index/api``: one call to Newrow, all of it inside the KS.

    Answers are limited to the one resource (or room entry) or event; name exactly one.
    """
    if bool(resource_id) == bool(event_id):
        raise UnsafePrivilege("A Newrow call is about one resource or one event: name exactly one.")
    about = (
        Privilege(Name.RESOURCE_ID, resource_id)
        if resource_id
        else Privilege(Name.EVENT_ID, event_id)
    )
    call = json.dumps(
        {"method": method, "action": action, "params": dict(params)}, separators=(",", ":")
    )
    # Encoded so that no comma or colon remains; the KS encodes it once more, as KAF expects.
    # It is for KAF, and its user owns all that the portal makes: nothing of that is for the API.
    privileges = [
        Privilege(Name.ACTIONS_LIMIT, "-1"),
        about,
        Privilege(Name.ROLE, KafRole.VIEWER),
        Privilege(Name.API, quote(call, safe="")),
    ]
    return mint_here(
        settings.KALTURA_USER_ID, KsType.USER, settings.KALTURA_SERVER_KS_S, privileges
    )


def live_control_ks(entry_id: str) -> str:
    """For our own calls about one broadcast: go live, cut, its audience. It leaves no server.

    The role reaches all entries of the KS's user, so the user is one that owns nothing; what may
    be changed is the one entry of ``edit`` (seen at a running server, 22.19).
    """
    return mint_here(
        f"portal-live-{entry_id}",
        KsType.USER,
        CONTROL_KS_S,
        [Privilege(Name.SET_ROLE, PRODUCER_ROLE), Privilege(Name.EDIT, entry_id)],
    )


# Nobody with this id owns anything or has a role.
LOOKING: Final = "portal-support"
LOOK_KS_S: Final = 30
READ_ENTRY: Final = "/api_v3/service/baseentry/action/get"


def entry_look_ks(entry_id: str) -> str:
    """For one ``baseEntry.get`` of the web process; it is good for the path of that call only."""
    path = urlsplit(settings.KALTURA_SERVICE_URL.rstrip("/")).path + READ_ENTRY
    privileges = [Privilege(Name.SVIEW, entry_id), Privilege(Name.URI_RESTRICT, path)]
    return mint_here(LOOKING, KsType.USER, LOOK_KS_S, privileges)


def sync_admin_ks() -> str:
    """For our own API calls: all powers, past all entitlement, as the owner we create under."""
    return mint_here(
        settings.KALTURA_USER_ID,
        KsType.ADMIN,
        settings.KALTURA_SERVER_KS_S,
        [Privilege(Name.DISABLE_ENTITLEMENT)],
    )


def _kaf_privileges(visitor: Visitor, entry_id: str) -> list[Privilege]:
    """Who and what, for a KS that reaches a browser.

    ``actionslimit:-1`` makes the core API refuse it: without that, any viewer's KS
    could rename or delete a room.
    """
    first, last = split_display_name(visitor.display_name)
    return [
        Privilege(Name.ACTIONS_LIMIT, "-1"),
        Privilege(Name.USER_ID, visitor.user_id),
        Privilege(Name.ENTRY_ID, entry_id),
        Privilege(Name.ROLE, visitor.role),
        Privilege(Name.CONTEXTUAL_ROLE, str(int(visitor.contextual_role))),
        Privilege(Name.FIRST_NAME, first),
        *([Privilege(Name.LAST_NAME, last)] if last else []),
        Privilege(Name.LOCALE, visitor.locale),
    ]


def split_display_name(text: str) -> tuple[str, str]:
    """A person's name as KAF wants it, cleaned: what stands before the last space, and the rest.

    Someone without a name is a "Guest": an e-mail address would give them away.
    """
    first, _, last = clean_display(text).rpartition(" ")
    first, last = clean_display(first), clean_display(last)
    return (first, last) if first else (last or "Guest", "")
