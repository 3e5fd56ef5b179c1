"""userRole: the roles for ``setrole`` and their permissions.

Kaltura's: api_v3/services/UserRoleService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists, permissions
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.state.store import Data

ACTIVE = 1


def _all() -> list[Data]:
    """The roles of every account."""
    return [
        {
            "objectType": "KalturaUserRole",
            "id": permissions.ROLE_IDS[name],
            "name": name.replace("_", " ").capitalize(),
            "systemName": name,
            "description": "",
            "status": ACTIVE,
            "partnerId": 0,
            "permissionNames": ",".join(sorted(allowed)),
            "tags": "",
        }
        for name, allowed in permissions.ROLES.items()
    ]


@action("userrole.get")
def get(call: Call, userRoleId: int) -> Data:
    """One role."""
    found = next((row for row in _all() if row["id"] == userRoleId), None)
    if found is None:
        raise ApiError("INVALID_OBJECT_ID", ID=userRoleId)
    return found


@action("userrole.list")
def list_roles(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The roles, for instance by system name."""
    found = lists.sorted_by(lists.filtered(_all(), filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaUserRoleListResponse", page, len(found))
