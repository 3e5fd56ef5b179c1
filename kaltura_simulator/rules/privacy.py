"""Privacy of categories: a context switches it on; without one nothing may be restricted."""

from __future__ import annotations

import re

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.state.store import Data

MEMBERS_ONLY = 3
_CONTEXT = re.compile(r"^[a-zA-Z\d]{4,}$")
#: (property, default, word in the refusal; Kaltura's own spelling).
_CONTEXT_ONLY = (
    ("appearInList", 1, "APPEAR_IN_LIST"),
    ("privacy", 1, "PRIVACY"),
    ("inheritanceType", 2, "INHERITANCE_TYPE"),
    ("owner", "", "OWNER"),
    ("contributionPolicy", 1, "CONTIRUBUTION_POLICY"),
    ("defaultPermissionLevel", 3, "DEFAULT_PERMISSION_LEVEL"),
)
#: What falls back to its default when the context goes.
_FALLS_BACK = {"appearInList": 1, "privacy": 1, "contributionPolicy": 1}


def check(sent: Given, stored: Data, parent: Data | None) -> None:
    """A context of letters and digits; without one, own or inherited, only defaults."""
    context = sent.get("privacyContext")
    if context and not all(_CONTEXT.match(piece) for piece in lists.pieces(context)):
        raise ApiError("PRIVACY_CONTEXT_INVALID_STRING", CONTEXT=context)
    if context or stored.get("privacyContexts") or (parent and parent["privacyContexts"]):
        return
    for name, default, word in _CONTEXT_ONLY:
        if sent.get(name, default) not in (default, stored.get(name, default)):
            raise _without_context(name, word)


def refuse_join_policy(sent: Given) -> None:
    """The join policy wants a context too, though the property cannot be written at all."""
    if sent.get("userJoinPolicy") is not None:
        raise _without_context("userJoinPolicy", "USER_JOIN_POLICY")


def _without_context(name: str, word: str) -> ApiError:
    # Of the inheritance type Kaltura speaks without its last word.
    words = re.sub(r"([A-Z])", r" \1", name).lower().replace("inheritance type", "inheritance")
    text = f"Cannot set {words} field when privacy context is not set on the categroy"
    return ApiError(f"CANNOT_SET_{word}_FIELD_WITH_NO_PRIVACY_CONTEXT", text)


def inherited(call: Call, row: Data, parent: Data | None) -> Data:
    """The contexts a category stands under, and what follows from having some or none."""
    above = lists.pieces(parent["privacyContexts"]) if parent else []
    contexts = sorted({*above, *lists.pieces(row["privacyContext"] or "")})
    found: Data = {"privacyContexts": ",".join(contexts)}
    if contexts:
        # An owner is a member from the start.
        owned = {"owner": row.get("owner") or call.user}
        return found | owned | {"membersCount": max(1, row["membersCount"])}
    return found | (_FALLS_BACK if row.get("owner") else {})


def may_see(call: Call, row: Data) -> bool:
    """Whether a session that enforces entitlement may know of a category."""
    session = call.session
    if session is None or "enableentitlement" not in session.privileges:
        return True
    if row["privacy"] != MEMBERS_ONLY or not row["privacyContexts"]:
        return True
    member = call.get("category_user", f"{row['id']}:{call.user}") is not None
    return member or call.user == row.get("owner")
