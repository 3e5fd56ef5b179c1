"""session: Kaltura Sessions for those who hold a secret, and for widgets."""

from __future__ import annotations

from typing import Any

from kaltura_simulator.api import ks, sessions
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError, forbidden
from kaltura_simulator.state.store import Data

DAY_S = 86400


def account(call: Call, partner: int) -> Data:
    """The partner's secrets. An unknown one is blocked, as Kaltura words it."""
    found = call.store.get(partner, "partner", partner)
    if found is None:
        raise ApiError("SERVICE_FORBIDDEN_CONTENT_BLOCKED")
    return found


def mint(call: Call, partner: int, **fields: Any) -> str:
    """A session signed with the admin secret, whatever its type. ``expiry`` is absolute."""
    secret = str(account(call, partner)["adminSecret"]).split(",")[0]
    return ks.mint(secret, partner, **fields)


@action("session.start")
def start(
    call: Call, secret: str, userId: str, type: int, partnerId: int, expiry: int, privileges: str
) -> str:
    """A session for whoever knows the secret of its type; the admin secret opens both."""
    partner = int(partnerId or 0)
    if not partner:
        raise forbidden(call.action.label)
    known = account(call, partner)
    if secret not in _fitting(known, int(type or 0)):
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


def _fitting(known: Data, kind: int) -> list[str]:
    """The secrets that open a session of this type; a secret may hold several."""
    found = str(known["adminSecret"]).split(",")
    return found if kind == ks.ADMIN else found + str(known["userSecret"]).split(",")


@action("session.startWidgetSession")
def start_widget_session(call: Call, widgetId: str, expiry: int) -> Data:
    """A session for anonymous viewers: it may look at what is public and no more."""
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
    """What a session says: the one given, or the one that calls."""
    try:
        asked = sessions.read(call.world, session) if session else call.session
    except ks.KsRefused as refused:
        raise ApiError("INTERNAL_SERVERL_ERROR") from refused
    if asked is None:  # pragma: no cover - the permission check refuses it first
        raise ApiError("MISSING_KS")
    # What is read out of a session's text stays text here, and only here.
    return info(asked) | {"sessionType": str(asked.type), "expiry": str(asked.expiry)}


def info(session: ks.Ks) -> Data:
    """A session as KalturaSessionInfo, without its text; the partner's id is a text in it."""
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
    """A session of another account, for one that may: here each account may only be itself."""
    partner = int(partnerId or 0)
    known = call.store.get(partner, "partner", partner)
    if known is None or impersonatedPartnerId != partner or secret not in _fitting(known, type):
        raise ApiError("START_SESSION_ERROR", PID=partner)
    until = call.clock.now() + int(expiry)
    return mint(call, partner, user=userId, type=type, expiry=until, privileges=privileges or "")


@action("session.impersonateByKs")
def impersonate_by_ks(
    call: Call, session: str, type: int | None, expiry: int | None, privileges: str | None
) -> Data:
    """A session like the one given; what is named here takes the place of what it says."""
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
    # The answer says how long the session lives, not until when.
    return info(sessions.read_any(call.world, text)) | {"ks": text, "expiry": seconds}


@action("session.end")
def end(call: Call) -> None:
    """This session is over at once."""
    if call.session is not None:
        sessions.end(call.store, call.session)
