"""The tree of categories: names, parents, and the figures that follow from what is inside."""

from __future__ import annotations

import unicodedata

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.rules import category_members, entitlement, privacy
from kaltura_simulator.state.store import Data

KIND = "category"
ACTIVE, DELETED = 2, 3
MAX_NAME_BYTES = 200
_FORBIDDEN = str.maketrans("<>,", "___")
#: The database fills these only when the row is read again: the reply to add lacks them.
AFTER_READING: Data = {"parentId": 0, "moderation": False, "owner": ""}


# ------------------------------------------------------------------------- finding
def find(call: Call, key: int) -> Data:
    """A category that is there, and that this caller may know of."""
    found = call.get(KIND, key)
    if found is None or found["status"] == DELETED or not entitlement.may_see_category(call, found):
        raise ApiError("CATEGORY_NOT_FOUND", ID=key)
    return found


def exists(call: Call, key: int) -> bool:
    """Whether there is such a category, for whomever."""
    found = call.get(KIND, key)
    return found is not None and found["status"] != DELETED


def by_full_name(call: Call, full_name: str) -> Data | None:
    """The category of a full name, whatever its case and accents; not a deleted one."""
    folded = _folded(full_name)
    rows = (row for row in call.all(KIND) if row["status"] != DELETED)
    return next((row for row in rows if _folded(row["fullName"]) == folded), None)


def subtree(call: Call, top: Data) -> list[Data]:
    """A category and everything below it, parents first."""
    below = f"{top['fullIds']}>"
    rows = [row for row in call.all(KIND) if str(row["fullIds"]).startswith(below)]
    present = [row for row in rows if row["status"] != DELETED]
    return [top, *sorted(present, key=lambda row: int(row["depth"]))]


def is_below(row: Data, top: Data) -> bool:
    """Whether a category lies somewhere below another one."""
    return str(row["fullIds"]).startswith(f"{top['fullIds']}>")


# --------------------------------------------------------------------------- names
def clean_name(name: str) -> str:
    """A name as Kaltura keeps it: trimmed, ``<``, ``>`` and ``,`` replaced."""
    return name.strip().translate(_FORBIDDEN)


def _folded(full_name: str) -> str:
    """Names clash whatever their case and accents."""
    plain = unicodedata.normalize("NFKD", full_name)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def refuse_duplicate(call: Call, full_name: str, own_id: int | None = None) -> None:
    """Refuse a full name that another category has."""
    found = by_full_name(call, full_name)
    if found is not None and found["id"] != own_id:
        raise ApiError("DUPLICATE_CATEGORY", CATEGORY=full_name)


# -------------------------------------------------------------------------- making
def new(call: Call, sent: Data) -> Data:
    """Make a category from its properties; the whole row, as it reads later."""
    parent = find(call, sent["parentId"]) if sent.get("parentId") else None
    name = clean_name(str(sent["name"]))
    full_name = f"{parent['fullName']}>{name}" if parent else name
    refuse_duplicate(call, full_name)
    key = call.store.next_id(KIND)
    now = call.clock.now()
    row = AFTER_READING | {
        "objectType": "KalturaCategory",
        "id": key,
        "partnerId": call.partner,
        "status": ACTIVE,
        "createdAt": now,
        "updatedAt": now,
        "appearInList": 1,
        "privacy": 1,
        "inheritanceType": 2,
        "userJoinPolicy": 3,
        "defaultPermissionLevel": 3,
        "contributionPolicy": 1,
        "isAggregationCategory": False,
        "aggregationCategories": "",
        "partnerSortValue": 0,
        "privacyContext": "",
        "privacyContexts": "",
        "entriesCount": 0,
        "directEntriesCount": 0,
        "directSubCategoriesCount": 0,
        "membersCount": 0,
        "pendingMembersCount": 0,
    }
    row |= {name: value for name, value in sent.items() if value is not None}
    row |= position(row | {"name": name}, parent)
    row |= privacy.inherited(call, row, parent)
    call.put(KIND, key, row)
    if parent:
        count_children(call, parent["id"])
    return category_members.ensure_owner(call, row)


def position(row: Data, parent: Data | None) -> Data:
    """What follows from a category's name and parent: depth, full name, ids from the root."""
    if parent is None:
        found = {"depth": 0, "fullName": row["name"], "fullIds": str(row["id"])}
    else:
        found = {
            "depth": parent["depth"] + 1,
            "fullName": f"{parent['fullName']}>{row['name']}",
            "fullIds": f"{parent['fullIds']}>{row['id']}",
        }
    return {"name": row["name"]} | found


# ------------------------------------------------------------------------- figures
def count_children(call: Call, key: int) -> None:
    """Count the categories right below one."""
    if call.get(KIND, key) is None:
        return
    rows = call.all(KIND)
    children = [row for row in rows if row["parentId"] == key and row["status"] != DELETED]
    call.change(KIND, key, directSubCategoriesCount=len(children))


def count_entries(call: Call, key: int) -> None:
    """Count the entries of a category and of all above it."""
    row = call.get(KIND, key)
    if row is None:
        return
    links = call.all("category_entry")
    path = ""
    for above in str(row["fullIds"]).split(">"):
        path = f"{path}>{above}" if path else above
        below = f"{path}>"
        direct = {link["entryId"] for link in links if link["categoryFullIds"] == path}
        deeper = {link["entryId"] for link in links if link["categoryFullIds"].startswith(below)}
        counts = {"directEntriesCount": len(direct), "entriesCount": len(direct | deeper)}
        call.change(KIND, above, **counts)
