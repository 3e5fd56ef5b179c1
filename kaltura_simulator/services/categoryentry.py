"""categoryEntry: which entry stands in which category."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import entries
from kaltura_simulator.services import category
from kaltura_simulator.state.store import Data

ACTIVE, PENDING, REJECTED = 2, 1, 4
MAX_CATEGORIES = 32


@action("categoryentry.add")
def add(call: Call, categoryEntry: Given) -> Data:
    """Put an entry into a category."""
    categoryEntry.refuse_read_only()
    categoryEntry.need("categoryId", "entryId")
    entry_id = categoryEntry.get("entryId")
    entry = call.get("entry", entry_id)
    if entry is None or entry["status"] == entries.DELETED:
        raise ApiError("INVALID_ENTRY_ID", ID=entry_id)
    return _assign(call, category.find(call, categoryEntry.get("categoryId")), entry_id)


def _assign(call: Call, place: Data, entry_id: str) -> Data:
    link = {
        "objectType": "KalturaCategoryEntry",
        "categoryId": place["id"],
        "entryId": entry_id,
        "createdAt": call.clock.now(),
        "categoryFullIds": place["fullIds"],
        "status": PENDING if place.get("moderation") and not call.is_admin else ACTIVE,
        "creatorUserId": call.user,
    }
    _refuse_second(call, link)
    call.put("category_entry", category.link_key(link), link)
    _bring_in_step(call, place, entry_id, 1)
    return link


def _refuse_second(call: Call, link: Data) -> None:
    if call.get("category_entry", category.link_key(link)) is not None:
        raise ApiError("CATEGORY_ENTRY_ALREADY_EXISTS")
    if len(call.where("category_entry", link["entryId"])) >= MAX_CATEGORIES:
        raise ApiError("MAX_CATEGORIES_FOR_ENTRY_REACHED", CATEGORIES=MAX_CATEGORIES)


def _bring_in_step(call: Call, place: Data, entry_id: str, step: int) -> None:
    """The categories' figures, ``step`` up or down, and the entry's own list of categories."""
    _count(call, place, entry_id, step)
    links = call.where("category_entry", entry_id)
    rows = [call.get("category", link["categoryId"]) for link in links]
    known = [row for row in rows if row is not None]
    call.change(
        "entry",
        entry_id,
        categories=",".join(row["fullName"] for row in known),
        categoriesIds=",".join(str(row["id"]) for row in known),
    )


def _count(call: Call, place: Data, entry_id: str, step: int) -> None:
    """One entry more or less: in its category, and above where no other place holds it."""
    links = call.where("category_entry", entry_id)
    elsewhere = [f"{row['categoryFullIds']}>" for row in links if row["categoryId"] != place["id"]]
    path = ""
    for key in str(place["fullIds"]).split(">"):
        path += f"{key}>"
        row = call.get("category", key)
        if row is None:
            continue
        counts = {}
        if row["id"] == place["id"]:
            counts["directEntriesCount"] = row["directEntriesCount"] + step
        if not any(other.startswith(path) for other in elsewhere):
            counts["entriesCount"] = row["entriesCount"] + step
        call.change("category", key, **counts)


@action("categoryentry.delete")
def delete(call: Call, entryId: str, categoryId: int) -> None:
    """Take an entry out of a category."""
    place = category.find(call, categoryId)
    key = category.link_key({"categoryId": categoryId, "entryId": entryId})
    if call.get("category_entry", key) is None:
        raise ApiError("ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY")
    _remove(call, place, entryId)


def _remove(call: Call, place: Data, entry_id: str) -> None:
    key = category.link_key({"categoryId": place["id"], "entryId": entry_id})
    call.store.delete(call.partner, "category_entry", key)
    _bring_in_step(call, place, entry_id, -1)


def take_fields(call: Call, sent: Data) -> list[int] | None:
    """The categories an entry is to be in, by its properties of old; None when none was sent.

    Ids that nobody has are left out; names that nobody has are made. A session of a
    privacy context may not name categories on the entry itself.
    """
    names, ids = sent.pop("categories", None), sent.pop("categoriesIds", None)
    if names is None and ids is None:
        return None
    if call.session is not None and call.session.privileges.get("privacycontext"):
        raise ApiError("ENTRY_CATEGORY_FIELD_IS_DEPRECATED")
    if ids is None:
        return [_named(call, name) for name in lists.pieces(names) if name.strip("> ")]
    keys = [int(key) for key in lists.pieces(ids) if key.isdecimal()]
    return [key for key in keys if category.lives(call, key)]


def _named(call: Call, full_name: str) -> int:
    """The category of a full name; it and those above it are made where they are missing."""
    parent_id, path = 0, ""
    for name in filter(None, map(category.clean_name, full_name.split(">"))):
        path = f"{path}>{name}" if path else name
        found = category.by_full_name(call, path)
        row = found or category.new(call, {"name": name, "parentId": parent_id})
        parent_id = int(row["id"])
    return parent_id


def settle(call: Call, entry_id: str, wanted: list[int]) -> None:
    """Put an entry into these categories and into no others."""
    present = {link["categoryId"] for link in call.where("category_entry", entry_id)}
    for key in present - set(wanted):
        row = call.get("category", key)
        if row is not None:
            _remove(call, row, entry_id)
    for key in dict.fromkeys(wanted):
        if key not in present:
            _assign(call, category.find(call, key), entry_id)


def _find(call: Call, entry_id: str, category_id: int) -> Data:
    link = call.get("category_entry", f"{category_id}:{entry_id}")
    if link is None:
        raise ApiError("ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY")
    return link


def _decide(call: Call, entry_id: str, category_id: int, status: int, refusal: str) -> None:
    """Let a waiting entry into a moderated category, or turn it away."""
    link = _find(call, entry_id, category_id)
    if link["status"] != PENDING:
        raise ApiError(refusal)
    call.change("category_entry", category.link_key(link), status=status)


@action("categoryentry.activate")
def activate(call: Call, entryId: str, categoryId: int) -> None:
    """Let an entry in; one that does not wait counts as not assigned."""
    _decide(call, entryId, categoryId, ACTIVE, "ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY")


@action("categoryentry.reject")
def reject(call: Call, entryId: str, categoryId: int) -> None:
    """Turn an entry away."""
    refusal = "CANNOT_REJECT_CATEGORY_ENTRY_SINCE_IT_IS_NOT_PENDING"
    _decide(call, entryId, categoryId, REJECTED, refusal)


_SPECIAL = {
    "categoryFullIdsStartsWith": lambda row, wanted: row["categoryFullIds"].startswith(str(wanted))
}


@action("categoryentry.list")
def list_links(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Places of entries; without an admin session an entry or a category must be named."""
    named = filter and any(
        filter.get(name)
        for name in ("entryIdEqual", "entryIdIn", "categoryIdEqual", "categoryIdIn")
    )
    if not named and not call.is_admin:
        raise ApiError("MUST_FILTER_ON_ENTRY_OR_CATEGORY")
    rows = call.all("category_entry")
    found = lists.ordered(lists.chosen(rows, filter, _SPECIAL), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaCategoryEntryListResponse", page, len(found))
