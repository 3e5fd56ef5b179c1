"""categoryUser: who belongs to a category, and with which rights."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.rules import categories, exclusive, people
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
def add(call: Call, categoryUser: Given) -> Data:
    """Make somebody a member; one caller at a time for each pair."""
    categoryUser.refuse_read_only()
    categoryUser.need("categoryId", "userId")
    pair = f"{categoryUser.get('categoryId')}_{categoryUser.get('userId')}"
    with exclusive.locked(call, f"categoryUser_add_{pair}"):
        return _add(call, categoryUser)


def _add(call: Call, categoryUser: Given) -> Data:
    """A new member; without a level, the category's default one."""
    user_id = categoryUser.get("userId")
    place = categories.find(call, categoryUser.get("categoryId"))
    if people.known(call, user_id) is None:
        raise ApiError("INVALID_USER_ID")
    if place.get("inheritanceType") == INHERIT:
        raise ApiError("CATEGORY_INHERIT_MEMBERS", CAT=place["id"])
    key = _key(place["id"], user_id)
    if call.get("category_user", key) is not None:
        raise ApiError("CATEGORY_USER_ALREADY_EXISTS")
    now = call.clock.now()
    member = {
        "objectType": "KalturaCategoryUser",
        "categoryId": place["id"],
        "userId": user_id,
        "partnerId": call.partner,
        "permissionLevel": categoryUser.get("permissionLevel", place["defaultPermissionLevel"]),
        "updateMethod": categoryUser.get("updateMethod", 0),
        "status": ACTIVE,
        "createdAt": now,
        "updatedAt": now,
        "categoryFullIds": place["fullIds"],
    }
    call.put("category_user", key, member)
    _count(call, place)
    return member


def _count(call: Call, place: Data) -> None:
    members = [row for row in call.all("category_user") if row["categoryId"] == place["id"]]
    call.change("category", place["id"], membersCount=len(members))


@action("categoryuser.get")
def get(call: Call, categoryId: int, userId: str) -> Data:
    """One membership."""
    return _find(call, categoryId, userId)


@action("categoryuser.update")
def update(
    call: Call, categoryId: int, userId: str, categoryUser: Given, override: bool | None
) -> Data:
    """Change a membership; one made by hand wants ``override``."""
    stored = _find(call, categoryId, userId)
    if not override:
        raise ApiError("CANNOT_OVERRIDE_MANUAL_CHANGES")
    categoryUser.refuse_changed(stored)
    changes = categoryUser.values | {"updatedAt": call.clock.now()}
    return call.change("category_user", _key(categoryId, userId), **changes)


@action("categoryuser.activate")
def activate(call: Call, categoryId: int, userId: str) -> Data:
    """Let somebody be a member."""
    return _switch(call, categoryId, userId, ACTIVE)


@action("categoryuser.deactivate")
def deactivate(call: Call, categoryId: int, userId: str) -> Data:
    """Keep a membership without its rights."""
    return _switch(call, categoryId, userId, NOT_ACTIVE)


def _switch(call: Call, category_id: int, user_id: str, status: int) -> Data:
    _find(call, category_id, user_id)
    now = call.clock.now()
    return call.change("category_user", _key(category_id, user_id), status=status, updatedAt=now)


@action("categoryuser.delete")
def delete(call: Call, categoryId: int, userId: str) -> None:
    """End a membership."""
    _find(call, categoryId, userId)
    call.store.delete(call.partner, "category_user", _key(categoryId, userId))
    _count(call, categories.find(call, categoryId))


@action("categoryuser.list")
def list_members(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Members by category or by user; one of the two must be named."""
    names = ("categoryIdEqual", "categoryIdIn", "userIdEqual", "userIdIn")
    if filter is None or not any(filter.get(name) for name in names):
        raise ApiError("MUST_FILTER_USERS_OR_CATEGORY")
    rows = call.listed("category_user")
    found = lists.ordered(lists.chosen(rows, filter), filter)
    page = lists.paged(found, pager, indexed=True)
    return lists.response("KalturaCategoryUserListResponse", page, len(found))
