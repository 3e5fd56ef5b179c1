"""Privacy of categories: settings that need a privacy context, and what follows from it.

Seen at a running server (22.19), with its spelling of the errors.
"""

from __future__ import annotations

import re

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.rules import category_members
from kaltura_simulator.state.store import Data

_CONTEXT = re.compile(r"^[a-zA-Z\d]{4,}$")
#: (property, default, word in the error code; Kaltura's own spelling).
_CONTEXT_ONLY = (
    ("appearInList", 1, "APPEAR_IN_LIST"),
    ("privacy", 1, "PRIVACY"),
    ("inheritanceType", 2, "INHERITANCE_TYPE"),
    ("owner", "", "OWNER"),
    ("contributionPolicy", 1, "CONTIRUBUTION_POLICY"),
    ("defaultPermissionLevel", 3, "DEFAULT_PERMISSION_LEVEL"),
)
#: What falls back to its default when the context is removed.
_FALLS_BACK = {"appearInList": 1, "privacy": 1, "contributionPolicy": 1}


def check(sent: SentObject, stored: Data, parent: Data | None) -> None:
    """Check the context (letters and digits); without one only default values are allowed."""
    context = sent.get("privacyContext")
    if context and not all(_CONTEXT.match(piece) for piece in lists.split_commas(context)):
        raise ApiError("PRIVACY_CONTEXT_INVALID_STRING", CONTEXT=context)
    if context or stored.get("privacyContexts") or (parent and parent["privacyContexts"]):
        return
    for name, default, word in _CONTEXT_ONLY:
        if sent.get(name, default) not in (default, stored.get(name, default)):
            raise _without_context(name, word)


def refuse_join_policy(sent: SentObject) -> None:
    """The join policy needs a context too, although it cannot be set at all."""
    if sent.get("userJoinPolicy") is not None:
        raise _without_context("userJoinPolicy", "USER_JOIN_POLICY")


def _without_context(name: str, word: str) -> ApiError:
    # Kaltura's message drops the last word of "inheritance type".
    words = re.sub(r"([A-Z])", r" \1", name).lower().replace("inheritance type", "inheritance")
    text = f"Cannot set {words} field when privacy context is not set on the categroy"
    return ApiError(f"CANNOT_SET_{word}_FIELD_WITH_NO_PRIVACY_CONTEXT", text)


def inherited(call: Call, row: Data, parent: Data | None) -> Data:
    """The contexts that apply to a category, and the properties that depend on them."""
    above = lists.split_commas(parent["privacyContexts"]) if parent else []
    contexts = sorted({*above, *lists.split_commas(row["privacyContext"] or "")})
    found: Data = {"privacyContexts": ",".join(contexts)}
    if parent and contexts and row.get("inheritanceType") == category_members.INHERIT:
        return found | category_members.inherited(call, parent)
    if contexts:
        return found | {"owner": row.get("owner") or call.user}
    return found | (_FALLS_BACK if row.get("owner") else {})
