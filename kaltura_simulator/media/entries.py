"""What all types of entries share: creation, tags, permission to edit, updates.

Kaltura's: api_v3/lib/KalturaEntryService.php in https://github.com/kaltura/server.
"""

from __future__ import annotations

import secrets

from kaltura_simulator import constants
from kaltura_simulator.api import features
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import entry_access
from kaltura_simulator.rules import category_entries, entry_types, tag_texts, users
from kaltura_simulator.rules.entry_types import is_deleted
from kaltura_simulator.state.store import Data

AUTO_APPROVED, REMOVED = 6, 4
#: Refused on update even when equal to what is stored.
ALWAYS_REFUSED = frozenset({"status", "createdAt"})
#: Silently ignored on update.
IGNORED = frozenset(
    {
        "type",
        "streamName",
        "primaryBroadcastingUrl",
        "secondaryBroadcastingUrl",
        "primarySecuredBroadcastingUrl",
        "secondarySecuredBroadcastingUrl",
        "primaryRtspBroadcastingUrl",
        "secondaryRtspBroadcastingUrl",
    }
)
#: Silently ignored on accounts without the feature.
_BY_FEATURE = {"pushPublishEnabled": features.PUSH_PUBLISH}
_EMPTY_WHEN_UNSET = frozenset({"name", "description", "tags", "adminTags"})
#: Values of ``displayInSearch`` that cannot be set.
_DISPLAY_REFUSED = frozenset({0, 2})
_RELATIVE_BELOW_S = 315_360_000


# ------------------------------------------------------------------ stored values
def clean_tags(text: str) -> str:
    """Tags as Kaltura stores them: trimmed, lower case, 2 to 100 bytes, each once.

    A longer one is cut, between two characters (seen at a running server, 22.19).
    """
    lower = (_lower(tag) for tag in tag_texts.cut(text))
    return ", ".join(dict.fromkeys(tag for tag in lower if len(tag.encode()) >= 2))


def clean_admin_tags(text: str) -> str:
    """Admin tags as Kaltura stores them: trimmed, lower case, each once, joined without spaces."""
    found = (_lower(piece.strip()) for piece in text.split(","))
    return ",".join(dict.fromkeys(tag for tag in found if tag))


