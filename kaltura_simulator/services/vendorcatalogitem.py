"""reach_vendorCatalogItem: the work that can be ordered."""

from __future__ import annotations

from kaltura_simulator.api import features, lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError, forbidden
from kaltura_simulator.api.params import Given
from kaltura_simulator.reach import catalogue
from kaltura_simulator.state.store import Data


@action("reach_vendorcatalogitem.get")
def get(call: Call, id: int) -> Data:
    """One item that this account may order or offers."""
    features.need(call, features.REACH)
    for row in catalogue.enabled(call):
        if row["id"] == id:
            return row
    raise ApiError("CATALOG_ITEM_NOT_FOUND", ID=id)


@action("reach_vendorcatalogitem.list")
def list_items(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The items that this account may order or offers."""
    features.need(call, features.REACH)
    rows = lists.of_class(catalogue.enabled(call), filter)
    found = lists.ordered(lists.chosen(rows, filter, _SPECIAL), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaVendorCatalogItemListResponse", page, len(found))


@action("reach_vendorcatalogitem.add")
def add(call: Call, vendorCatalogItem: Given) -> None:
    """Only Kaltura's own staff puts items into the catalogue."""
    raise forbidden(call.action.label)


@action("reach_vendorcatalogitem.update")
def update(call: Call, id: int, vendorCatalogItem: Given) -> None:
    """Only Kaltura's own staff changes items."""
    raise forbidden(call.action.label)


@action("reach_vendorcatalogitem.updateStatus")
def update_status(call: Call, id: int, status: int) -> None:
    """Only Kaltura's own staff takes items off."""
    raise forbidden(call.action.label)


@action("reach_vendorcatalogitem.delete")
def delete(call: Call, id: int) -> None:
    """Only Kaltura's own staff deletes items."""
    raise forbidden(call.action.label)


def _is_item(row: Data, wanted: object) -> bool:
    return str(row["id"]) == str(wanted)


def _any(row: Data, wanted: object) -> bool:
    """The filter by account: a list shows one account's items in any case."""
    return True


_SPECIAL = {"catalogItemIdEqual": _is_item, "partnerIdEqual": _any}
