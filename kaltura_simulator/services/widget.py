"""widget: under which name an account's players ask for sessions without a secret."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.state.store import Data

NO_SECURITY = 1


def _own(call: Call) -> Data:
    """The widget every account is born with."""
    key = f"_{call.partner}"
    return {
        "objectType": "KalturaWidget",
        "id": key,
        "rootWidgetId": key,
        "partnerId": call.partner,
        "securityType": NO_SECURITY,
        "enforceEntitlement": True,
    }


@action("widget.get")
def get(call: Call, id: str) -> Data:
    """One widget; an account here has the one it was born with."""
    own = _own(call)
    if id != own["id"]:
        raise ApiError("INVALID_WIDGET_ID", WIDGET_ID=id)
    return own


@action("widget.list")
def list_widgets(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The account's widgets."""
    found = lists.chosen([_own(call)], filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaWidgetListResponse", page, len(found))
