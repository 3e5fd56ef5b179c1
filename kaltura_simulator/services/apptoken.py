"""appToken: sessions for programs that have a token instead of the secret.

Kaltura's: api_v3/services/AppTokenService.php
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from kaltura_simulator.api import ks, lists, sessions
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError, forbidden
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.services import session
from kaltura_simulator.state.store import Data, Store

DISABLED, ACTIVE, DELETED = 1, 2, 3
DAY_S = 86400
#: Privileges that the server interprets; callers may not add them to those of a token.
SERVER_PRIVILEGES = frozenset(
    "edit sview list download downloadasset editplaylist sviewplaylist actionslimit setrole"
    " restrictingrole limitentry iprestrict urirestrict enableentitlement disableentitlement"
    " disableentitlementforentry disableentitlementforplaylist privacycontext"
    " enablecategorymoderation reftime sessionkey preview sessionid jobtype apptoken"
    " enablechangeaccount edituser enablecaptionmoderation editadmintags"
    " restrictexplicitliveview virtualeventid searchcontext disablesessiontypecheck".split()
)


def _token(call: Call, key: str) -> Data:
    found = call.get("app_token", key)
    if found is None or found["status"] == DELETED:
        raise ApiError("APP_TOKEN_ID_NOT_FOUND", ID=key)
    return found


@action("apptoken.add")
def add(call: Call, appToken: SentObject) -> Data:
    """Add a token; the reply contains its secret part."""
    appToken.refuse_read_only()
    key = f"0-{secrets.token_hex(4)}"
    now = call.clock.now()
    token = {
        "objectType": "KalturaAppToken",
        "id": key,
        "token": secrets.token_hex(16),
        "partnerId": call.partner,
        "createdAt": now,
        "updatedAt": now,
        "status": ACTIVE,
        "sessionDuration": DAY_S,
        "hashType": "SHA1",
    }
    sent = {name: value for name, value in appToken.values.items() if value is not None}
    return call.put("app_token", key, token | sent)


@action("apptoken.get")
def get(call: Call, id: str) -> Data:
    """One token."""
    return _token(call, id)


@action("apptoken.update")
def update(call: Call, id: str, appToken: SentObject) -> Data:
    """Change a token."""
    stored = _token(call, id)
    appToken.refuse_read_only_changes(stored)
    return call.change("app_token", id, **appToken.values, updatedAt=call.clock.now())


@action("apptoken.delete")
def delete(call: Call, id: str) -> None:
    """Delete a token; the sessions it started end with it."""
    _token(call, id)
    call.change("app_token", id, status=DELETED)
    sessions.end_group(call.store, call.partner, id)


def set_active(store: Store, partner: int, key: str, active: bool) -> None:
    """Enable or disable a token and its sessions, which the API cannot, but Kaltura's staff can."""
    with store.transaction():
        found = store.get(partner, "app_token", key)
        if found is None or found["status"] == DELETED:
            raise LookupError(f"there is no app token {key}")
        store.change(partner, "app_token", key, status=ACTIVE if active else DISABLED)
        if active:
            sessions.revive_group(store, partner, key)
        else:
            sessions.end_group(store, partner, key)


@action("apptoken.list")
def list_tokens(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The tokens that were not deleted."""
    rows = [row for row in call.all("app_token") if row["status"] != DELETED]
    found = lists.sorted_by(lists.filtered(rows, filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaAppTokenListResponse", page, len(found))


@action("apptoken.startSession")
def start_session(
    call: Call,
    id: str,
    tokenHash: str,
    userId: str | None,
    type: int | None,
    expiry: int | None,
    sessionPrivileges: str | None,
) -> Data:
    """A session for a token, proved by a hash of the present session and the token."""
    if call.session is None:
        raise forbidden(call.action.label)
    token = _token(call, id)
    now = call.clock.now()
    if token["status"] != ACTIVE:
        raise ApiError("APP_TOKEN_NOT_ACTIVE", ID=id)
    if token.get("expiry") and token["expiry"] <= now:
        raise ApiError("APP_TOKEN_EXPIRED", ID=id)
    _check_hash(token, call.session.text, tokenHash)
    privileges = _privileges(token, sessionPrivileges or "")
    text = session.mint(
        call,
        call.partner,
        user=token.get("sessionUserId") or userId or "",
        type=int(token.get("sessionType", type or ks.USER)),
        expiry=now + _duration(token, int(expiry or 0), now),
        privileges=privileges,
    )
    return session.info(sessions.read_any(call.world, text)) | {"ks": text}


def _check_hash(token: Data, current: str, proof: str) -> None:
    digest = hashlib.new(str(token["hashType"]).lower(), usedforsecurity=False)
    digest.update((current + token["token"]).encode())
    if not hmac.compare_digest(digest.hexdigest().encode(), proof.encode()):
        raise ApiError("INVALID_APP_TOKEN_HASH")


def _duration(token: Data, asked: int, now: int) -> int:
    """The shortest of the requested duration, the token's, and the time until it expires."""
    seconds = min(asked, token["sessionDuration"]) if asked else int(token["sessionDuration"])
    return min(seconds, token["expiry"] - now) if token.get("expiry") else seconds


def _privileges(token: Data, asked: str) -> dict[str, str]:
    """The token's privileges, and those requested ones that the server does not interpret."""
    own = ks.parse_privileges(str(token.get("sessionPrivileges") or ""))
    granted = {"sessionid": token["id"], "apptoken": token["id"]} | own
    for name, value in ks.parse_privileges(asked).items():
        if own.get(name) == "*" or (name not in own and name.lower() not in SERVER_PRIVILEGES):
            granted[name] = value
    return granted
