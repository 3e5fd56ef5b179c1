"""user: people who sign in with a password of their own and get a session for it."""

from __future__ import annotations

import hashlib
import secrets

from kaltura_simulator.api import ks
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.rules import people
from kaltura_simulator.services import session
from kaltura_simulator.state.store import Data

_KIND, _ROUNDS = "login", 1000


def _digest(password: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), _ROUNDS).hex()


def _find(call: Call, user_id: str) -> Data:
    found = people.known(call, user_id)
    if found is None or not people.is_person(found):
        raise ApiError("USER_NOT_FOUND")
    return found


def allow(call: Call, user_id: str, login_id: str, password: str) -> None:
    """Let a person sign in with an address and a password; the address is one person's."""
    key = login_id.lower()
    held = call.get(_KIND, key)
    if held is not None and held["user"] != user_id:
        raise ApiError("LOGIN_ID_ALREADY_USED")
    salt = secrets.token_hex(8)
    call.put(_KIND, key, {"user": user_id, "salt": salt, "digest": _digest(password, salt)})


@action("user.enableLogin")
def enable_login(call: Call, userId: str, loginId: str, password: str | None) -> Data:
    """Let a person sign in."""
    found = _find(call, userId)
    allow(call, userId, loginId, password or secrets.token_urlsafe(9))
    email = found.get("email") or loginId
    return call.change("user", userId, loginEnabled=True, email=email)


@action("user.disableLogin")
def disable_login(call: Call, userId: str | None, loginId: str | None) -> Data:
    """Let a person sign in no more; administrators cannot be locked out."""
    held = call.get(_KIND, (loginId or "").lower())
    if userId is None and held is None:
        raise ApiError("LOGIN_DATA_NOT_FOUND")
    found = _find(call, userId or str((held or {}).get("user")))
    if found["isAdmin"]:
        raise ApiError("CANNOT_DISABLE_LOGIN_FOR_ADMIN_USER")
    return call.change("user", found["id"], loginEnabled=False)


@action("user.getByLoginId")
def get_by_login(call: Call, loginId: str) -> Data:
    """The person who signs in with an address."""
    held = call.get(_KIND, loginId.lower())
    if held is None:
        raise ApiError("LOGIN_DATA_NOT_FOUND")
    return _find(call, held["user"])


@action("user.loginByLoginId")
def login_by_login_id(
    call: Call,
    loginId: str,
    password: str,
    partnerId: int | None,
    expiry: int,
    privileges: str,
    otp: str | None,
) -> str:
    """A session for whoever knows the password: ADMIN for an administrator, else USER."""
    partners = [partnerId] if partnerId else call.store.partners()
    for partner in partners:
        held = call.store.get(partner, _KIND, loginId.lower())
        if held is not None:
            return _opened(call, partner, held, password, expiry, privileges)
    raise ApiError("USER_NOT_FOUND")


@action("user.login")
def login(
    call: Call, partnerId: int, userId: str, password: str, expiry: int, privileges: str
) -> str:
    """The same for a person who is known by an id."""
    for held in call.store.all(partnerId, _KIND):
        if held["user"] == userId:
            return _opened(call, partnerId, held, password, expiry, privileges)
    raise ApiError("USER_NOT_FOUND")


def _opened(
    call: Call, partner: int, held: Data, password: str, expiry: int, privileges: str
) -> str:
    row = call.store.get(partner, "user", held["user"])
    if row is None or row["status"] == people.DELETED or not row["loginEnabled"]:
        raise ApiError("USER_NOT_FOUND")
    if not secrets.compare_digest(_digest(password, held["salt"]), held["digest"]):
        raise ApiError("USER_WRONG_PASSWORD")
    kind, until = (ks.ADMIN if row["isAdmin"] else ks.USER), call.clock.now() + expiry
    return session.mint(
        call, partner, user=row["id"], type=kind, expiry=until, privileges=privileges or ""
    )
