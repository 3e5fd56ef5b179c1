"""group: people gathered under one name; Kaltura keeps a group as a person of another type."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.rules import exclusive, groups, people
from kaltura_simulator.state.store import Data


@action("group_group.add")
@slow
def add(call: Call, group: Given) -> Data:
    """A new group; its id is nobody else's, person or group. One caller at a time for each id."""
    group.refuse_read_only()
    group_id = group.get("id", "")
    people.check_id(group_id)
    with exclusive.locked(call, f"user_add_{group_id}"):
        if people.known(call, group_id) is not None:
            raise ApiError("DUPLICATE_USER_BY_ID", UID=group_id)
        return groups.shown(call, groups.new(call, group.values))


@action("group_group.get")
def get(call: Call, groupId: str) -> Data:
    """One group, with how many are in it."""
    return groups.shown(call, groups.find(call, groupId))


@action("group_group.update")
def update(call: Call, groupId: str, group: Given) -> Data:
    """Change a group."""
    stored = groups.find(call, groupId)
    group.refuse_changed(stored)
    group.pop("id")
    changed = call.change("user", groupId, **group.values, updatedAt=call.clock.now())
    return groups.shown(call, changed)


@action("group_group.delete")
def delete(call: Call, groupId: str) -> Data:
    """Delete a group; nobody is in it any more."""
    found = groups.shown(call, groups.find(call, groupId))
    for member in groups.memberships(call, groupId=groupId):
        call.store.delete(call.partner, groups.KIND, member["id"])
    now = call.clock.now()
    call.change("user", groupId, status=people.DELETED, statusUpdatedAt=now, deletedAt=now)
    return found | {"status": people.DELETED, "statusUpdatedAt": now, "deletedAt": now}


@action("group_group.list")
def list_groups(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The account's groups."""
    rows = [row for row in call.all("user") if groups.is_one(row) and people.is_there(row)]
    found = lists.ordered(lists.chosen(rows, filter, people.FILTERS), filter)
    page = [groups.shown(call, row) for row in lists.paged(found, pager, indexed=True)]
    return lists.response("KalturaGroupListResponse", page, len(found))


@action("group_group.clone")
def clone(call: Call, originalGroupId: str, newGroupId: str, newGroupName: str | None) -> Data:
    """A group like another one, with the same people in it."""
    original = groups.find(call, originalGroupId)
    if people.known(call, newGroupId) is not None:
        raise ApiError("DUPLICATE_GROUP_BY_ID", ID=newGroupId)
    people.check_id(newGroupId)
    sent = original | {"id": newGroupId, "screenName": newGroupName or newGroupId}
    made = groups.new(call, sent)
    for member in groups.memberships(call, groupId=originalGroupId):
        groups.join(call, member["userId"], newGroupId, groups.AUTOMATIC, member["userRole"])
    return groups.shown(call, made)
