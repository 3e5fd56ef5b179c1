"""Which entry is in which category, and what follows: counts, and the entry's own lists."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, internal
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.rules import categories, entry_types
from kaltura_simulator.state import background
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World

KIND = "category_entry"
PENDING, ACTIVE, REJECTED = 1, 2, 4
MAX_CATEGORIES = 32
_RENEW = "entry_categories"


def key_of(category_id: int, entry_id: str) -> str:
    """The key of a link in the store."""
    return f"{category_id}:{entry_id}"


def key_of_link(link: Data) -> str:
    """The key of a link that is at hand."""
    return key_of(link["categoryId"], link["entryId"])


def assign(call: Call, category: Data, entry_id: str) -> Data:
    """Put an entry into a category; refused when it is there already, or in too many."""
    link = {
        "objectType": "KalturaCategoryEntry",
        "categoryId": category["id"],
        "entryId": entry_id,
        "createdAt": call.clock.now(),
        "categoryFullIds": category["fullIds"],
        "status": PENDING if category.get("moderation") and not call.is_admin else ACTIVE,
        "creatorUserId": call.user,
    }
    _refuse_second(call, link)
    call.put(KIND, key_of_link(link), link)
    _count(call, category, entry_id, 1)
    _write_names(call, entry_id, [category], after=True)
    return link


def _refuse_second(call: Call, link: Data) -> None:
    if call.get(KIND, key_of_link(link)) is not None:
        raise ApiError("CATEGORY_ENTRY_ALREADY_EXISTS")
    if len(call.where(KIND, link["entryId"])) >= MAX_CATEGORIES:
        raise ApiError("MAX_CATEGORIES_FOR_ENTRY_REACHED", CATEGORIES=MAX_CATEGORIES)


def remove(call: Call, category: Data, entry_id: str) -> None:
    """Take an entry out of a category."""
    _unlink(call, category, entry_id)
    write_back(call, category, entry_id)


def write_back(call: Call, left: Data, entry_id: str) -> None:
    """Save the entry's own list of names after it left a category, as if a caller sent it.

    Kaltura takes the names that the entry has, without the present full name of the
    category that it left: whatever is not among them the entry leaves as well, and a name
    that no category has any more is made anew (postUpdate in alpha/lib/model/
    categoryEntry.php, syncEntriesCategories in categoryEntryPeer.php). Soon after a category
    was renamed the entry still has the old name: so ghosts come about.
    """
    entry = call.get("entry", entry_id)
    if entry is None or entry_types.is_deleted(entry):
        return
    names = lists.split_commas(entry["categories"])
    wanted = [_named(call, name) for name in names if name != left["fullName"]]
    set_categories(call, entry_id, [*wanted, *_in_contexts(call, entry_id)])


def _in_contexts(call: Call, entry_id: str) -> list[int]:
    """The entry's categories that its own list never names: those with a privacy context."""
    rows = _categories_of(call, entry_id)
    return [int(row["id"]) for row in rows if row["privacyContexts"]]


def _categories_of(call: Call, entry_id: str) -> list[Data]:
    rows = (call.get(categories.KIND, link["categoryId"]) for link in call.where(KIND, entry_id))
    return [row for row in rows if row is not None]


def _unlink(call: Call, category: Data, entry_id: str) -> None:
    call.store.delete(call.partner, KIND, key_of(category["id"], entry_id))
    _count(call, category, entry_id, -1)


def move_up(call: Call, link: Data, parent_id: int) -> None:
    """Put the entry of a link into another category, without counting."""
    full_ids = categories.find(call, parent_id)["fullIds"]
    moved = link | {"categoryId": parent_id, "categoryFullIds": full_ids}
    if call.get(KIND, key_of_link(moved)) is None:
        call.put(KIND, key_of_link(moved), moved)
        _write_names(call, link["entryId"], [categories.find(call, parent_id)], after=True)


def follow_categories(call: Call, moved: set[int]) -> None:
    """Bring the links of categories that were moved up to date."""
    for link in call.all(KIND):
        if link["categoryId"] in moved:
            full_ids = categories.find(call, link["categoryId"])["fullIds"]
            call.put(KIND, key_of_link(link), link | {"categoryFullIds": full_ids})


