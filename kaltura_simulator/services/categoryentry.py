"""categoryEntry: which entry is in which category.

Kaltura's: api_v3/services/CategoryEntryService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import entry_access
from kaltura_simulator.rules import categories, category_entries, entitlement, entry_types
from kaltura_simulator.rules.category_entries import ACTIVE, KIND, PENDING, REJECTED
from kaltura_simulator.state.store import Data


@action("categoryentry.add")
def add(call: Call, categoryEntry: SentObject) -> Data:
    """Add an entry to a category."""
    categoryEntry.refuse_read_only()
    categoryEntry.require("categoryId", "entryId")
    entry_id = categoryEntry.get("entryId")
    entry = call.get("entry", entry_id)
    if entry is None or entry_types.is_deleted(entry):
        raise ApiError("INVALID_ENTRY_ID", ID=entry_id)
    category = categories.find(call, categoryEntry.get("categoryId"))
    return category_entries.assign(call, category, entry_id)


@action("categoryentry.delete")
def delete(call: Call, entryId: str, categoryId: int) -> None:
    """Remove an entry from a category."""
    category = categories.find(call, categoryId)
    _find(call, entryId, categoryId)
    category_entries.remove(call, category, entryId)


def _find(call: Call, entry_id: str, category_id: int) -> Data:
    link = call.get(KIND, category_entries.key_of(category_id, entry_id))
    if link is None:
        raise ApiError("ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY")
    return link


def _decide(call: Call, entry_id: str, category_id: int, status: int, refusal: str) -> None:
    """Activate or reject an entry that waits in a moderated category."""
    link = _find(call, entry_id, category_id)
    if link["status"] != PENDING:
        raise ApiError(refusal)
    call.change(KIND, category_entries.key_of_link(link), status=status)


@action("categoryentry.activate")
def activate(call: Call, entryId: str, categoryId: int) -> None:
    """Activate an entry; one that is not pending counts as not assigned."""
    _decide(call, entryId, categoryId, ACTIVE, "ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY")


@action("categoryentry.reject")
def reject(call: Call, entryId: str, categoryId: int) -> None:
    """Reject an entry."""
    refusal = "CANNOT_REJECT_CATEGORY_ENTRY_SINCE_IT_IS_NOT_PENDING"
    _decide(call, entryId, categoryId, REJECTED, refusal)


def _may_see(call: Call, link: Data) -> bool:
    """Whether the caller may know of both sides of a link."""
    if not entitlement.is_enforced(call):
        return True
    category, entry = call.get("category", link["categoryId"]), call.get("entry", link["entryId"])
    shown = category is not None and entitlement.may_see_category(call, category)
    return shown and entry is not None and entry_access.may_see(call, entry)


_FILTER_RULES = {
    "categoryFullIdsStartsWith": lambda row, wanted: row["categoryFullIds"].startswith(str(wanted))
}


@action("categoryentry.list")
def list_links(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The entries of categories; USER sessions must filter by entry or category."""
    named = filter and any(
        filter.get(name)
        for name in ("entryIdEqual", "entryIdIn", "categoryIdEqual", "categoryIdIn")
    )
    if not named and not call.is_admin:
        raise ApiError("MUST_FILTER_ON_ENTRY_OR_CATEGORY")
    asked = filter.get("categoryIdEqual") if filter else None
    if asked:
        categories.find(call, asked)
    rows = [row for row in call.all(KIND) if _may_see(call, row)]
    found = lists.sorted_by(lists.filtered(rows, filter, _FILTER_RULES), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaCategoryEntryListResponse", page, len(found))
