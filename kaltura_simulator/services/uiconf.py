"""uiConf: players and other interfaces of an account.

Kaltura's: api_v3/services/UiConfService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.state.store import Data


def find(call: Call, key: int) -> Data:
    """An interface of the account of the session, or of the ``partnerId`` sent."""
    found = call.get("ui_conf", key)
    if found is None:
        raise ApiError("INVALID_UI_CONF_ID", UI_CONF_ID=key)
    return found


@action("uiconf.get")
def get(call: Call, id: int) -> Data:
    """One interface; needs no session, only a ``partnerId``."""
    return find(call, id)


@action("uiconf.add")
def add(call: Call, uiConf: SentObject) -> Data:
    """Add an interface."""
    uiConf.refuse_read_only()
    now = call.clock.now()
    row: Data = {
        "objectType": "KalturaUiConf",
        "id": call.store.next_id("ui_conf"),
        "partnerId": call.partner,
        "createdAt": now,
        "updatedAt": now,
    }
    row |= {name: value for name, value in uiConf.values.items() if value is not None}
    return call.put("ui_conf", row["id"], row)


@action("uiconf.update")
def update(call: Call, id: int, uiConf: SentObject) -> Data:
    """Change an interface."""
    uiConf.refuse_read_only_changes(find(call, id))
    return call.change("ui_conf", id, **uiConf.values, updatedAt=call.clock.now())


@action("uiconf.delete")
def delete(call: Call, id: int) -> None:
    """Delete an interface."""
    find(call, id)
    call.store.delete(call.partner, "ui_conf", id)


@action("uiconf.listTemplates")
def list_templates(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Kaltura's own interfaces, among them the one with the webcasting app's downloads."""
    found = lists.sorted_by(lists.filtered(call.all("ui_conf_template"), filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaUiConfListResponse", page, len(found))


@action("uiconf.list")
def list_interfaces(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The account's interfaces."""
    found = lists.sorted_by(lists.filtered(call.all("ui_conf"), filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaUiConfListResponse", page, len(found))
