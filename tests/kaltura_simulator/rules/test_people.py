"""People, groups and who is in them; roles and widgets."""

from __future__ import annotations

import pytest
from KalturaClient.Plugins import Core, Group

from tests.kaltura_simulator.support.clients import (
    USER,
    call,
    client_of,
    code_of,
    fields_of,
    ks_of,
    value_of,
)


@pytest.fixture
def client(kaltura):
    return client_of(kaltura)


def add_user(client, user_id, **fields):
    return client.user.add(Core.KalturaUser(id=user_id, **fields))


def add_group(client, group_id, **fields):
    return client.group.group.add(Group.KalturaGroup(id=group_id, **fields))


def join(client, user_id, group_id, **fields):
    member = Core.KalturaGroupUser(userId=user_id, groupId=group_id, **fields)
    return client.groupUser.add(member)


def groups_of(client, user_id):
    asked = Core.KalturaGroupUserFilter(userIdEqual=user_id)
    return sorted(row.groupId for row in client.groupUser.list(asked).objects)


# -------------------------------------------------------------------------- people
@pytest.mark.parametrize("user_id", ["with blank", "a/b", "a:b", "ü", "x" * 321])
def test_user_id_holds_only_what_kaltura_lets_into_one(client, user_id):
    assert code_of(add_user, client, user_id) == "INVALID_FIELD_VALUE"


def test_user_may_read_only_itself(client, kaltura):
    add_user(client, "ann", firstName="Ann")
    add_user(client, "ben")
    ann = client_of(kaltura, USER, "ann")
    refused = call(kaltura, "user.get", ks=ks_of(kaltura, USER, "ann"), userId="ben")
    assert (ann.user.get().firstName, ann.user.get("ann").id) == ("Ann", "ann")
    assert (refused["code"], refused["message"]) == (
        "CANNOT_RETRIEVE_ANOTHER_USER_USING_NON_ADMIN_SESSION",
        'cannot retrieve another user "ben" using non-admin session',
    )


# -------------------------------------------------------------------------- groups
def test_group_is_made_changed_and_deleted(client):
    made = add_group(client, "producers", screenName="Producers")
    add_user(client, "ann")
    join(client, "ann", "producers")
    changed = client.group.group.update("producers", Group.KalturaGroup(screenName="Crew"))
    gone = client.group.group.delete("producers")

    assert fields_of(made, "id", "screenName", "membersCount") == {
        "id": "producers",
        "screenName": "Producers",
        "membersCount": 0,
    }
    assert fields_of(changed, "screenName", "membersCount", "status") == {
        "screenName": "Crew",
        "membersCount": 1,
        "status": 1,
    }
    assert value_of(gone.status) == 2
    assert code_of(client.group.group.get, "producers") == "INVALID_GROUP_ID"
    assert groups_of(client, "ann") == []


def test_group_and_person_share_their_ids(client):
    add_user(client, "ann")
    add_group(client, "crew")
    codes = [
        code_of(add_group, client, "ann"),
        code_of(add_user, client, "crew"),
        code_of(client.group.group.get, "ann"),
        code_of(add_group, client, "no group"),
    ]
    assert codes == [
        "DUPLICATE_USER_BY_ID",
        "DUPLICATE_USER_BY_ID",
        "INVALID_GROUP_ID",
        "INVALID_FIELD_VALUE",
    ]
    assert type(client.user.get("crew")).__name__ == "KalturaUser"


def test_group_is_listed_as_a_group_only(client):
    add_user(client, "ann")
    add_group(client, "crew")
    people = [row.id for row in client.user.list().objects]
    groups = [row.id for row in client.group.group.list().objects]
    asked = Core.KalturaUserFilter(typeEqual=Core.KalturaUserType.GROUP)
    named = [row.id for row in client.user.list(asked).objects]
    assert ("ann" in people, "crew" in people) == (True, False)
    assert (groups, named) == (["crew"], ["crew"])


