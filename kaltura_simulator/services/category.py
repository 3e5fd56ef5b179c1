"""category: a tree of categories, unique by full name.

Kaltura's: api_v3/services/CategoryService.php
"""

from __future__ import annotations

from typing import Any

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.rules import (
    categories,
    category_entries,
    category_locks,
    category_members,
    entitlement,
    privacy,
)
from kaltura_simulator.rules.categories import AFTER_READING, DELETED
from kaltura_simulator.state.store import Data

PURGED = 4
LIST_WITHOUT_PAGER = 1500


@action("category.add")
def add(call: Call, category: SentObject) -> Data:
    """Add a category."""
    privacy.refuse_join_policy(category)
    category.refuse_read_only()
    category.require("name")
    if category.get("parentId"):
        category_locks.refuse_if_locked(call)
    _check(call, category, {})
    row = categories.new(call, category.values)
    return {k: v for k, v in row.items() if k not in AFTER_READING or v != AFTER_READING[k]}


def _check(call: Call, category: SentObject, stored: Data) -> None:
    """The rules for a new or changed category."""
    if "name" in category:
        category.require("name")
    category.check_length("name", 1, categories.MAX_NAME_BYTES)
    parent_id = category.get("parentId", stored.get("parentId"))
    if category.get("inheritanceType") == category_members.INHERIT and not parent_id:
        raise ApiError("CANNOT_INHERIT_MEMBERS_WHEN_PARENT_CATEGORY_IS_NOT_SET")
    parent = call.get("category", parent_id) if parent_id else None
    privacy.check(category, stored, parent)


@action("category.get")
def get(call: Call, id: int) -> Data:
    """One category."""
    category_locks.recount_due(call)
    return categories.find(call, id)


@action("category.update")
def update(call: Call, id: int, category: SentObject) -> Data:
    """Change a category; a new name or parent moves everything below it."""
    category_locks.refuse_if_locked(call)
    stored = categories.find(call, id)
    privacy.refuse_join_policy(category)
    category.refuse_read_only_changes(stored)
    _check(call, category, stored)
    sent = dict(category.values)
    if sent.get("parentId") and not categories.exists(call, sent["parentId"]):
        raise ApiError("PARENT_CATEGORY_NOT_FOUND", ID=sent["parentId"])
    if sent.get("name") is not None:
        sent["name"] = categories.clean_name(sent["name"])
    row = stored | sent | {"updatedAt": call.clock.now()}
    row["name"] = row["name"] if row["name"] is not None else stored["name"]
    _move_below(call, stored, row)
    return categories.find(call, id)


def _move_below(call: Call, stored: Data, row: Data) -> None:
    """Store a changed category, and its descendants if its position changed."""
    parent_id = row.get("parentId") or 0
    parent = categories.find(call, parent_id) if parent_id else None
    if parent and (parent["id"] == row["id"] or categories.is_below(parent, row)):
        raise ApiError(
            "PARENT_CATEGORY_IS_CHILD", PARENT_CATEGORY=parent_id, OTHER_CATEGORY=row["id"]
        )
    row = row | {"parentId": parent_id} | categories.position(row, parent)
    row |= privacy.inherited(call, row, parent)
    if row["fullName"] != stored["fullName"]:
        categories.refuse_duplicate(call, row["fullName"], row["id"])
    below = categories.subtree(call, stored)[1:]
    call.put("category", row["id"], row)
    category_members.ensure_owner(call, row)
    for child in below:
        above = categories.find(call, child["parentId"])
        call.change("category", child["id"], **categories.position(child, above))
    renamed = {row["id"], *(child["id"] for child in below)}
    category_entries.follow_categories(call, renamed)
    if row["fullName"] != stored["fullName"]:
        category_entries.renew_names_later(call, renamed)
    if stored["parentId"] != parent_id:
        if below:
            category_locks.lock(call)
        categories.count_children(call, stored["parentId"])
        categories.count_children(call, parent_id)


