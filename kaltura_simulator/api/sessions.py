"""Kaltura Sessions of this simulator's accounts: opened, refused when dead, ended."""

from __future__ import annotations

from kaltura_simulator.api import ks
from kaltura_simulator.api.errors import ApiError, invalid_ks
from kaltura_simulator.state.store import Data, Store
from kaltura_simulator.state.world import World

_ENDED, _USES = "ended_ks", "ks_use"


# ------------------------------------------------------------------------ reading
def read_any(world: World, text: str) -> ks.Ks:
    """Open a session with its partner's secret, alive or not; raises KsRefused."""
    partner = ks.partner_of(text)
    if partner is None:
        raise ks.KsRefused(text)
    return ks.read(text, world.secrets(partner))


def read(world: World, text: str) -> ks.Ks:
    """Open a session that is neither expired nor ended.

    Raises KsRefused with Kaltura's word for the reason: EXPIRED, LOGOUT, or the
    text itself when no account here signed it.
    """
    session = read_any(world, text)
    if session.expiry <= world.clock.now():
        raise ks.KsRefused("EXPIRED")
    if world.store.get(session.partner, _ENDED, _ended_key(session)):
        raise ks.KsRefused("LOGOUT")
    return session


def open_for_call(world: World, text: str, uri: str, remote_addr: str) -> ks.Ks:
    """The session of an API call, alive and allowed from here. Raises Kaltura's refusal."""
    try:
        session = read(world, text)
    except ks.KsRefused as refused:
        raise invalid_ks(refused.reason) from refused
    _check_restrictions(session, uri, remote_addr)
    if "actionslimit" in session.privileges:
        _count_use(world, session)
    return session


def _check_restrictions(session: ks.Ks, uri: str, remote_addr: str) -> None:
    address = session.privileges.get("iprestrict")
    if address and address != remote_addr:
        raise invalid_ks("EXCEEDED_RESTRICTED_IP")
    paths = session.privileges.get("urirestrict")
    if paths and not any(_matches(path, uri) for path in paths.split("|")):
        raise invalid_ks("EXCEEDED_RESTRICTED_URI")


def _matches(path: str, uri: str) -> bool:
    return uri.startswith(path[:-1]) if path.endswith("*") else uri == path


def _count_use(world: World, session: ks.Ks) -> None:
    """Use up one of the calls that ``actionslimit`` allows."""
    text = session.privileges["actionslimit"]
    limit = int(text) if text.lstrip("-").isdecimal() else 0
    if limit <= 0:
        raise ApiError("INVALID_ACTIONS_LIMIT")
    store = world.store
    with store.transaction():
        used = (store.get(session.partner, _USES, session.text) or {"count": 0})["count"]
        if used >= limit:
            raise invalid_ks("EXCEEDED_ACTIONS_LIMIT")
        store.put(session.partner, _USES, session.text, {"count": used + 1})


# ------------------------------------------------------------------------- ending
def end(store: Store, session: ks.Ks) -> None:
    """End a session, and all that share its ``sessionid`` or came from its app token."""
    row: Data = {"expiry": session.expiry}
    store.put(session.partner, _ENDED, _ended_key(session), row)


def end_group(store: Store, partner: int, name: str) -> None:
    """End all sessions of a ``sessionid`` or an app token."""
    store.put(partner, _ENDED, f"id:{name}", {"token": name})


def revive_group(store: Store, partner: int, name: str) -> None:
    """Let the sessions of a ``sessionid`` or an app token live again."""
    store.delete(partner, _ENDED, f"id:{name}")


def _ended_key(session: ks.Ks) -> str:
    """Under which key an ended session is remembered."""
    group = session.privileges.get("sessionid") or session.privileges.get("apptoken")
    return f"id:{group}" if group else f"ks:{session.text}"