def _lower(text: str) -> str:
    """Lower case as the server computes it: of ASCII letters only."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def absolute_time(value: int, now: int) -> int:
    """The time of a ``time`` property: small numbers are relative to now."""
    return now + value if abs(value) < _RELATIVE_BELOW_S else value


def as_stored(sent: Data, now: int) -> Data:
    """Sent properties as an entry stores them; texts that are unset become empty."""
    found = dict(sent)
    for name in _EMPTY_WHEN_UNSET & found.keys():
        found[name] = "" if found[name] is None else found[name]
    for name in {"startDate", "endDate"} & found.keys():
        found[name] = None if found[name] is None else absolute_time(found[name], now)
    # An enumeration cannot be unset: null leaves it as it was.
    if found.get("displayInSearch", 1) is None:
        del found["displayInSearch"]
    if isinstance(found.get("tags"), str):
        found["tags"] = clean_tags(found["tags"])
    if isinstance(found.get("adminTags"), str):
        found["adminTags"] = clean_admin_tags(found["adminTags"])
    return found


# --------------------------------------------------------------------- creation
def check(call: Call, sent: SentObject) -> None:
    """The rules for every new or changed entry."""
    profile = sent.get("accessControlId")
    if profile is not None and call.get("access_control", profile) is None:
        raise ApiError("ACCESS_CONTROL_ID_NOT_FOUND", ID=profile)
    for name, feature in _BY_FEATURE.items():
        if name in sent and not features.has(call, feature):
            sent.pop(name)
    sent.check_length("referenceId", 2)
    display = sent.get("displayInSearch")
    if display in _DISPLAY_REFUSED:
        code = "ENTRY_DISPLAY_IN_SEARCH_VALUE_NOT_ALLOWED"
        raise ApiError(code, DISPLAY_IN_SEARCH_NEW_VALUE=display)
    parent = sent.get("parentEntryId")
    if parent and call.get("entry", parent) is None:
        raise ApiError("INTERNAL_SERVERL_ERROR")


def new(call: Call, kind: str, type: int | str, status: int, sent: Data, key: str = "") -> Data:
    """Create an entry; ``key`` only where an account is provisioned with fixed ids."""
    sent = dict(sent)
    category_ids = category_entries.pop_fields(call, sent)
    key = key or call.store.entry_id()
    now = call.clock.now()
    base = f"{call.host_url}/p/{call.partner}"
    row: Data = {
        "objectType": kind,
        "id": key,
        "type": type,
        "status": status,
        "name": "",
        "description": "",
        "partnerId": call.partner,
        "userId": call.user,
        "creatorId": sent.get("userId") or call.user,
        "tags": "",
        "categories": "",
        "categoriesIds": "",
        "moderationStatus": AUTO_APPROVED,
        "moderationCount": 0,
        "createdAt": now,
        "updatedAt": now,
        "rank": 0,
        "totalRank": 0,
        "votes": 0,
        "downloadUrl": f"{base}/raw/entry_id/{key}/version/0",
        "searchText": f"_PAR_ONLY_ _{call.partner}_ {sent.get('name') or ''}",
        "licenseType": -1,
        "version": 0,
        "thumbnailUrl": f"{base}/thumbnail/entry_id/{key}/version/0",
        "accessControlId": constants.ACCESS_CONTROL_DEFAULT,
        "replacementStatus": 0,
        "partnerSortValue": 0,
        "rootEntryId": key,
        "operationAttributes": [],
        "entitledUsersEdit": "",
        "entitledUsersPublish": "",
        "entitledUsersView": "",
        "capabilities": "",
        "displayInSearch": 1,
        "blockAutoTranscript": False,
    }
    fixed = {"objectType": kind, "type": type, "status": status}
    row |= {k: v for k, v in as_stored(sent, now).items() if v is not None} | fixed
    _check_dates(row)
    users.ensure_exists(call, str(row["userId"]))
    call.put("entry", key, row)
    if category_ids is not None:
        category_entries.set_categories(call, key, category_ids)
    return find(call, key)


def random_word(length: int = 8) -> str:
    """A random password or token."""
    return secrets.token_hex(length)[:length]


# ----------------------------------------------------------------------- access
def find(call: Call, key: str, *types: int | str) -> Data:
    """An entry of one of these types (of any, when none is named) that the caller may see."""
    found = call.get("entry", key)
    if found is None or is_deleted(found) or (types and found["type"] not in types):
        raise ApiError("ENTRY_ID_NOT_FOUND", ENTRY_ID=key)
    if not entry_access.may_see(call, found):
        raise ApiError("ENTRY_ID_NOT_FOUND", ENTRY_ID=key)
    return found


def update(call: Call, row: Data, sent: SentObject) -> Data:
    """Change some of an entry's properties."""
    check(call, sent)
    category_ids = category_entries.pop_fields(call, sent.values)
    for name in IGNORED:
        sent.pop(name)
    sent.refuse_read_only_changes(row, ALWAYS_REFUSED)
    if "adminTags" in sent and not (call.is_admin or call.holds("editadmintags", "*")):
        raise ApiError("PROPERTY_VALIDATION_ADMIN_PROPERTY", PROP_NAME="adminTags")
    entry_access.refuse_new_owners(call, row, sent)
    now = call.clock.now()
    changes = as_stored(sent.values, now) | {"updatedAt": now}
    _check_dates(row | changes)
    if _loses_changes(row):
        return row | changes
    call.change("entry", row["id"], **changes)
    if category_ids is not None:
        category_entries.set_categories(call, row["id"], category_ids)
    return find(call, row["id"])


def _loses_changes(row: Data) -> bool:
    """Whether changes are answered as if they were made, and lost.

    Seen at a running server (22.19), once a ``referenceId`` has letters beyond ASCII. The
    server writes only if the MD5 of ``custom_data`` in the database is still that of what
    it read (``custom_data_md5`` in alpha/lib/model/om/Baseentry.php); computed in a
    character set without these letters, the two never agree.
    """
    return not str(row.get("referenceId") or "").isascii()


def _check_dates(row: Data) -> None:
    """An entry's publication may not end before it starts."""
    start, end = row.get("startDate"), row.get("endDate")
    if start is not None and end is not None and end < start:
        raise ApiError("INVALID_ENTRY_SCHEDULE_DATES")


def clone(call: Call, row: Data) -> Data:
    """Copy an entry; it keeps its owner, and leaves its recording and its categories behind."""
    left = ("recordedEntryId", "redirectEntryId", "replacingEntryId", "replacementStatus")
    kept = {name: v for name, v in row.items() if name not in left and not name.startswith("_")}
    key, now = call.store.entry_id(), call.clock.now()
    fresh: Data = {"id": key, "rootEntryId": key, "createdAt": now, "updatedAt": now}
    fresh |= {"categories": "", "categoriesIds": "", "replacementStatus": 0}
    return call.put("entry", key, kept | fresh)


def delete(call: Call, row: Data) -> None:
    """Delete an entry and its metadata; its category links and its events stay."""
    now = call.clock.now()
    fields = {"status": entry_types.DELETED, "moderationStatus": REMOVED, "updatedAt": now}
    call.change("entry", row["id"], **fields)
    for record in call.where("metadata", row["id"]):
        call.store.delete(call.partner, "metadata", record["id"])
