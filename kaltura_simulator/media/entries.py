"""What all kinds of entry share: birth, tags, who may touch and see them, lists."""

from __future__ import annotations

import secrets

from kaltura_simulator import constants
from kaltura_simulator.api import features, lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError, invalid_ks
from kaltura_simulator.api.params import Given
from kaltura_simulator.rules import category_entries, entry_types, people
from kaltura_simulator.rules.entry_types import is_deleted
from kaltura_simulator.state.store import Data

AUTO_APPROVED, REMOVED = 6, 4
#: Refused on update even when equal to what is stored.
STRICT = frozenset({"status", "createdAt"})
#: Dropped on update when they differ, without a word.
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
#: Dropped without a word where the account lacks the feature.
_BY_FEATURE = {"pushPublishEnabled": features.PUSH_PUBLISH}
_EMPTY_WHEN_UNSET = frozenset({"name", "description", "tags", "adminTags"})
#: Not by hand: what the entry of another partner would carry.
DISPLAY_IN_SEARCH_RECYCLED = 2
_RELATIVE_BELOW_S = 315_360_000


# ------------------------------------------------------------------------ texts
def clean_tags(text: str) -> str:
    """Tags as entries keep them: trimmed, lower case, two bytes or more, each once."""
    found = (piece.strip() for piece in text.split(","))
    lower = (_lower(tag) for tag in found)
    return ", ".join(dict.fromkeys(tag for tag in lower if len(tag.encode()) >= 2))


def clean_admin_tags(text: str) -> str:
    """Admin tags: trimmed, lower case, each once, joined without blanks."""
    found = (_lower(piece.strip()) for piece in text.split(","))
    return ",".join(dict.fromkeys(tag for tag in found if tag))


def _lower(text: str) -> str:
    """Lower case as the server knows it: of ASCII letters only."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def moment(value: int, now: int) -> int:
    """A ``time`` property: small numbers count from now."""
    return now + value if abs(value) < _RELATIVE_BELOW_S else value


def cleaned(sent: Data, now: int) -> Data:
    """Sent properties in the form in which an entry keeps them; texts unset are empty."""
    found = dict(sent)
    for name in _EMPTY_WHEN_UNSET & found.keys():
        found[name] = "" if found[name] is None else found[name]
    for name in {"startDate", "endDate"} & found.keys():
        found[name] = None if found[name] is None else moment(found[name], now)
    # An enumeration cannot be unset: null leaves it as it was.
    if found.get("displayInSearch", 1) is None:
        del found["displayInSearch"]
    if isinstance(found.get("tags"), str):
        found["tags"] = clean_tags(found["tags"])
    if isinstance(found.get("adminTags"), str):
        found["adminTags"] = clean_admin_tags(found["adminTags"])
    return found


# ------------------------------------------------------------------------ birth
def check(call: Call, sent: Given) -> None:
    """The rules for every entry, new or changed."""
    profile = sent.get("accessControlId")
    if profile is not None and call.get("access_control", profile) is None:
        raise ApiError("ACCESS_CONTROL_ID_NOT_FOUND", ID=profile)
    for name, feature in _BY_FEATURE.items():
        if name in sent and not features.has(call, feature):
            sent.pop(name)
    sent.length("referenceId", 2)
    display = sent.get("displayInSearch")
    if display == DISPLAY_IN_SEARCH_RECYCLED:
        code = "ENTRY_DISPLAY_IN_SEARCH_VALUE_NOT_ALLOWED"
        raise ApiError(code, DISPLAY_IN_SEARCH_NEW_VALUE=display)


def new(call: Call, kind: str, type: int | str, status: int, sent: Data, key: str = "") -> Data:
    """Make an entry; ``key`` only where an account is provisioned with fixed ids."""
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
        "creatorId": call.user,
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
    row |= {k: v for k, v in cleaned(sent, now).items() if v is not None} | fixed
    _check_dates(row)
    people.remember(call, str(row["userId"]))
    call.put("entry", key, row)
    if category_ids is not None:
        category_entries.set_categories(call, key, category_ids)
    return find(call, key)


def random_word(length: int = 8) -> str:
    """A password for a stream."""
    return secrets.token_hex(length)[:length]


# ----------------------------------------------------------------------- access
def find(call: Call, key: str, *types: int | str) -> Data:
    """An entry that is there and of one of these types."""
    found = call.get("entry", key)
    if found is None or is_deleted(found) or (types and found["type"] not in types):
        raise ApiError("ENTRY_ID_NOT_FOUND", ENTRY_ID=key)
    return found


def owns(call: Call, row: Data) -> bool:
    """Whether the caller is the entry's owner or maker, whatever the case."""
    user = call.user.lower()
    return bool(user) and user in {str(row["userId"]).lower(), str(row["creatorId"]).lower()}


def edits(call: Call, row: Data) -> bool:
    """Whether the caller may change this entry."""
    if call.is_admin or owns(call, row) or call.holds("edit", row["id"]):
        return True
    co_editors = [user.lower() for user in lists.pieces(row.get("entitledUsersEdit") or "")]
    return bool(call.user) and call.user.lower() in co_editors


def refuse_strangers(call: Call, row: Data) -> None:
    """Kaltura calls a session that may not touch an entry a session of the wrong type."""
    if not edits(call, row):
        raise invalid_ks("", -4, "INVALID_TYPE")


def update(call: Call, row: Data, sent: Given) -> Data:
    """Change some of an entry's properties."""
    check(call, sent)
    category_ids = category_entries.pop_fields(call, sent.values)
    for name in IGNORED:
        sent.pop(name)
    sent.refuse_changed(row, STRICT)
    if "adminTags" in sent and not (call.is_admin or call.holds("editadmintags", "*")):
        raise ApiError("PROPERTY_VALIDATION_ADMIN_PROPERTY", PROP_NAME="adminTags")
    if not call.is_admin and not owns(call, row):
        sent.pop("entitledUsersEdit")
    now = call.clock.now()
    changes = cleaned(sent.values, now) | {"updatedAt": now}
    _check_dates(row | changes)
    if _sealed(row):
        return row | changes
    call.change("entry", row["id"], **changes)
    if category_ids is not None:
        category_entries.set_categories(call, row["id"], category_ids)
    return find(call, row["id"])


def _sealed(row: Data) -> bool:
    """Whether no change is kept any more, though each is answered as if it were.

    Before it writes, Kaltura compares a checksum of what it read; with letters beyond
    ASCII among the properties it keeps aside the two never agree.
    """
    return not str(row.get("referenceId") or "").isascii()


def _check_dates(row: Data) -> None:
    """An entry's own window of publication may not end before it starts."""
    start, end = row.get("startDate"), row.get("endDate")
    if start is not None and end is not None and end < start:
        raise ApiError("INVALID_ENTRY_SCHEDULE_DATES")


def delete(call: Call, row: Data) -> None:
    """Delete an entry; its metadata goes with it, its places and events stay."""
    now = call.clock.now()
    fields = {"status": entry_types.DELETED, "moderationStatus": REMOVED, "updatedAt": now}
    call.change("entry", row["id"], **fields)
    for record in call.where("metadata", row["id"]):
        call.store.delete(call.partner, "metadata", record["id"])
