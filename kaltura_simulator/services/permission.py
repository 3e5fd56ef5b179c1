"""permission: what a session may do, and what an account was given beyond the rest.

Kaltura tells everybody what their own session may do; the list of an account's
permissions is for its administrators (server: deployment/permissions/service.permission.ini).
"""

from __future__ import annotations

from kaltura_simulator.api import lists, permissions
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.params import Given
from kaltura_simulator.services import session
from kaltura_simulator.state.store import Data

ACTIVE, SPECIAL_FEATURE = 1, 2
FIRST_ID = 1501
_LIVE, _RECORDING = "FEATURE_LIVE_STREAM", "FEATURE_LIVE_STREAM_RECORD"


@action("permission.getCurrentPermissions")
def get_current_permissions(call: Call) -> str:
    """The names of what this session may do, with commas between."""
    return ",".join(sorted(permissions.names_held(call.session)))


@action("permission.list")
def list_permissions(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The features of the account that calls: live streams, and recording where it has that."""
    found = lists.ordered(lists.chosen(_features(call), filter), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaPermissionListResponse", page, len(found))


def _features(call: Call) -> list[Data]:
    records = session.account(call, call.partner).get("recordingEnabled")
    names = [_LIVE, _RECORDING] if records else [_LIVE]
    return [
        {
            "objectType": "KalturaPermission",
            "id": FIRST_ID + place,
            "type": SPECIAL_FEATURE,
            "name": name,
            "friendlyName": name.replace("_", " ").capitalize(),
            "status": ACTIVE,
            "partnerId": call.partner,
        }
        for place, name in enumerate(names)
    ]
