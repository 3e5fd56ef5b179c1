"""session: Kaltura Sessions for those who hold a secret, and for widgets."""

from __future__ import annotations

from typing import Any

from kaltura_bridge.simulator import ks
from kaltura_bridge.simulator.call import Call, action
from kaltura_bridge.simulator.errors import ApiError, forbidden
from kaltura_bridge.simulator.store import Data
from kaltura_bridge.simulator.world import ended_key

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
    fitting = str(known["adminSecret"]).split(",")
    if int(type or 0) != ks.ADMIN:
        fitting = fitting + str(known["userSecret"]).split(",")
    if secret not in fitting:
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
        asked = call.world.read_ks(session) if session else call.session
    except ks.KsRefused as refused:
        raise ApiError("INTERNAL_SERVERL_ERROR") from refused
    if asked is None:  # pragma: no cover - the permission check refuses it first
        raise ApiError("MISSING_KS")
    # Kaltura hands these two out as texts here, and only here.
    return info(asked) | {"sessionType": str(asked.type), "expiry": str(asked.expiry)}


def info(session: ks.Ks) -> Data:
    """A session as KalturaSessionInfo, without its text."""
    return {
        "objectType": "KalturaSessionInfo",
        "sessionType": session.type,
        "partnerId": session.partner,
        "userId": session.user,
        "expiry": session.expiry,
        "privileges": session.privilege_text,
    }


@action("session.end")
def end(call: Call) -> None:
    """This session is over at once."""
    if call.session is not None:
        call.put("ended_ks", ended_key(call.session), {"expiry": call.session.expiry})
