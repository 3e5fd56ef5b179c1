"""reach_vendorCatalogItem: the catalogue of what can be ordered.

Kaltura's: plugins/reach/services/VendorCatalogItemService.php
"""

from __future__ import annotations

from kaltura_simulator.api import features, lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError, forbidden
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.reach import catalogue
from kaltura_simulator.state.store import Data


@action("reach_vendorcatalogitem.get")
def get(call: Call, id: int) -> Data:
    """One item that this account may order or offers."""
    features.require(call, features.REACH)
    for row in catalogue.enabled(call):
        if row["id"] == id:
            return row
    raise ApiError("CATALOG_ITEM_NOT_FOUND", ID=id)


@action("reach_vendorcatalogitem.list")
def list_items(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The items that this account may order or offers."""
    features.require(call, features.REACH)
    rows = lists.of_filter_class(catalogue.enabled(call), filter)
    found = lists.sorted_by(lists.filtered(rows, filter, _FILTER_RULES), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaVendorCatalogItemListResponse", page, len(found))


@action("reach_vendorcatalogitem.add")
def add(call: Call, vendorCatalogItem: SentObject) -> None:
    """Refused: only Kaltura's staff adds items."""
    raise forbidden(call.action.label)


@action("reach_vendorcatalogitem.update")
def update(call: Call, id: int, vendorCatalogItem: SentObject) -> None:
    """Refused: only Kaltura's staff changes items."""
    raise forbidden(call.action.label)


@action("reach_vendorcatalogitem.updateStatus")
def update_status(call: Call, id: int, status: int) -> None:
    """Refused: only Kaltura's staff changes their status."""
    raise forbidden(call.action.label)


@action("reach_vendorcatalogitem.delete")
def delete(call: Call, id: int) -> None:
    """Refused: only Kaltura's staff deletes items."""
    raise forbidden(call.action.label)


def _is_item(row: Data, wanted: object) -> bool:
    return str(row["id"]) == str(wanted)


def _any(row: Data, wanted: object) -> bool:
    """Matches all: a list contains the items of one account only, whatever the filter."""
    return True


_FILTER_RULES = {"catalogItemIdEqual": _is_item, "partnerIdEqual": _any}
