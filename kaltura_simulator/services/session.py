"""session: Kaltura Sessions for programs with a secret, and for widgets.

Kaltura's: api_v3/services/SessionService.php
"""

from __future__ import annotations

from typing import Any

from kaltura_simulator.api import ks, sessions
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError, forbidden
from kaltura_simulator.state.store import Data

DAY_S = 86400


def account(call: Call, partner: int) -> Data:
    """The row of an account; an unknown one is "blocked", as Kaltura says."""
    found = call.store.get(partner, "partner", partner)
    if found is None:
        raise ApiError("SERVICE_FORBIDDEN_CONTENT_BLOCKED")
    return found


def mint(call: Call, partner: int, **fields: Any) -> str:
    """A session signed with the account's admin secret, of any type. ``expiry`` is absolute."""
    secret = str(account(call, partner)["adminSecret"]).split(",")[0]
    return ks.mint(secret, partner, **fields)


@action("session.start")
def start(
    call: Call, secret: str, userId: str, type: int, partnerId: int, expiry: int, privileges: str
) -> str:
    """A session for the secret of its type; the admin secret is good for both types."""
    partner = int(partnerId or 0)
    if not partner:
        raise forbidden(call.action.label)
    row = account(call, partner)
    if secret not in _secrets_for(row, int(type or 0)):
        raise ApiError("START_SESSION_ERROR", PID=partner)
    until = call.clock.now() + int(expiry if expiry is not None else DAY_S)
    return mint(
        call,
        partner,
        user=userId or "",
        type=int(type or 0),
        expiry=until,
        privileges=privileges or "",
    )


def _secrets_for(row: Data, kind: int) -> list[str]:
    """The secrets for sessions of this type; there may be several, separated by commas."""
    found = str(row["adminSecret"]).split(",")
    return found if kind == ks.ADMIN else found + str(row["userSecret"]).split(",")


@action("session.startWidgetSession")
def start_widget_session(call: Call, widgetId: str, expiry: int) -> Data:
    """A session for anonymous viewers, who may only see what is public."""
    number = widgetId.removeprefix("_")
    partner = int(number) if number.isdecimal() and len(number) < 10 else 0
    if not widgetId.startswith("_") or call.store.get(partner, "partner", partner) is None:
        raise ApiError("INVALID_WIDGET_ID", WIDGET_ID=widgetId)
    until = call.clock.now() + int(expiry or DAY_S)
    text = mint(call, partner, user="0", expiry=until, privileges="view:*,widget:1")
    return {
        "objectType": "KalturaStartWidgetSessionResponse",
        "partnerId": partner,
        "ks": text,
        "userId": 0,
    }


@action("session.get")
def get(call: Call, session: str | None) -> Data:
    """The content of a session: of the given one, or of the caller's."""
    try:
        chosen = sessions.read(call.world, session) if session else call.session
    except ks.KsRefused as refused:
        raise ApiError("INTERNAL_SERVERL_ERROR") from refused
    if chosen is None:  # pragma: no cover - the permission check refuses it first
        raise ApiError("MISSING_KS")
    # Only in this reply numbers read from a session are texts.
    return info(chosen) | {"sessionType": str(chosen.type), "expiry": str(chosen.expiry)}


def info(session: ks.Ks) -> Data:
    """A session as KalturaSessionInfo; ``partnerId`` is a text in it."""
    return {
        "objectType": "KalturaSessionInfo",
        "sessionType": session.type,
        "partnerId": str(session.partner),
        "userId": session.user,
        "expiry": session.expiry,
        "privileges": session.privilege_text,
    }


@action("session.impersonate")
def impersonate(
    call: Call,
    secret: str,
    impersonatedPartnerId: int,
    userId: str,
    type: int,
    partnerId: int | None,
    expiry: int,
    privileges: str | None,
) -> str:
    """A session of another account; here only of one's own."""
    partner = int(partnerId or 0)
    row = call.store.get(partner, "partner", partner)
    if row is None or impersonatedPartnerId != partner or secret not in _secrets_for(row, type):
        raise ApiError("START_SESSION_ERROR", PID=partner)
    until = call.clock.now() + int(expiry)
    return mint(call, partner, user=userId, type=type, expiry=until, privileges=privileges or "")


@action("session.impersonateByKs")
def impersonate_by_ks(
    call: Call, session: str, type: int | None, expiry: int | None, privileges: str | None
) -> Data:
    """A session like another one, with changes."""
    try:
        old = sessions.read_any(call.world, session)
    except ks.KsRefused as refused:
        raise ApiError("START_SESSION_ERROR", PID=call.partner) from refused
    if old.partner != call.partner:
        raise ApiError("START_SESSION_ERROR", PID=call.partner)
    now = call.clock.now()
    seconds = old.expiry - now if expiry is None else expiry
    text = mint(
        call,
        old.partner,
        user=old.user,
        type=old.type if type is None else type,
        expiry=now + seconds,
        privileges=privileges or old.privileges,
    )
    # The reply contains the lifetime, not the time of expiry.
    return info(sessions.read_any(call.world, text)) | {"ks": text, "expiry": seconds}


@action("session.end")
def end(call: Call) -> None:
    """End the caller's session."""
    if call.session is not None:
        sessions.end(call.store, call.session)
