"""elasticsearch_eSearch: searching entries.

Kaltura's: plugins/search/providers/elastic_search/services/ESearchService.php
"""

from __future__ import annotations

import re

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import entry_views, search
from kaltura_simulator.state.store import Data

_ORDER = {"name": "name", "created_at": "createdAt", "updated_at": "updatedAt"}


@action("elasticsearch_esearch.searchEntry")
def search_entry(call: Call, searchParams: SentObject, pager: SentObject | None) -> Data:
    """Entries that match, ready ones unless statuses are named; newest first by default."""
    operator = searchParams.get("searchOperator") or {"objectType": "KalturaESearchEntryOperator"}
    test = search.matcher(call, operator)
    statuses = lists.split_commas(searchParams.get("objectStatuses", ""))
    rows = [row for row in call.listed("entry") if search.is_visible(call, row, statuses)]
    found = _ordered([row for row in _named(rows, searchParams) if test(row)], searchParams)
    page = lists.page_of(found, pager, indexed=True)
    results = [
        {"objectType": "KalturaESearchEntryResult", "object": entry_views.shown(call, row)}
        for row in call.as_now("entry", page)
    ]
    return lists.list_response("KalturaESearchEntryResponse", results, len(found))


def _named(rows: list[Data], search_params: SentObject) -> list[Data]:
    """The entries with the ids of the search, if it names some."""
    wanted = lists.split_commas(search_params.get("objectIds", "")) + lists.split_commas(
        search_params.get("objectId", "")
    )
    if not wanted:
        return rows
    without = bool(search_params.get("objectIdsNotIn"))
    return [row for row in rows if (row["id"] in wanted) != without]


def _ordered(rows: list[Data], search_params: SentObject) -> list[Data]:
    items = (search_params.get("orderBy") or {}).get("orderItems") or []
    order = "-createdAt"
    if items:
        field = _ORDER.get(re.sub(r"\W", "", str(items[0].get("sortField"))), "createdAt")
        order = ("+" if items[0].get("sortOrder") == "asc" else "-") + field
    return lists.sorted_by(rows, SentObject("", {"orderBy": order}))
