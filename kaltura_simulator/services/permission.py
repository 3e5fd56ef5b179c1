"""permission: the permissions of a session, and the features of an account.

Everybody may read the permissions of their own session; the account's are for administrators
(deployment/permissions/service.permission.ini).
Kaltura's: api_v3/services/PermissionService.php
"""

from __future__ import annotations

from kaltura_simulator.api import features, lists, permissions
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.services import session
from kaltura_simulator.state.store import Data

ACTIVE, SPECIAL_FEATURE = 1, 2
FIRST_ID = 1501
_LIVE, _RECORDING = "FEATURE_LIVE_STREAM", "FEATURE_LIVE_STREAM_RECORD"
_PUSHING = "PUSH_PUBLISH_PERMISSION"


@action("permission.getCurrentPermissions")
def get_current_permissions(call: Call) -> str:
    """The names of the session's permissions, separated by commas."""
    roles = permissions.roles_of_user(call.store, call.session)
    return ",".join(sorted(permissions.permission_names(call.session, roles)))


@action("permission.list")
def list_permissions(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The features of the calling account: live streams, perhaps recording and pushing."""
    found = lists.sorted_by(lists.filtered(_features(call), filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaPermissionListResponse", page, len(found))


def _features(call: Call) -> list[Data]:
    records = session.account(call, call.partner).get("recordingEnabled")
    names = [_LIVE, _RECORDING] if records else [_LIVE]
    names += [_PUSHING] if features.has(call, features.PUSH_PUBLISH) else []
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
