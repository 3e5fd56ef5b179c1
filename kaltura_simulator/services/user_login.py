"""user: logging in with a password.

Kaltura's: api_v3/services/UserService.php
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace

from kaltura_simulator.api import ks
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.rules import users
from kaltura_simulator.services import session
from kaltura_simulator.state.store import Data

_KIND, _ROUNDS = "login", 1000


def _digest(password: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), _ROUNDS).hex()


def _find(call: Call, user_id: str) -> Data:
    found = users.find_active(call, user_id)
    if found is None or not users.is_user(found):
        raise ApiError("USER_NOT_FOUND")
    return found


def set_login(call: Call, user_id: str, login_id: str, password: str) -> None:
    """Set the login id and password of a user; a login id belongs to one user."""
    key = login_id.lower()
    login_row = call.get(_KIND, key)
    if login_row is not None and login_row["user"].lower() != user_id.lower():
        raise ApiError("LOGIN_ID_ALREADY_USED")
    salt = secrets.token_hex(8)
    call.put(_KIND, key, {"user": user_id, "salt": salt, "digest": _digest(password, salt)})


@action("user.enableLogin")
def enable_login(call: Call, userId: str, loginId: str, password: str | None) -> Data:
    """Allow a user to log in."""
    found = _find(call, userId)
    set_login(call, userId, loginId, password or secrets.token_urlsafe(9))
    email = found.get("email") or loginId
    return users.change(call, userId, loginEnabled=True, email=email)


@action("user.disableLogin")
def disable_login(call: Call, userId: str | None, loginId: str | None) -> Data:
    """Forbid a user to log in; not possible for administrators."""
    login_row = call.get(_KIND, (loginId or "").lower())
    if userId is None and login_row is None:
        raise ApiError("LOGIN_DATA_NOT_FOUND")
    found = _find(call, userId or str((login_row or {}).get("user")))
    if found["isAdmin"]:
        raise ApiError("CANNOT_DISABLE_LOGIN_FOR_ADMIN_USER")
    return users.change(call, found["id"], loginEnabled=False)


@action("user.getByLoginId")
def get_by_login(call: Call, loginId: str) -> Data:
    """The user of a login id."""
    login_row = call.get(_KIND, loginId.lower())
    if login_row is None:
        raise ApiError("LOGIN_DATA_NOT_FOUND")
    return _find(call, login_row["user"])


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
    """A session for a login id and its password: ADMIN for administrators, else USER."""
    partners = [partnerId] if partnerId else call.store.partners()
    for partner in partners:
        login_row = call.store.get(partner, _KIND, loginId.lower())
        if login_row is not None:
            return _session_for(call, partner, login_row, password, expiry, privileges)
    raise ApiError("USER_NOT_FOUND")


@action("user.login")
def login(
    call: Call, partnerId: int, userId: str, password: str, expiry: int, privileges: str
) -> str:
    """A session for a user id and its password."""
    for login_row in call.store.all(partnerId, _KIND):
        if login_row["user"].lower() == userId.lower():
            return _session_for(call, partnerId, login_row, password, expiry, privileges)
    raise ApiError("USER_NOT_FOUND")


def _session_for(
    call: Call, partner: int, login_row: Data, password: str, expiry: int, privileges: str
) -> str:
    row = users.find(replace(call, partner=partner), login_row["user"])
    if row is None or row["status"] == users.DELETED or not row["loginEnabled"]:
        raise ApiError("USER_NOT_FOUND")
    if not secrets.compare_digest(_digest(password, login_row["salt"]), login_row["digest"]):
        raise ApiError("USER_WRONG_PASSWORD")
    kind, until = (ks.ADMIN if row["isAdmin"] else ks.USER), call.clock.now() + expiry
    return session.mint(
        call, partner, user=row["id"], type=kind, expiry=until, privileges=privileges or ""
    )
