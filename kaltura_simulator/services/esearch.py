"""elasticsearch_eSearch: entries found by anything that is said of them."""

from __future__ import annotations

import re

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import entry_views, searching
from kaltura_simulator.state.store import Data

_ORDER = {"name": "name", "created_at": "createdAt", "updated_at": "updatedAt"}


@action("elasticsearch_esearch.searchEntry")
def search_entry(call: Call, searchParams: Given, pager: Given | None) -> Data:
    """Entries that fit, ready ones unless statuses are named; newest first."""
    operator = searchParams.get("searchOperator") or {"objectType": "KalturaESearchEntryOperator"}
    test = searching.test_of(call, operator)
    statuses = lists.pieces(searchParams.get("objectStatuses", ""))
    rows = [row for row in call.listed("entry") if searching.visible(call, row, statuses)]
    found = _ordered([row for row in _named(rows, searchParams) if test(row)], searchParams)
    page = lists.paged(found, pager, indexed=True)
    results = [
        {"objectType": "KalturaESearchEntryResult", "object": entry_views.shown(call, row)}
        for row in page
    ]
    return lists.response("KalturaESearchEntryResponse", results, len(found))


def _named(rows: list[Data], asked: Given) -> list[Data]:
    """Those with the ids that the search names, when it names some."""
    wanted = lists.pieces(asked.get("objectIds", "")) + lists.pieces(asked.get("objectId", ""))
    if not wanted:
        return rows
    without = bool(asked.get("objectIdsNotIn"))
    return [row for row in rows if (row["id"] in wanted) != without]


def _ordered(rows: list[Data], asked: Given) -> list[Data]:
    items = (asked.get("orderBy") or {}).get("orderItems") or []
    wish = "-createdAt"
    if items:
        field = _ORDER.get(re.sub(r"\W", "", str(items[0].get("sortField"))), "createdAt")
        wish = ("+" if items[0].get("sortOrder") == "asc" else "-") + field
    return lists.ordered(rows, Given("", {"orderBy": wish}))
