"""uiConf: players and other interfaces of an account."""

from __future__ import annotations

from kaltura_bridge.simulator import lists
from kaltura_bridge.simulator.call import Call, action
from kaltura_bridge.simulator.errors import ApiError
from kaltura_bridge.simulator.given import Given
from kaltura_bridge.simulator.store import Data


@action("uiconf.get")
def get(call: Call, id: int) -> Data:
    """One interface, of whatever partner: players are public."""
    for partner in call.store.partners():
        found = call.store.get(partner, "ui_conf", id)
        if found is not None:
            return found
    raise ApiError("INVALID_UI_CONF_ID", UI_CONF_ID=id)


@action("uiconf.list")
def list_interfaces(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The account's interfaces."""
    found = lists.ordered(lists.chosen(call.all("ui_conf"), filter), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaUiConfListResponse", page, len(found))
