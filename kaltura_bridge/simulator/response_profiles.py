"""Answers cut to the fields that a response profile names, with what belongs to each object."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kaltura_bridge.simulator import call as calls
from kaltura_bridge.simulator import given, lists, schema
from kaltura_bridge.simulator.call import Call, Handler
from kaltura_bridge.simulator.given import Given
from kaltura_bridge.simulator.store import Data

EXCLUDE = 2
#: Kaltura's constructors of these set their type, whatever a profile leaves out.
_KNOW_THEIR_TYPE = ("KalturaLiveStreamEntry", "KalturaRoomEntry")


def applied(call: Call, result: Any, profile: Any) -> Any:
    """``result`` through a profile, sent whole or named; one that nobody kept changes nothing."""
    chosen = _chosen(call, profile) if isinstance(profile, dict) else None
    return _through(call, result, chosen) if chosen and isinstance(result, dict) else result


def _chosen(call: Call, profile: Data) -> Data | None:
    """The profile itself, or the one that a holder names."""
    if profile.get("objectType") != "KalturaResponseProfileHolder":
        return given.read_object(profile, "KalturaDetachedResponseProfile").values
    for row in call.all("response_profile"):
        named = str(profile.get("id")) == str(row["id"])
        if named or profile.get("systemName") == row["systemName"]:
            return row
    return None


def _through(call: Call, result: Data, profile: Data) -> Data:
    if isinstance(result.get("objects"), list):
        return result | {"objects": [_shown(call, item, profile) for item in result["objects"]]}
    return _shown(call, result, profile)


def _shown(call: Call, item: Data, profile: Data) -> Data:
    related = _related(call, item, profile)
    found = _cut(item, profile)
    return found | {"relatedObjects": related} if related else found


def _cut(item: Data, profile: Data) -> Data:
    """The properties that the profile shows; without a list of fields all of them."""
    fields = set(lists.pieces(profile.get("fields") or ""))
    if not fields:
        return item
    include = profile.get("type") != EXCLUDE
    always = {"objectType"}
    if any(schema.is_a(item.get("objectType", ""), kind) for kind in _KNOW_THEIR_TYPE):
        always.add("type")
    return {
        name: value for name, value in item.items() if name in always or (name in fields) == include
    }


def _related(call: Call, item: Data, profile: Data) -> Data:
    """What belongs to an object: a list for each related profile, by that profile's name."""
    found: Data = {}
    for inner in profile.get("relatedProfiles") or []:
        wanted = _filter(item, inner)
        lister = _lister(wanted.kind) if wanted else None
        if lister is not None:
            answer = lister(call, filter=wanted, pager=_object(inner.get("pager")))
            found[str(inner.get("name") or "")] = _through(call, answer, inner)
    return found


def _filter(item: Data, profile: Data) -> Given | None:
    """The related profile's filter, filled in from the object; None when nothing is to be asked."""
    wanted = _object(profile.get("filter"))
    for mapping in profile.get("mappings") or []:
        value = item.get(mapping.get("parentProperty"))
        if wanted is None or (value is None and not mapping.get("allowNull")):
            return None
        wanted.values[mapping.get("filterProperty")] = value
    return wanted


def _object(fields: Data | None) -> Given | None:
    if not fields:
        return None
    own = {name: value for name, value in fields.items() if name != "objectType"}
    return Given(str(fields.get("objectType")), own)


@lru_cache(maxsize=256)
def _lister(kind: str) -> Handler | None:
    """The action that lists by filters of this class, or by those it comes from."""
    for name in schema.lineage(kind):
        for service in schema.listed_by(name):
            handler = calls.handler_for(service, "list")
            if handler is not None:
                return handler
    return None
