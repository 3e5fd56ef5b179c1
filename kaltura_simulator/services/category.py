"""category: a tree of names, unique by full name."""

from __future__ import annotations

import unicodedata
from typing import Any

from kaltura_simulator.api import category_locks, lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.rules import privacy
from kaltura_simulator.state.store import Data

ACTIVE, DELETED = 2, 3
MANAGER, ACTIVE_MEMBER = 0, 1
INHERIT = 1
MAX_NAME_BYTES = 200
LIST_WITHOUT_PAGER = 1500
_FORBIDDEN = str.maketrans("<>,", "___")
#: The database fills these only when the row is read again: the reply to add lacks them.
_AFTER_READING: Data = {"parentId": 0, "moderation": False, "owner": ""}


def find(call: Call, key: int) -> Data:
    """A category that is there, and that this caller may know of."""
    found = call.get("category", key)
    if found is None or found["status"] == DELETED or not privacy.may_see(call, found):
        raise ApiError("CATEGORY_NOT_FOUND", ID=key)
    return found


def _missing(call: Call, key: int) -> bool:
    found = call.get("category", key)
    return found is None or found["status"] == DELETED


def lives(call: Call, key: int) -> bool:
    """Whether there is such a category."""
    return not _missing(call, key)


def by_full_name(call: Call, full_name: str) -> Data | None:
    """The living category of a full name, whatever its case and accents."""
    folded = _folded(full_name)
    rows = (row for row in call.all("category") if row["status"] != DELETED)
    return next((row for row in rows if _folded(row["fullName"]) == folded), None)


def clean_name(name: str) -> str:
    """A name as Kaltura keeps it: trimmed, ``<``, ``>`` and ``,`` replaced."""
    return name.strip().translate(_FORBIDDEN)


def _folded(full_name: str) -> str:
    """Names clash whatever their case and accents."""
    plain = unicodedata.normalize("NFKD", full_name)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def _refuse_duplicate(call: Call, full_name: str, own_id: int | None = None) -> None:
    found = by_full_name(call, full_name)
    if found is not None and found["id"] != own_id:
        raise ApiError("DUPLICATE_CATEGORY", CATEGORY=full_name)


