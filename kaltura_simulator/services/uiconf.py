"""uiConf: players and other interfaces of an account."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.state.store import Data


def find(call: Call, key: int) -> Data:
    """An interface of the partner that a session, or the call itself, names."""
    found = call.get("ui_conf", key)
    if found is None:
        raise ApiError("INVALID_UI_CONF_ID", UI_CONF_ID=key)
    return found


@action("uiconf.get")
def get(call: Call, id: int) -> Data:
    """One interface; players are for everybody who names the partner."""
    return find(call, id)


@action("uiconf.add")
def add(call: Call, uiConf: Given) -> Data:
    """A new interface."""
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
def update(call: Call, id: int, uiConf: Given) -> Data:
    """Change an interface."""
    uiConf.refuse_changed(find(call, id))
    return call.change("ui_conf", id, **uiConf.values, updatedAt=call.clock.now())


@action("uiconf.delete")
def delete(call: Call, id: int) -> None:
    """Delete an interface."""
    find(call, id)
    call.store.delete(call.partner, "ui_conf", id)


@action("uiconf.listTemplates")
def list_templates(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Kaltura's own interfaces, among them where the webcasting app is downloaded from."""
    found = lists.ordered(lists.chosen(call.all("ui_conf_template"), filter), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaUiConfListResponse", page, len(found))


@action("uiconf.list")
def list_interfaces(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The account's interfaces."""
    found = lists.ordered(lists.chosen(call.all("ui_conf"), filter), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaUiConfListResponse", page, len(found))
