"""Kaltura Sessions (KS): creating and reading their texts.

Version 2 is AES-128-CBC with a zero IV over SHA1(body) + body; version 1 is a
Base64 text that starts with its own SHA1. Both contain partner, user, type, expiry
and privileges. Kaltura's: alpha/apps/kaltura/lib/webservices/kSessionBase.class.php in
https://github.com/kaltura/server.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import parse_qsl, quote_plus

from Crypto.Cipher import AES

USER, WIDGET, ADMIN = 0, 1, 2
_IV = bytes(16)
_V2 = b"v2|"


class KsRefused(Exception):
    """The text is not a valid Kaltura Session; ``reason`` is Kaltura's word for it."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Ks:
    """The content of a Kaltura Session. ``expiry`` is a Unix time in seconds."""

    partner: int
    user: str
    type: int
    expiry: int
    privileges: dict[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def is_admin(self) -> bool:
        """Whether this session has the type ADMIN."""
        return self.type == ADMIN

    @property
    def privilege_text(self) -> str:
        """The privileges joined again, ``name:value,name``; ``all`` reads ``*``."""
        pieces = (f"{name}:{value}" if value else name for name, value in self.privileges.items())
        return ",".join("*" if piece == "all:*" else piece for piece in pieces)

    def holds(self, name: str, wanted: str) -> bool:
        """Whether ``name:wanted`` or ``name:*`` is anywhere in the joined privileges.

        Kaltura compares by substring, so ``firstName:edit:*`` grants ``edit:*``; several
        ids in one privilege are separated by ``/``.
        """
        joined = self.privilege_text
        if wanted in self.privileges.get(name, "").split("/"):
            return True
        return f"{name}:{wanted}" in joined or f"{name}:*" in joined or joined == "*"


def parse_privileges(text: str) -> dict[str, str]:
    """``sview:0_a,enableentitlement`` by name; a name given twice keeps its last value."""
    found: dict[str, str] = {}
    for piece in (raw.strip() for raw in text.split(",")):
        name, _, value = piece.partition(":")
        if piece == "*":
            found["all"] = "*"
        elif name:
            found[name] = value
    return found


def mint(
    secret: str,
    partner: int,
    *,
    user: str = "",
    type: int = USER,
    expiry: int,
    privileges: str | dict[str, str] = "",
    noise: bytes | None = None,
) -> str:
    """A new version 2 session, signed with the partner's admin secret. ``expiry`` is absolute."""
    by_name = parse_privileges(privileges) if isinstance(privileges, str) else privileges
    fields = [*by_name.items(), ("_e", str(expiry)), ("_t", str(type)), ("_u", user)]
    query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields)
    body = (noise or os.urandom(16)) + query.encode()
    plain = hashlib.sha1(body, usedforsecurity=False).digest() + body
    plain += bytes(-len(plain) % 16)
    encrypted = AES.new(_key(secret), AES.MODE_CBC, _IV).encrypt(plain)
    return base64.urlsafe_b64encode(f"v2|{partner}|".encode() + encrypted).decode()


def _key(secret: str) -> bytes:
    return hashlib.sha1(secret.encode(), usedforsecurity=False).digest()[:16]


def partner_of(text: str) -> int | None:
    """The partner that a session names, before anything is verified."""
    raw = _decoded(text)
    try:
        if raw.startswith(_V2):
            return int(raw.split(b"|", 2)[1])
        return int(raw.split(b"|", 1)[1].split(b";", 1)[0])
    except (ValueError, IndexError):
        return None


def _decoded(text: str) -> bytes:
    try:
        plain = text.replace("-", "+").replace("_", "/").encode("ascii")
        return base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except (ValueError, binascii.Error):
        return b""


def read(text: str, secrets: Iterable[str]) -> Ks:
    """Open a session with one of the partner's secrets; the expiry is not checked.

    Raises KsRefused when none of the secrets made it.
    """
    return _read(text, tuple(secrets))


@lru_cache(maxsize=4096)
def _read(text: str, secrets: tuple[str, ...]) -> Ks:
    raw = _decoded(text)
    open_version = _open_v2 if raw.startswith(_V2) else _open_v1
    for secret in secrets:
        found = open_version(raw, secret, text)
        if found is not None:
            return found
    raise KsRefused(text)


def _open_v2(raw: bytes, secret: str, text: str) -> Ks | None:
    try:
        _, partner, encrypted = raw.split(b"|", 2)
        plain = AES.new(_key(secret), AES.MODE_CBC, _IV).decrypt(encrypted).rstrip(b"\0")
        signature, body = plain[:20], plain[20:]
        wanted = hashlib.sha1(body, usedforsecurity=False).digest()
        if not hmac.compare_digest(signature, wanted):
            return None
        pairs = parse_qsl(body[16:].decode("utf-8"), keep_blank_values=True)
        return _from_fields(int(partner), dict(pairs), text)
    except (ValueError, UnicodeDecodeError):
        return None


def _from_fields(partner: int, fields: dict[str, str], text: str) -> Ks:
    privileges = {
        name.replace(".", "_").replace(" ", "_"): value
        for name, value in fields.items()
        if not name.startswith("_")
    }
    return Ks(
        partner,
        fields.get("_u", ""),
        int(fields.get("_t") or 0),
        int(fields.get("_e") or 0),
        privileges,
        text,
    )


def _open_v1(raw: bytes, secret: str, text: str) -> Ks | None:
    signature, bar, info = raw.partition(b"|")
    wanted = hashlib.sha1(secret.encode() + info, usedforsecurity=False).hexdigest()
    if not bar or not hmac.compare_digest(signature, wanted.encode()):
        return None
    try:
        parts = info.decode("utf-8").split(";")
        privileges = parse_privileges(parts[6]) if len(parts) > 6 else {}
        return Ks(int(parts[0]), parts[5], int(parts[3]), int(parts[2]), privileges, text)
    except (ValueError, IndexError):
        return None
