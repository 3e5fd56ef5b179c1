"""Opens the Kaltura Session that came with a call, and refuses the dead ones."""

from __future__ import annotations

from kaltura_simulator.api import ks
from kaltura_simulator.api.errors import ApiError, invalid_ks
from kaltura_simulator.world import World


def open_session(world: World, text: str, uri: str, remote_addr: str) -> ks.Ks:
    """The session, alive and allowed here. Raises the refusal Kaltura gives."""
    try:
        session = world.read_ks(text)
    except ks.KsRefused as refused:
        raise invalid_ks(refused.reason) from refused
    _check_place(session, uri, remote_addr)
    if "actionslimit" in session.privileges:
        _count(world, session)
    return session


def _check_place(session: ks.Ks, uri: str, remote_addr: str) -> None:
    address = session.privileges.get("iprestrict")
    if address and address != remote_addr:
        raise invalid_ks("EXCEEDED_RESTRICTED_IP")
    paths = session.privileges.get("urirestrict")
    if paths and not any(_fits(path, uri) for path in paths.split("|")):
        raise invalid_ks("EXCEEDED_RESTRICTED_URI")


def _fits(path: str, uri: str) -> bool:
    return uri.startswith(path[:-1]) if path.endswith("*") else uri == path


def _count(world: World, session: ks.Ks) -> None:
    """Use up one of the calls that ``actionslimit`` allows."""
    text = session.privileges["actionslimit"]
    limit = int(text) if text.lstrip("-").isdecimal() else 0
    if limit <= 0:
        raise ApiError("INVALID_ACTIONS_LIMIT")
    store = world.store
    with store.transaction():
        used = (store.get(session.partner, "ks_use", session.text) or {"count": 0})["count"]
        if used >= limit:
            raise invalid_ks("EXCEEDED_ACTIONS_LIMIT")
        store.put(session.partner, "ks_use", session.text, {"count": used + 1})