def test_membership_needs_both_and_happens_once(client):
    add_user(client, "ann")
    add_group(client, "crew")
    member = join(client, "ann", "crew")
    codes = [
        code_of(join, client, "ann", "crew"),
        code_of(join, client, "ben", "crew"),
        code_of(join, client, "ann", "nobodies"),
        code_of(join, client, "crew", "crew"),
        code_of(join, client, "ann", "ann"),
    ]
    assert fields_of(member, "userId", "groupId", "status", "userRole", "creationMode") == {
        "userId": "ann",
        "groupId": "crew",
        "status": 0,
        "userRole": 1,
        "creationMode": 1,
    }
    assert codes == [
        "GROUP_USER_ALREADY_EXISTS",
        "USER_NOT_FOUND",
        "GROUP_NOT_FOUND",
        "USER_NOT_FOUND",
        "GROUP_NOT_FOUND",
    ]


def test_membership_is_changed_and_ended(client):
    add_user(client, "ann")
    add_group(client, "crew")
    member = join(client, "ann", "crew")
    manager = Core.KalturaGroupUser(userRole=Core.KalturaGroupUserRole.MANAGER)
    changed = client.groupUser.update(member.id, manager)
    moved = code_of(client.groupUser.update, member.id, Core.KalturaGroupUser(groupId="other"))
    client.groupUser.delete("ann", "crew")
    codes = [
        code_of(client.groupUser.delete, "ann", "crew"),
        code_of(client.groupUser.delete, "ben", "crew"),
        code_of(client.groupUser.delete, "ann", "nobodies"),
        code_of(client.groupUser.update, member.id, manager),
    ]
    assert value_of(changed.userRole) == 2
    assert moved == "PROPERTY_VALIDATION_NOT_UPDATABLE"
    assert codes == [
        "GROUP_USER_DOES_NOT_EXISTS",
        "INVALID_USER_ID",
        "GROUP_NOT_FOUND",
        "GROUP_USER_NOT_FOUND",
    ]


def test_sync_puts_a_person_into_exactly_these_groups(client):
    add_user(client, "ann")
    for name in ("one", "two"):
        add_group(client, name)
        join(client, "ann", name)
    client.groupUser.sync("ann", "two,three")
    exact = groups_of(client, "ann")
    client.groupUser.sync("ann", "one;four", False, False)
    more = groups_of(client, "ann")
    assert (exact, more) == (["three", "two"], ["one", "three", "two"])
    assert code_of(client.groupUser.sync, "ben", "one") == "INVALID_USER_ID"
    assert code_of(client.groupUser.sync, "ann", " ") == "MISSING_MANDATORY_PARAMETER"


def test_clone_takes_the_members_along(client):
    add_user(client, "ann")
    add_group(client, "crew")
    join(client, "ann", "crew", userRole=Core.KalturaGroupUserRole.MANAGER)
    made = client.group.group.clone("crew", "crew-2", "Second crew")
    (member,) = client.groupUser.list(Core.KalturaGroupUserFilter(groupIdEqual="crew-2")).objects
    assert (made.screenName, made.membersCount) == ("Second crew", 1)
    assert (member.userId, value_of(member.userRole)) == ("ann", 2)
    assert code_of(client.group.group.clone, "crew", "ann") == "DUPLICATE_GROUP_BY_ID"


def test_groups_are_for_administrators(client, kaltura):
    viewer = client_of(kaltura, USER, "ann")
    codes = [
        code_of(viewer.group.group.list),
        code_of(viewer.groupUser.list),
        code_of(add_group, viewer, "crew"),
    ]
    assert codes == ["SERVICE_FORBIDDEN"] * 3


# ----------------------------------------------------------------- roles and widgets
def test_role_is_found_by_its_system_name(client):
    asked = Core.KalturaUserRoleFilter(systemNameEqual="WEBCAST_PRODUCER_DEVICE_ROLE")
    (found,) = client.userRole.list(asked).objects
    assert "LIVE_STREAM_UPDATE" in found.permissionNames
    assert client.userRole.get(found.id).systemName == found.systemName
    assert code_of(client.userRole.get, 1) == "INVALID_OBJECT_ID"


def test_widget_of_the_account_is_there(client, kaltura):
    found = client.widget.get(f"_{kaltura.partner_id}")
    listed = [row.id for row in client.widget.list().objects]
    assert (found.id, listed) == (f"_{kaltura.partner_id}", [f"_{kaltura.partner_id}"])
    assert code_of(client.widget.get, "_1") == "INVALID_WIDGET_ID"


def test_webcast_player_is_found_by_its_name(client):
    asked = Core.KalturaUiConfFilter(nameLike="MediaSpace Webcast Player")
    assert [row.id for row in client.uiConf.list(asked).objects] == [1203]
