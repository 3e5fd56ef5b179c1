"""Groups and who is in them, for the services that speak of them."""

from __future__ import annotations

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.rules import people
from kaltura_simulator.state.store import Data

KIND = "group_user"
MEMBER, MANAGER = 1, 2
MANUAL, AUTOMATIC = 1, 2
ACTIVE_MEMBER = 0
MAX_GROUPS_OF_ONE = 1024


def is_one(row: Data) -> bool:
    """Whether what is kept as a person is a group."""
    return bool(row["type"] == people.GROUP)


def find(call: Call, group_id: str) -> Data:
    """A group that is there."""
    found = people.known(call, group_id)
    if found is None or not is_one(found):
        raise ApiError("INVALID_GROUP_ID", ID=group_id)
    return found


def new(call: Call, sent: Data) -> Data:
    """Make a group."""
    key = str(sent["id"])
    row = people.new_row(call, key)
    row |= {"screenName": key, "fullName": sent.get("screenName") or key}
    row |= {name: value for name, value in sent.items() if value is not None}
    now = call.clock.now()
    fixed: Data = {"objectType": "KalturaGroup", "type": people.GROUP, "status": people.ACTIVE}
    return call.put("user", key, row | fixed | {"createdAt": now, "updatedAt": now})


def shown(call: Call, row: Data) -> Data:
    """A group with the number of people in it."""
    return row | {"membersCount": len(memberships(call, groupId=row["id"]))}


def memberships(call: Call, **of: str) -> list[Data]:
    """Who is in which group: of one person, of one group, or all; ids in any case."""
    wanted = {name: value.lower() for name, value in of.items()}
    return [
        row
        for row in call.all(KIND)
        if all(str(row[name]).lower() == value for name, value in wanted.items())
        and people.known(call, row["userId"]) is not None
    ]


def join(call: Call, user_id: str, group_id: str, mode: int, role: int) -> Data:
    """Put a person into a group."""
    if not people.is_person(people.known(call, user_id)):
        raise ApiError("USER_NOT_FOUND")
    group = people.known(call, group_id)
    if group is None or not is_one(group):
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
