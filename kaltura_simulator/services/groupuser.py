"""groupUser: which user is in which group.

Kaltura's: api_v3/services/GroupUserService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError, forbidden
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.rules import groups, users
from kaltura_simulator.state.store import Data

#: A list must have one of these filters.
_REQUIRED_FILTERS = ("userIdEqual", "userIdIn", "groupIdEqual", "groupIdIn")


@action("groupuser.add")
@slow
def add(call: Call, groupUser: SentObject) -> Data:
    """Add a user to a group; both must exist, and the user must not be a member yet."""
    with call.store.transaction():
        made = _add(call, groupUser)
    if not made["userId"]:
        # Kaltura fails after it has written the member; seen at a running server (22.19).
        raise ApiError("INTERNAL_SERVERL_ERROR")
    return made


def _add(call: Call, groupUser: SentObject) -> Data:
    groupUser.refuse_read_only()
    user_id, group_id = groupUser.get("userId", ""), groupUser.get("groupId", "")
    mode = groupUser.get("creationMode", groups.MANUAL)
    return groups.add_member(
        call, user_id, group_id, mode, groupUser.get("userRole", groups.MEMBER)
    )


@action("groupuser.update")
def update(call: Call, groupUserId: str, groupUser: SentObject) -> Data:
    """Change the role of a member."""
    stored = call.get(groups.KIND, groupUserId)
    if stored is None:
        raise ApiError("GROUP_USER_NOT_FOUND")
    groupUser.refuse_read_only_changes(stored)
    changes = groupUser.values | {"updatedAt": call.clock.now()}
    return call.change(groups.KIND, groupUserId, **changes)


@action("groupuser.delete")
def delete(call: Call, userId: str, groupId: str) -> None:
    """Remove a user from a group; users may leave by themselves."""
    if not call.is_admin and userId.lower() != call.user.lower():
        raise forbidden(call.action.label)
    if users.find_active(call, userId) is None:
        raise ApiError("INVALID_USER_ID")
    if users.find_active(call, groupId) is None:
        raise ApiError("GROUP_NOT_FOUND")
    found = groups.memberships(call, userId=userId, groupId=groupId)
    if not found:
        raise ApiError("GROUP_USER_DOES_NOT_EXISTS", USER=userId, GROUP=groupId)
    call.store.delete(call.partner, groups.KIND, found[0]["id"])


@action("groupuser.list")
def list_members(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Memberships, by user or by group; users may list their own."""
    asked = filter or SentObject("KalturaGroupUserFilter")
    if not call.is_admin and asked.get("userIdEqual", "").lower() != call.user.lower():
        raise forbidden(call.action.label)
    if not any(asked.get(name) for name in _REQUIRED_FILTERS):
        names = "/".join(asked.qualified_name(name) for name in _REQUIRED_FILTERS)
        raise ApiError("PROPERTY_VALIDATION_CANNOT_BE_NULL", PROP_NAME=names)
    found = lists.sorted_by(lists.filtered(groups.memberships(call), filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaGroupUserListResponse", page, len(found))


@action("groupuser.sync")
def sync(
    call: Call,
    userId: str,
    groupIds: str,
    removeFromExistingGroups: bool,
    createNewGroups: bool,
) -> None:
    """Add a user to these groups and, if requested, remove them from all others.

    Kaltura leaves long work to a bulk upload, which it then returns. Here everything is
    done at once, so the result is empty.
    """
    users.check_id(userId, "userId")
    if not (groupIds or "").strip():
        raise ApiError("MISSING_MANDATORY_PARAMETER", PARAM_NAME="groupIds")
    wanted = [piece.strip() for piece in groupIds.split(";" if ";" in groupIds else ",")]
    for group_id in wanted:
        users.check_id(group_id, "groupIds")
    if not users.is_user(users.find_active(call, userId)):
        raise ApiError("INVALID_USER_ID")
    _join_all(call, userId, wanted, createNewGroups)
    if removeFromExistingGroups:
        _leave_others(call, userId, wanted)


def _join_all(call: Call, user_id: str, wanted: list[str], create: bool) -> None:
    have = {row["groupId"].lower() for row in groups.memberships(call, userId=user_id)}
    for group_id in wanted:
        group = users.find_active(call, group_id)
        if group is None and create:
            group = groups.new(call, {"id": group_id})
        if group is not None and groups.is_group(group) and group_id.lower() not in have:
            groups.add_member(call, user_id, group_id, groups.AUTOMATIC, groups.MEMBER)


def _leave_others(call: Call, user_id: str, wanted: list[str]) -> None:
    kept = {group_id.lower() for group_id in wanted}
    for row in groups.memberships(call, userId=user_id):
        if row["groupId"].lower() not in kept:
            call.store.delete(call.partner, groups.KIND, row["id"])
