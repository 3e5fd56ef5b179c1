"""Response profiles: results with fewer properties, and with related objects.

Kaltura's: api_v3/services/ResponseProfileService.php in https://github.com/kaltura/server.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kaltura_simulator.api import call as calls
from kaltura_simulator.api import lists, params, permissions, schema
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError, forbidden
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.state.store import Data

EXCLUDE = 2
#: How deep related profiles may be nested, and how long their pages may be.
MAX_NESTING, MAX_RELATED_PAGE = 2, 100
#: Kaltura's constructors of these set their type, whatever a profile leaves out.
_KNOW_THEIR_TYPE = ("KalturaLiveStreamEntry", "KalturaRoomEntry")


def applied(call: Call, result: Any, profile: Any) -> Any:
    """``result`` through a profile, sent whole or by name; an unknown name changes nothing."""
    chosen = _chosen(call, profile) if isinstance(profile, dict) else None
    check(chosen or {})
    return _through(call, result, chosen) if chosen and isinstance(result, dict) else result


def check(profile: Data, level: int = MAX_NESTING) -> None:
    """Refuse a profile that is nested too deep or has too long pages."""
    for inner in profile.get("relatedProfiles") or []:
        if not level:
            raise ApiError("RESPONSE_PROFILE_MAX_NESTING_LEVEL")
        if ((inner.get("pager") or {}).get("pageSize") or 0) > MAX_RELATED_PAGE:
            named = "KalturaFilterPager::pageSize"
            code = "PROPERTY_VALIDATION_MAX_VALUE"
            raise ApiError(code, PROP_NAME=named, MAX_VAL=MAX_RELATED_PAGE)
        check(inner, level - 1)


def _chosen(call: Call, profile: Data) -> Data | None:
    """The profile itself, or the stored one that a holder names."""
    if profile.get("objectType") != "KalturaResponseProfileHolder":
        return params.read_object(profile, "KalturaDetachedResponseProfile").values
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
    """The properties that the profile selects; without ``fields`` all of them."""
    fields = set(lists.split_commas(profile.get("fields") or ""))
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
    """The related objects: a list for each related profile, by the profile's name."""
    found: Data = {}
    for inner in profile.get("relatedProfiles") or []:
        wanted = _filter(item, inner)
        lister = _lister(wanted.object_type) if wanted else None
        if lister is not None:
            answer = _listed(call, lister, wanted, _object(inner.get("pager")))
            found[str(inner.get("name") or "")] = _through(call, answer, inner)
    return found


def _listed(
    call: Call, lister: schema.ActionSchema, wanted: SentObject | None, pager: SentObject | None
) -> Data:
    """The list that this caller gets from a service."""
    roles = permissions.roles_of_user(call.store, call.session)
    if not permissions.allows(lister, call.session, roles):
        raise forbidden(lister.label)
    handler = calls.handler_for(lister.service, lister.name)
    answer: Data = handler(call, filter=wanted, pager=pager) if handler else {}
    return answer


def _filter(item: Data, profile: Data) -> SentObject | None:
    """The related profile's filter, filled in from the object; None when a value is missing."""
    wanted = _object(profile.get("filter"))
    for mapping in profile.get("mappings") or []:
        value = item.get(mapping.get("parentProperty"))
        if wanted is None or (value is None and not mapping.get("allowNull")):
            return None
        wanted.values[str(mapping.get("filterProperty"))] = value
    return wanted


def _object(fields: Data | None) -> SentObject | None:
    if not fields:
        return None
    own = {name: value for name, value in fields.items() if name != "objectType"}
    return SentObject(str(fields.get("objectType")), own)


@lru_cache(maxsize=256)
def _lister(kind: str) -> schema.ActionSchema | None:
    """The ``list`` action that takes filters of this class, or of one above it."""
    for name in schema.lineage(kind):
        for service in schema.listed_by(name):
            if calls.handler_for(service, "list") is not None:
                return schema.action(service, "list")
    return None