def new(call: Call, sent: Data) -> Data:
    """Make a category from its properties; the whole row, as it reads later."""
    parent = find(call, sent["parentId"]) if sent.get("parentId") else None
    name = clean_name(str(sent["name"]))
    full_name = f"{parent['fullName']}>{name}" if parent else name
    _refuse_duplicate(call, full_name)
    key = call.store.next_id("category")
    now = call.clock.now()
    row = _AFTER_READING | {
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
    row |= _place(row | {"name": name}, parent)
    row |= privacy.inherited(call, row, parent)
    call.put("category", key, row)
    if parent:
        _count_children(call, parent["id"])
    return row


def _place(row: Data, parent: Data | None) -> Data:
    """Where a category stands: what follows from its parent and its name."""
    if parent is None:
        place = {"depth": 0, "fullName": row["name"], "fullIds": str(row["id"])}
    else:
        place = {
            "depth": parent["depth"] + 1,
            "fullName": f"{parent['fullName']}>{row['name']}",
            "fullIds": f"{parent['fullIds']}>{row['id']}",
        }
    return {"name": row["name"]} | place


def _count_children(call: Call, key: int) -> None:
    if call.get("category", key) is None:
        return
    children = [
        row for row in call.all("category") if row["parentId"] == key and row["status"] != DELETED
    ]
    call.change("category", key, directSubCategoriesCount=len(children))


def subtree(call: Call, top: Data) -> list[Data]:
    """A category and everything below it, parents first."""
    below = f"{top['fullIds']}>"
    rows = [r for r in call.all("category") if str(r["fullIds"]).startswith(below)]
    living = [row for row in rows if row["status"] != DELETED]
    return [top, *sorted(living, key=lambda row: int(row["depth"]))]


@action("category.add")
def add(call: Call, category: Given) -> Data:
    """A new category."""
    privacy.refuse_join_policy(category)
    category.refuse_read_only()
    category.need("name")
    if category.get("parentId"):
        category_locks.refuse(call)
    _check(call, category, {})
    row = new(call, category.values)
    return {k: v for k, v in row.items() if k not in _AFTER_READING or v != _AFTER_READING[k]}


def _check(call: Call, category: Given, stored: Data) -> None:
    """The rules that hold for a new category and for a changed one."""
    if "name" in category:
        category.need("name")
    category.length("name", 1, MAX_NAME_BYTES)
    parent_id = category.get("parentId", stored.get("parentId"))
    if category.get("inheritanceType") == INHERIT and not parent_id:
        raise ApiError("CANNOT_INHERIT_MEMBERS_WHEN_PARENT_CATEGORY_IS_NOT_SET")
    parent = call.get("category", parent_id) if parent_id else None
    privacy.check(category, stored, parent)


@action("category.get")
def get(call: Call, id: int) -> Data:
    """One category."""
    category_locks.catch_up(call, lambda key: count_entries(call, key))
    return find(call, id)


@action("category.update")
def update(call: Call, id: int, category: Given) -> Data:
    """Change some of a category's properties; a new name or parent moves what is below."""
    category_locks.refuse(call)
    stored = find(call, id)
    privacy.refuse_join_policy(category)
    category.refuse_changed(stored)
    _check(call, category, stored)
    sent = dict(category.values)
    if sent.get("parentId") and _missing(call, sent["parentId"]):
        raise ApiError("PARENT_CATEGORY_NOT_FOUND", ID=sent["parentId"])
    if sent.get("name") is not None:
        sent["name"] = clean_name(sent["name"])
    row = stored | sent | {"updatedAt": call.clock.now()}
    row["name"] = row["name"] if row["name"] is not None else stored["name"]
    _move_below(call, stored, row)
    return find(call, id)


def _move_below(call: Call, stored: Data, row: Data) -> None:
    """Write a changed category, and its descendants when its place changed."""
    parent_id = row.get("parentId") or 0
    parent = find(call, parent_id) if parent_id else None
    if parent and (parent["id"] == row["id"] or _is_below(parent, row)):
        raise ApiError(
            "PARENT_CATEGORY_IS_CHILD", PARENT_CATEGORY=parent_id, OTHER_CATEGORY=row["id"]
        )
    row = row | {"parentId": parent_id} | _place(row, parent)
    row |= privacy.inherited(call, row, parent)
    if row["fullName"] != stored["fullName"]:
        _refuse_duplicate(call, row["fullName"], row["id"])
    below = subtree(call, stored)[1:]
    call.put("category", row["id"], row)
    for child in below:
        above = find(call, child["parentId"])
        call.change("category", child["id"], **_place(child, above))
    _follow(call, {row["id"], *(child["id"] for child in below)})
    if stored["parentId"] != parent_id:
        if below:
            category_locks.take(call)
        _count_children(call, stored["parentId"])
        _count_children(call, parent_id)


def _follow(call: Call, moved: set[int]) -> None:
    """Tell the places of entries where their categories stand now."""
    for link in call.all("category_entry"):
        if link["categoryId"] in moved:
            place = {"categoryFullIds": find(call, link["categoryId"])["fullIds"]}
            call.put("category_entry", link_key(link), link | place)


def _is_below(row: Data, top: Data) -> bool:
    return str(row["fullIds"]).startswith(f"{top['fullIds']}>")


@action("category.move")
def move(call: Call, categoryIds: str, targetCategoryParentId: int) -> bool:
    """Put several categories under another parent."""
    category_locks.refuse(call)
    rows = [find(call, int(key)) for key in lists.pieces(categoryIds) if key.isdecimal()]
    if len({row["parentId"] for row in rows}) > 1:
        raise ApiError("CANNOT_MOVE_CATEGORIES_FROM_DIFFERENT_PARENT_CATEGORIES")
    for row in rows:
        try:
            _move_below(call, row, row | {"parentId": targetCategoryParentId})
        except ApiError as refusal:
            # Kaltura trips over both of these while the work is under way.
            if refusal.code in {"PARENT_CATEGORY_IS_CHILD", "DUPLICATE_CATEGORY"}:
                raise ApiError("INTERNAL_SERVERL_ERROR") from refusal
            raise
    return True


@action("category.delete")
def delete(call: Call, id: int, moveEntriesToParentCategory: bool | None) -> None:
    """Delete a whole subtree; by default its entries move up into the parent."""
    category_locks.refuse(call)
    top = find(call, id)
    keep = moveEntriesToParentCategory is not False
    for row in subtree(call, top):
        for link in [r for r in call.all("category_entry") if r["categoryId"] == row["id"]]:
            call.store.delete(call.partner, "category_entry", link_key(link))
            if keep and top["parentId"]:
                _move_up(call, link, top["parentId"])
        call.change("category", row["id"], status=DELETED, updatedAt=call.clock.now())
    if top["parentId"]:
        _count_children(call, top["parentId"])
        category_locks.later(call, top["parentId"], lambda key: count_entries(call, key))


def link_key(link: Data) -> str:
    """Under which name an entry's place in a category is kept."""
    return f"{link['categoryId']}:{link['entryId']}"


def _move_up(call: Call, link: Data, parent_id: int) -> None:
    moved = link | {"categoryId": parent_id, "categoryFullIds": find(call, parent_id)["fullIds"]}
    if call.get("category_entry", link_key(moved)) is None:
        call.put("category_entry", link_key(moved), moved)


def count_entries(call: Call, key: int) -> None:
    """Bring a category's figures, and those of all above it, in step with its entries."""
    row = call.get("category", key)
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
        call.change("category", above, **counts)


def _within(row: Data, wanted: Any) -> bool:
    """Whether a category lies below one of these."""
    return bool(set(lists.pieces(wanted)) & set(str(row["fullIds"]).split(">")[:-1]))


def _starts(row: Data, wanted: Any) -> bool:
    start = str(wanted).lower()
    return any(str(row.get(n) or "").lower().startswith(start) for n in ("name", "referenceId"))


def _mentions(row: Data, wanted: Any) -> bool:
    return lists.mentions(row, wanted, "name", "description", "tags", "referenceId")


def _under_or_inheriting(row: Data, wanted: Any) -> bool:
    keys = lists.pieces(wanted)
    return str(row["id"]) in keys or str(row.get("inheritedParentId")) in keys


def _starts_with_any(row: Data, wanted: Any) -> bool:
    full_name = row["fullName"].lower()
    return any(full_name.startswith(piece.lower()) for piece in lists.pieces(wanted))


def _of_members(call: Call) -> dict[str, lists.Rule]:
    """Rules that ask who belongs to a category, and in which part."""

    def held_by(row: Data, users: Any, manager: bool) -> bool:
        wanted = {user.lower() for user in lists.pieces(users)}
        # An owner manages the category without having been added.
        return str(row.get("owner") or "").lower() in wanted or any(
            member["userId"].lower() in wanted and member["status"] == ACTIVE_MEMBER
            for member in call.all("category_user")
            if member["categoryId"] == row["id"]
            and (not manager or member["permissionLevel"] == MANAGER)
        )

    return {
        "memberEqual": lambda row, user: held_by(row, user, False),
        "membersIn": lambda row, users: held_by(row, users, False),
        "managerEqual": lambda row, user: held_by(row, user, True),
    }


_SPECIAL = {
    "ancestorIdIn": _within,
    "idOrInheritedParentIdIn": _under_or_inheriting,
    "fullNameStartsWithIn": _starts_with_any,
    "referenceIdEmpty": lambda row, wanted: bool(wanted) != bool(row.get("referenceId")),
    "nameOrReferenceIdStartsWith": _starts,
    "freeText": _mentions,
    "fullNameEqual": lambda row, wanted: row["fullName"].lower() == str(wanted).lower(),
    "fullNameStartsWith": lambda row, wanted: (
        row["fullName"].lower().startswith(str(wanted).lower())
    ),
}


@action("category.list")
def list_categories(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The categories that a filter lets through; without pages up to 1500."""
    category_locks.catch_up(call, lambda key: count_entries(call, key))
    listed = call.listed("category")
    rows = [row for row in listed if row["status"] != DELETED and privacy.may_see(call, row)]
    rules = _SPECIAL | _of_members(call)
    found = lists.ordered(lists.chosen(rows, filter, rules), filter)
    page = lists.paged(found, pager, indexed=True, whole=LIST_WITHOUT_PAGER)
    return lists.response("KalturaCategoryListResponse", page, len(found))
