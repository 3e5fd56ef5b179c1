"""What all kinds of entry share: birth, tags, who may touch and see them, lists."""

from __future__ import annotations

import secrets
from typing import Any

from kaltura_bridge.simulator import constants, lists
from kaltura_bridge.simulator.call import Call
from kaltura_bridge.simulator.errors import ApiError, invalid_ks
from kaltura_bridge.simulator.given import Given
from kaltura_bridge.simulator.store import Data

READY, DELETED, NO_CONTENT = 2, 3, 7
AUTO_APPROVED, REMOVED = 6, 4
MEDIA, LIVE, ROOM = 1, 7, "room.room"
LIVE_CLASS, LIVE_ADMIN_CLASS = "KalturaLiveStreamEntry", "KalturaLiveStreamAdminEntry"
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
BROADCAST_SECRETS = (
    "primaryBroadcastingUrl",
    "secondaryBroadcastingUrl",
    "primarySecuredBroadcastingUrl",
    "secondarySecuredBroadcastingUrl",
    "primaryRtspBroadcastingUrl",
    "secondaryRtspBroadcastingUrl",
    "primarySrtBroadcastingUrl",
    "primarySrtStreamId",
    "secondarySrtBroadcastingUrl",
    "secondarySrtStreamId",
    "srtPass",
)
_RELATIVE_BELOW_S = 315_360_000
#: With one of these a USER session may list entries that are not its own.
_NAMES_ENTRIES = (
    "idEqual",
    "idIn",
    "referenceIdEqual",
    "referenceIdIn",
    "parentEntryIdEqual",
    "redirectFromEntryId",
)


# ------------------------------------------------------------------------ texts
def clean_tags(text: str) -> str:
    """Tags as entries keep them: trimmed, lower case, two bytes or more, each once."""
    found = (piece.strip() for piece in text.split(","))
    lower = ("".join(c.lower() if c.isascii() else c for c in tag) for tag in found)
    return ", ".join(dict.fromkeys(tag for tag in lower if len(tag.encode()) >= 2))


def clean_admin_tags(text: str) -> str:
    """Admin tags: trimmed, each once, joined without blanks."""
    return ",".join(dict.fromkeys(piece.strip() for piece in text.split(",") if piece.strip()))


def moment(value: int, now: int) -> int:
    """A ``time`` property: small numbers count from now."""
    return now + value if abs(value) < _RELATIVE_BELOW_S else value


def cleaned(sent: Data) -> Data:
    """Sent properties in the form in which an entry keeps them."""
    found = dict(sent)
    if isinstance(found.get("tags"), str):
        found["tags"] = clean_tags(found["tags"])
    if isinstance(found.get("adminTags"), str):
        found["adminTags"] = clean_admin_tags(found["adminTags"])
    return found


# ------------------------------------------------------------------------ birth
def check(sent: Given) -> None:
    """The rules for every entry, new or changed."""
    sent.length("referenceId", 2)


def new(call: Call, kind: str, type: int | str, status: int, sent: Data, key: str = "") -> Data:
    """Make an entry; ``key`` only where an account is provisioned with fixed ids."""
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
    row |= {k: v for k, v in cleaned(sent).items() if v is not None} | fixed
    return call.put("entry", key, row)


def random_word(length: int = 8) -> str:
    """A password for a stream."""
    return secrets.token_hex(length)[:length]


# ----------------------------------------------------------------------- access
def find(call: Call, key: str, *types: int | str) -> Data:
    """An entry that is there and of one of these types."""
    found = call.get("entry", key)
    if found is None or found["status"] == DELETED or (types and found["type"] not in types):
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
    check(sent)
    for name in IGNORED:
        sent.pop(name)
    sent.refuse_changed(row, STRICT)
    if "adminTags" in sent and not (call.is_admin or call.holds("editadmintags", "*")):
        raise ApiError("PROPERTY_VALIDATION_ADMIN_PROPERTY", PROP_NAME=sent.full("adminTags"))
    if not call.is_admin and not owns(call, row):
        sent.pop("entitledUsersEdit")
    changes = cleaned(sent.values) | {"updatedAt": call.clock.now()}
    return call.change("entry", row["id"], **changes)


def delete(call: Call, row: Data) -> None:
    """Delete an entry; its metadata goes with it, its places and events stay."""
    now = call.clock.now()
    fields = {"status": DELETED, "moderationStatus": REMOVED, "updatedAt": now}
    call.change("entry", row["id"], **fields)
    for record in call.all("metadata"):
        if record["objectId"] == row["id"]:
            call.store.delete(call.partner, "metadata", record["id"])


# ------------------------------------------------------------------------ views
def shown(call: Call, row: Data) -> Data:
    """An entry as this caller may read it."""
    if row["objectType"] != LIVE_CLASS:
        return row
    if call.is_admin:
        return row | {"objectType": LIVE_ADMIN_CLASS}
    hidden = ["streamPassword"]
    if not edits(call, row):
        hidden += BROADCAST_SECRETS
    return {name: value for name, value in row.items() if name not in hidden}


def listing(
    call: Call, asked: Given | None, pager: Given | None, response: str, *types: int | str
) -> Data:
    """A list of entries of these types (of any, when none is named)."""
    rows = [row for row in call.listed("entry") if not types or row["type"] in types]
    rows = [row for row in _with_default_status(rows, asked) if _may_list(call, row, asked)]
    found = lists.ordered(lists.chosen(rows, asked, _SPECIAL), asked, "-createdAt")
    page = lists.paged(found, pager, indexed=True)
    return lists.response(response, [shown(call, row) for row in page], len(found))


def _with_default_status(rows: list[Data], asked: Given | None) -> list[Data]:
    """Ready ones, unless the filter speaks of the status or names one entry."""
    if asked and any(n == "idEqual" or n.startswith("status") for n in asked.values):
        return rows
    return [row for row in rows if row["status"] == READY]


def _may_list(call: Call, row: Data, asked: Given | None) -> bool:
    if call.is_admin or call.holds("list", "*") or owns(call, row):
        return True
    return asked is not None and any(asked.get(name) for name in _NAMES_ENTRIES)


def _in_categories(row: Data, wanted: Any) -> bool:
    return bool(set(lists.pieces(wanted)) & set(lists.pieces(row.get("categoriesIds") or "")))


def _in_named_categories(row: Data, wanted: Any) -> bool:
    return bool(set(lists.pieces(wanted)) & set(lists.pieces(row.get("categories") or "")))


def _mentions(row: Data, wanted: Any) -> bool:
    text = " ".join(str(row.get(n) or "") for n in ("name", "description", "tags", "id"))
    return all(word.lower() in text.lower() for word in str(wanted).split())


def _root(row: Data, wanted: Any) -> bool:
    """An entry that is its own root has none, as far as filters go."""
    root = row.get("rootEntryId")
    return root != row["id"] and str(root) in lists.pieces(wanted)


_SPECIAL = {
    "categoriesIdsMatchOr": _in_categories,
    "categoryAncestorIdIn": _in_categories,
    "categoriesMatchOr": _in_named_categories,
    "freeText": _mentions,
    "rootEntryIdEqual": _root,
    "rootEntryIdIn": _root,
}
