"""group_group: groups of users; Kaltura stores a group as a user of another type.

Kaltura's: plugins/group/services/GroupService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.rules import exclusive, groups, users
from kaltura_simulator.state.store import Data


@action("group_group.add")
@slow
def add(call: Call, group: SentObject) -> Data:
    """Add a group; users and groups share their ids. One caller at a time for each id."""
    group.refuse_read_only()
    group_id = group.get("id", "")
    users.check_id(group_id)
    with exclusive.locked(call, f"user_add_{group_id}"):
        if users.find_active(call, group_id) is not None:
            raise ApiError("DUPLICATE_USER_BY_ID", UID=group_id)
        return groups.with_member_count(call, groups.new(call, group.values))


@action("group_group.get")
def get(call: Call, groupId: str) -> Data:
    """One group, with the number of its members."""
    return groups.with_member_count(call, groups.find(call, groupId))


@action("group_group.update")
def update(call: Call, groupId: str, group: SentObject) -> Data:
    """Change a group."""
    stored = groups.find(call, groupId)
    group.refuse_read_only_changes(stored)
    group.pop("id")
    changed = users.change(call, groupId, **group.values, updatedAt=call.clock.now())
    return groups.with_member_count(call, changed)


@action("group_group.delete")
def delete(call: Call, groupId: str) -> Data:
    """Delete a group and its memberships."""
    found = groups.with_member_count(call, groups.find(call, groupId))
    for member in groups.memberships(call, groupId=groupId):
        call.store.delete(call.partner, groups.KIND, member["id"])
    now = call.clock.now()
    users.change(call, groupId, status=users.DELETED, statusUpdatedAt=now, deletedAt=now)
    return found | {"status": users.DELETED, "statusUpdatedAt": now, "deletedAt": now}


@action("group_group.list")
def list_groups(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The account's groups."""
    rows = [row for row in call.all("user") if groups.is_group(row) and users.is_not_deleted(row)]
    found = lists.sorted_by(lists.filtered(rows, filter, users.FILTERS), filter)
    page = [
        groups.with_member_count(call, row) for row in lists.page_of(found, pager, indexed=True)
    ]
    return lists.list_response("KalturaGroupListResponse", page, len(found))


@action("group_group.clone")
def clone(call: Call, originalGroupId: str, newGroupId: str, newGroupName: str | None) -> Data:
    """Copy a group with its members."""
    original = groups.find(call, originalGroupId)
    if users.find_active(call, newGroupId) is not None:
        raise ApiError("DUPLICATE_GROUP_BY_ID", ID=newGroupId)
    users.check_id(newGroupId)
    sent = original | {"id": newGroupId, "screenName": newGroupName or newGroupId}
    made = groups.new(call, sent)
    for member in groups.memberships(call, groupId=originalGroupId):
        groups.add_member(call, member["userId"], newGroupId, groups.AUTOMATIC, member["userRole"])
    return groups.with_member_count(call, made)
