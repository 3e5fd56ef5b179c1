"""categoryUser: the members of a category and their permission levels.

Kaltura's: api_v3/services/CategoryUserService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.rules import categories, exclusive, users
from kaltura_simulator.state.store import Data

ACTIVE, NOT_ACTIVE = 1, 3
INHERIT = 1


def _key(category_id: int, user_id: str) -> str:
    return f"{category_id}:{user_id}"


def _find(call: Call, category_id: int, user_id: str) -> Data:
    found = call.get("category_user", _key(category_id, user_id))
    if found is None:
        raise ApiError("INVALID_CATEGORY_USER_ID", CAT=category_id, USER=user_id)
    return found


@action("categoryuser.add")
@slow
def add(call: Call, categoryUser: SentObject) -> Data:
    """Add a member; one caller at a time for each category and user."""
    categoryUser.refuse_read_only()
    categoryUser.require("categoryId", "userId")
    pair = f"{categoryUser.get('categoryId')}_{categoryUser.get('userId')}"
    with exclusive.locked(call, f"categoryUser_add_{pair}"):
        return _add(call, categoryUser)


def _add(call: Call, categoryUser: SentObject) -> Data:
    """Add a member, with the category's default permission level unless one was sent."""
    user_id = categoryUser.get("userId")
    category = categories.find(call, categoryUser.get("categoryId"))
    if users.find_active(call, user_id) is None:
        raise ApiError("INVALID_USER_ID")
    if category.get("inheritanceType") == INHERIT:
        raise ApiError("CATEGORY_INHERIT_MEMBERS", CAT=category["id"])
    key = _key(category["id"], user_id)
    if call.get("category_user", key) is not None:
        raise ApiError("CATEGORY_USER_ALREADY_EXISTS")
    now = call.clock.now()
    member = {
        "objectType": "KalturaCategoryUser",
        "categoryId": category["id"],
        "userId": user_id,
        "partnerId": call.partner,
        "permissionLevel": categoryUser.get("permissionLevel", category["defaultPermissionLevel"]),
        "updateMethod": categoryUser.get("updateMethod", 0),
        "status": ACTIVE,
        "createdAt": now,
        "updatedAt": now,
        "categoryFullIds": category["fullIds"],
    }
    call.put("category_user", key, member)
    _count(call, category)
    return member


def _count(call: Call, category: Data) -> None:
    members = [row for row in call.all("category_user") if row["categoryId"] == category["id"]]
    call.change("category", category["id"], membersCount=len(members))


@action("categoryuser.get")
def get(call: Call, categoryId: int, userId: str) -> Data:
    """One membership."""
    return _find(call, categoryId, userId)


@action("categoryuser.update")
def update(
    call: Call, categoryId: int, userId: str, categoryUser: SentObject, override: bool | None
) -> Data:
    """Change a membership; one that was added manually needs ``override``."""
    stored = _find(call, categoryId, userId)
    if not override:
        raise ApiError("CANNOT_OVERRIDE_MANUAL_CHANGES")
    categoryUser.refuse_read_only_changes(stored)
    changes = categoryUser.values | {"updatedAt": call.clock.now()}
    return call.change("category_user", _key(categoryId, userId), **changes)


@action("categoryuser.activate")
def activate(call: Call, categoryId: int, userId: str) -> Data:
    """Activate a membership."""
    return _switch(call, categoryId, userId, ACTIVE)


@action("categoryuser.deactivate")
def deactivate(call: Call, categoryId: int, userId: str) -> Data:
    """Deactivate a membership."""
    return _switch(call, categoryId, userId, NOT_ACTIVE)


def _switch(call: Call, category_id: int, user_id: str, status: int) -> Data:
    _find(call, category_id, user_id)
    now = call.clock.now()
    return call.change("category_user", _key(category_id, user_id), status=status, updatedAt=now)


@action("categoryuser.delete")
def delete(call: Call, categoryId: int, userId: str) -> None:
    """Delete a membership."""
    _find(call, categoryId, userId)
    call.store.delete(call.partner, "category_user", _key(categoryId, userId))
    _count(call, categories.find(call, categoryId))


@action("categoryuser.list")
def list_members(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Memberships; the filter must name categories or users."""
    names = ("categoryIdEqual", "categoryIdIn", "userIdEqual", "userIdIn")
    if filter is None or not any(filter.get(name) for name in names):
        raise ApiError("MUST_FILTER_USERS_OR_CATEGORY")
    rows = call.listed("category_user")
    found = lists.sorted_by(lists.filtered(rows, filter), filter)
    page = lists.page_of(found, pager, indexed=True)
    return lists.list_response("KalturaCategoryUserListResponse", page, len(found))
