"""widget: the id with which players ask for sessions without a secret.

Kaltura's: api_v3/services/WidgetService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.state.store import Data

NO_SECURITY = 1


def _own(call: Call) -> Data:
    """The default widget of an account."""
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
    """One widget; accounts here have only the default one."""
    own = _own(call)
    if id != own["id"]:
        raise ApiError("INVALID_WIDGET_ID", WIDGET_ID=id)
    return own


@action("widget.list")
def list_widgets(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The account's widgets."""
    found = lists.filtered([_own(call)], filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaWidgetListResponse", page, len(found))