def renew_names(call: Call, entry_id: str) -> None:
    """Write the entry's own list of categories anew, by their present full names."""
    _write_names(call, entry_id, _categories_of(call, entry_id))


def renew_names_later(call: Call, category_ids: set[int]) -> None:
    """Renew the lists of all entries in these categories: background work at Kaltura."""
    entry_ids = {row["entryId"] for row in call.all(KIND) if row["categoryId"] in category_ids}
    delay = call.world.background_s
    for entry_id in sorted(entry_ids):
        if delay:
            at = call.clock.steady() + delay
            background.do_later(call.store, call.partner, _RENEW, entry_id, at)
        else:
            renew_names(call, entry_id)


def _renew_due(world: World, partner: int, entry_id: str) -> None:
    renew_names(internal(world, partner), entry_id)


background.register(_RENEW, _renew_due)


def _write_names(call: Call, entry_id: str, rows: list[Data], after: bool = False) -> None:
    """The entry's own list: these categories, ``after`` what it has already or in its place."""
    entry = call.get("entry", entry_id)
    if entry is None:
        return
    rows = [row for row in rows if not row["privacyContexts"]]
    names, ids = [row["fullName"] for row in rows], [str(row["id"]) for row in rows]
    if after:
        names = [*lists.split_commas(entry["categories"]), *names]
        ids = [*lists.split_commas(entry["categoriesIds"]), *ids]
    call.change("entry", entry_id, categories=",".join(names), categoriesIds=",".join(ids))


def _count(call: Call, category: Data, entry_id: str, step: int) -> None:
    """One entry more or less: in its category, and above where no other link holds it."""
    links = call.where(KIND, entry_id)
    other_ids = [link["categoryFullIds"] for link in links if link["categoryId"] != category["id"]]
    elsewhere = [f"{full_ids}>" for full_ids in other_ids]
    path = ""
    for key in str(category["fullIds"]).split(">"):
        path += f"{key}>"
        row = call.get(categories.KIND, key)
        if row is None:
            continue
        counts = {}
        if row["id"] == category["id"]:
            counts["directEntriesCount"] = row["directEntriesCount"] + step
        if not any(other.startswith(path) for other in elsewhere):
            counts["entriesCount"] = row["entriesCount"] + step
        call.change(categories.KIND, key, **counts)


# ----------------------------------------------------- the entry's own properties
def pop_fields(call: Call, sent: Data) -> list[int] | None:
    """Take ``categories`` and ``categoriesIds`` out of what was sent for an entry.

    They are older than the categoryEntry service. Returns the ids of the categories
    that the entry is to be in, None when neither was sent. Ids that do not exist are
    left out; names that do not exist are created. A session of a privacy context may
    not name categories on the entry itself.
    """
    names, ids = sent.pop("categories", None), sent.pop("categoriesIds", None)
    if names is None and ids is None:
        return None
    if call.session is not None and call.session.privileges.get("privacycontext"):
        raise ApiError("ENTRY_CATEGORY_FIELD_IS_DEPRECATED")
    if ids is None:
        return [_named(call, name) for name in lists.split_commas(names) if name.strip("> ")]
    keys = [int(key) for key in lists.split_commas(ids) if key.isdecimal()]
    return [key for key in keys if categories.exists(call, key)]


def _named(call: Call, full_name: str) -> int:
    """The category of a full name; it and those above it are made where they are missing."""
    parent_id, path = 0, ""
    for name in filter(None, map(categories.clean_name, full_name.split(">"))):
        path = f"{path}>{name}" if path else name
        found = categories.by_full_name(call, path)
        row = found or categories.new(call, {"name": name, "parentId": parent_id})
        parent_id = int(row["id"])
    return parent_id


def set_categories(call: Call, entry_id: str, wanted: list[int]) -> None:
    """Put an entry into these categories and into no others."""
    present = {link["categoryId"] for link in call.where(KIND, entry_id)}
    for key in present - set(wanted):
        row = call.get(categories.KIND, key)
        if row is not None:
            _unlink(call, row, entry_id)
    for key in dict.fromkeys(wanted):
        if key not in present:
            assign(call, categories.find(call, key), entry_id)
    renew_names(call, entry_id)
