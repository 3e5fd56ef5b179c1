"""Groups and their members; Kaltura stores a group as a user of another type."""

from __future__ import annotations

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.rules import users
from kaltura_simulator.state.store import Data

KIND = "group_user"
MEMBER, MANAGER = 1, 2
MANUAL, AUTOMATIC = 1, 2
ACTIVE_MEMBER = 0
MAX_GROUPS_OF_ONE = 1024


def is_group(row: Data) -> bool:
    """Whether a stored user is a group."""
    return bool(row["type"] == users.GROUP)


def find(call: Call, group_id: str) -> Data:
    """A group that was not deleted."""
    found = users.find_active(call, group_id)
    if found is None or not is_group(found):
        raise ApiError("INVALID_GROUP_ID", ID="N/A")
    return found


def new(call: Call, sent: Data) -> Data:
    """Create a group."""
    key = str(sent["id"])
    row = users.new_row(call, key)
    row |= {"screenName": key, "fullName": sent.get("screenName") or key}
    row |= {name: value for name, value in sent.items() if value is not None}
    now = call.clock.now()
    fixed: Data = {"objectType": "KalturaGroup", "type": users.GROUP, "status": users.ACTIVE}
    return users.put(call, row | fixed | {"createdAt": now, "updatedAt": now})


def with_member_count(call: Call, row: Data) -> Data:
    """A group with the number of its members."""
    return row | {"membersCount": len(memberships(call, groupId=row["id"]))}


def memberships(call: Call, **of: str) -> list[Data]:
    """Memberships of one user (``userId``), of one group (``groupId``), or all; ignores case.

    The user ``""`` counts: Kaltura lets it in, with an error.
    """
    wanted = {name: value.lower() for name, value in of.items()}
    return [
        row
        for row in call.all(KIND)
        if all(str(row[name]).lower() == value for name, value in wanted.items())
        and (not row["userId"] or users.find_active(call, row["userId"]) is not None)
    ]


def remove_user(call: Call, user_id: str) -> None:
    """Take a user out of all groups."""
    for row in memberships(call, userId=user_id):
        call.store.delete(call.partner, KIND, row["id"])


def add_member(call: Call, user_id: str, group_id: str, mode: int, role: int) -> Data:
    """Add a user to a group; no group is a member of another one."""
    if user_id and not users.is_user(users.find_active(call, user_id)):
        raise ApiError("USER_NOT_FOUND")
    group = users.find_active(call, group_id)
    if group is None or not is_group(group):
        raise ApiError("GROUP_NOT_FOUND")
    if memberships(call, userId=user_id, groupId=group_id):
        raise ApiError("GROUP_USER_ALREADY_EXISTS")
    if len(memberships(call, userId=user_id)) > MAX_GROUPS_OF_ONE:
        raise ApiError("USER_EXCEEDED_MAX_GROUPS")
    key = str(call.store.next_id(KIND))
    now = call.clock.now()
    row: Data = {
        "objectType": "KalturaGroupUser",
        "id": key,
        "userId": user_id,
        "groupId": group_id,
        "status": ACTIVE_MEMBER,
        "partnerId": call.partner,
        "createdAt": now,
        "updatedAt": now,
        "creationMode": mode,
        "userRole": role,
    }
    return call.put(KIND, key, row)
