"""categoryEntry: which entry stands in which category."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.rules import categories, category_entries, entry_types
from kaltura_simulator.rules.category_entries import ACTIVE, KIND, PENDING, REJECTED
from kaltura_simulator.state.store import Data


@action("categoryentry.add")
def add(call: Call, categoryEntry: Given) -> Data:
    """Put an entry into a category."""
    categoryEntry.refuse_read_only()
    categoryEntry.need("categoryId", "entryId")
    entry_id = categoryEntry.get("entryId")
    entry = call.get("entry", entry_id)
    if entry is None or entry_types.is_deleted(entry):
        raise ApiError("INVALID_ENTRY_ID", ID=entry_id)
    category = categories.find(call, categoryEntry.get("categoryId"))
    return category_entries.assign(call, category, entry_id)


@action("categoryentry.delete")
def delete(call: Call, entryId: str, categoryId: int) -> None:
    """Take an entry out of a category."""
    category = categories.find(call, categoryId)
    _find(call, entryId, categoryId)
    category_entries.remove(call, category, entryId)


def _find(call: Call, entry_id: str, category_id: int) -> Data:
    link = call.get(KIND, category_entries.key_of(category_id, entry_id))
    if link is None:
        raise ApiError("ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY")
    return link


def _decide(call: Call, entry_id: str, category_id: int, status: int, refusal: str) -> None:
    """Let a waiting entry into a moderated category, or turn it away."""
    link = _find(call, entry_id, category_id)
    if link["status"] != PENDING:
        raise ApiError(refusal)
    call.change(KIND, category_entries.key_of_link(link), status=status)


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
    rows = call.all(KIND)
    found = lists.ordered(lists.chosen(rows, filter, _SPECIAL), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaCategoryEntryListResponse", page, len(found))
