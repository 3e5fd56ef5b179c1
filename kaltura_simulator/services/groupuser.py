"""groupUser: who is in which group."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.rules import groups, people
from kaltura_simulator.state.store import Data


@action("groupuser.add")
def add(call: Call, groupUser: Given) -> Data:
    """Put a person into a group; both must be there, and the person not in it yet."""
    groupUser.refuse_read_only()
    user_id, group_id = groupUser.get("userId", ""), groupUser.get("groupId", "")
    mode = groupUser.get("creationMode", groups.MANUAL)
    return groups.join(call, user_id, group_id, mode, groupUser.get("userRole", groups.MEMBER))


@action("groupuser.update")
def update(call: Call, groupUserId: str, groupUser: Given) -> Data:
    """Make a member a manager, or the other way round."""
    stored = call.get(groups.KIND, groupUserId)
    if stored is None:
        raise ApiError("GROUP_USER_NOT_FOUND")
    groupUser.refuse_changed(stored)
    changes = groupUser.values | {"updatedAt": call.clock.now()}
    return call.change(groups.KIND, groupUserId, **changes)


@action("groupuser.delete")
def delete(call: Call, userId: str, groupId: str) -> None:
    """Take a person out of a group."""
    if people.known(call, userId) is None:
        raise ApiError("INVALID_USER_ID")
    if people.known(call, groupId) is None:
        raise ApiError("GROUP_NOT_FOUND")
    found = groups.memberships(call, userId=userId, groupId=groupId)
    if not found:
        raise ApiError("GROUP_USER_DOES_NOT_EXISTS", USER=userId, GROUP=groupId)
    call.store.delete(call.partner, groups.KIND, found[0]["id"])


@action("groupuser.list")
def list_members(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Who is in which group, by person or by group."""
    found = lists.ordered(lists.chosen(groups.memberships(call), filter), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaGroupUserListResponse", page, len(found))


@action("groupuser.sync")
def sync(
    call: Call,
    userId: str,
    groupIds: str,
    removeFromExistingGroups: bool,
    createNewGroups: bool,
) -> None:
    """Put a person into these groups and, if asked, out of all others.

    Kaltura leaves what takes long to a bulk upload, which the answer then is. Here all
    is done at once, so the answer is empty.
    """
    people.check_id(userId, "userId")
    if not (groupIds or "").strip():
        raise ApiError("MISSING_MANDATORY_PARAMETER", PARAM_NAME="groupIds")
    wanted = [piece.strip() for piece in groupIds.split(";" if ";" in groupIds else ",")]
    for group_id in wanted:
        people.check_id(group_id, "groupIds")
    if not people.is_person(people.known(call, userId)):
        raise ApiError("INVALID_USER_ID")
    _join_all(call, userId, wanted, createNewGroups)
    if removeFromExistingGroups:
        _leave_others(call, userId, wanted)


def _join_all(call: Call, user_id: str, wanted: list[str], create: bool) -> None:
    have = {row["groupId"] for row in groups.memberships(call, userId=user_id)}
    for group_id in wanted:
        known = people.known(call, group_id)
        if known is None and create:
            known = groups.new(call, {"id": group_id})
        if known is not None and groups.is_one(known) and group_id not in have:
            groups.join(call, user_id, group_id, groups.AUTOMATIC, groups.MEMBER)


def _leave_others(call: Call, user_id: str, wanted: list[str]) -> None:
    for row in groups.memberships(call, userId=user_id):
        if row["groupId"] not in wanted:
            call.store.delete(call.partner, groups.KIND, row["id"])