@action("category.move")
def move(call: Call, categoryIds: str, targetCategoryParentId: int) -> bool:
    """Move several categories to another parent."""
    category_locks.refuse_if_locked(call)
    rows = [
        categories.find(call, int(key))
        for key in lists.split_commas(categoryIds)
        if key.isdecimal()
    ]
    if len({row["parentId"] for row in rows}) > 1:
        raise ApiError("CANNOT_MOVE_CATEGORIES_FROM_DIFFERENT_PARENT_CATEGORIES")
    for row in rows:
        try:
            _move_below(call, row, row | {"parentId": targetCategoryParentId})
        except ApiError as refusal:
            # Kaltura fails internally in both cases; seen at a running server (22.19).
            if refusal.code in {"PARENT_CATEGORY_IS_CHILD", "DUPLICATE_CATEGORY"}:
                raise ApiError("INTERNAL_SERVERL_ERROR") from refusal
            raise
    return True


@action("category.delete")
def delete(call: Call, id: int, moveEntriesToParentCategory: bool | None) -> None:
    """Delete a whole subtree; by default its entries move up into the parent."""
    category_locks.refuse_if_locked(call)
    top = categories.find(call, id)
    keep = moveEntriesToParentCategory is not False
    deleted = categories.subtree(call, top)
    for row in deleted:
        call.change("category", row["id"], status=DELETED, updatedAt=call.clock.now())
        category_members.forget(call, row["id"])
    for row in deleted:
        for link in [r for r in call.all("category_entry") if r["categoryId"] == row["id"]]:
            call.store.delete(
                call.partner, category_entries.KIND, category_entries.key_of_link(link)
            )
            if keep and top["parentId"]:
                category_entries.move_up(call, link, top["parentId"])
            category_entries.write_back(call, row, link["entryId"])
    if top["parentId"]:
        categories.count_children(call, top["parentId"])
        category_locks.recount_later(call, top["parentId"])


def _within(row: Data, wanted: Any) -> bool:
    """Whether a category is below one of these."""
    return bool(set(lists.split_commas(wanted)) & set(str(row["fullIds"]).split(">")[:-1]))


def _starts(row: Data, wanted: Any) -> bool:
    start = str(wanted).lower()
    return any(str(row.get(n) or "").lower().startswith(start) for n in ("name", "referenceId"))


def _mentions(row: Data, wanted: Any) -> bool:
    return lists.contains_words(row, wanted, "name", "description", "tags", "referenceId")


def _under_or_inheriting(row: Data, wanted: Any) -> bool:
    keys = lists.split_commas(wanted)
    return str(row["id"]) in keys or str(row.get("inheritedParentId")) in keys


def _starts_with_any(row: Data, wanted: Any) -> bool:
    full_name = row["fullName"].lower()
    return any(full_name.startswith(piece.lower()) for piece in lists.split_commas(wanted))


def _of_members(call: Call) -> dict[str, lists.FilterRule]:
    """Rules about the members of a category and their permission level."""

    def has_member(row: Data, users: Any, manager: bool) -> bool:
        wanted = {user.lower() for user in lists.split_commas(users)}
        source = category_members.source_of(call, row)
        return any(
            member["userId"].lower() in wanted and member["status"] == category_members.ACTIVE
            for member in category_members.of_category(call, source["id"])
            if not manager or member["permissionLevel"] == category_members.MANAGER
        )

    return {
        "memberEqual": lambda row, user: has_member(row, user, False),
        "membersIn": lambda row, users: has_member(row, users, False),
        "managerEqual": lambda row, user: has_member(row, user, True),
    }


_FILTER_RULES = {
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
def list_categories(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The categories that match a filter; without a pager up to 1500."""
    category_locks.recount_due(call)
    listed = call.listed("category")
    rows = [
        row
        for row in listed
        if row["status"] != DELETED and entitlement.may_see_category(call, row)
    ]
    rules = _FILTER_RULES | _of_members(call)
    found = lists.sorted_by(lists.filtered(rows, filter, rules), filter)
    page = lists.page_of(found, pager, indexed=True, default_size=LIST_WITHOUT_PAGER)
    now = [_as_listed(row) for row in call.as_now("category", page)]
    return lists.list_response("KalturaCategoryListResponse", now, len(found))


def _as_listed(row: Data) -> Data:
    """A row of a list; one that was deleted since the index knew it is PURGED by then."""
    return row if row["status"] != DELETED else row | {"status": PURGED}
