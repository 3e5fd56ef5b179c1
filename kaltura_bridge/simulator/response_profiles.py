"""Answers cut to the fields that a response profile names."""

from __future__ import annotations

from typing import Any

from kaltura_bridge.simulator import lists
from kaltura_bridge.simulator.call import Call
from kaltura_bridge.simulator.store import Data

EXCLUDE = "2"


def applied(call: Call, result: Any, profile: Any) -> Any:
    """``result`` through a profile, sent whole or named; one that nobody kept changes nothing."""
    chosen = _kept(call, profile) if isinstance(profile, dict) else None
    if not chosen or not isinstance(result, dict):
        return result
    fields = set(lists.pieces(chosen.get("fields") or ""))
    include = str(chosen.get("type", "1")) != EXCLUDE
    if not fields:
        return result
    if isinstance(result.get("objects"), list):
        return result | {"objects": [_cut(item, fields, include) for item in result["objects"]]}
    return _cut(result, fields, include)


def _kept(call: Call, profile: Data) -> Data | None:
    """The profile itself, or the one that a holder names."""
    if profile.get("objectType") != "KalturaResponseProfileHolder":
        return profile
    for row in call.all("response_profile"):
        named = str(profile.get("id")) == str(row["id"])
        if named or profile.get("systemName") == row["systemName"]:
            return row
    return None


def _cut(item: Any, fields: set[str], include: bool) -> Any:
    if not isinstance(item, dict):
        return item
    return {
        name: value
        for name, value in item.items()
        if name == "objectType" or (name in fields) == include
    }
