"""categoryUser: the members of a category and their permission levels.

Kaltura's: api_v3/services/CategoryUserService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.rules import (
    categories,
    category_members,
    entitlement,
    exclusive,
    users,
)
from kaltura_simulator.state.store import Data

#: A list must have one of these filters.
_REQUIRED_FILTERS = ("categoryIdEqual", "categoryIdIn", "userIdEqual", "userIdIn")


def _find(call: Call, category_id: int, user_id: str) -> Data:
    """A membership in this very category, of a user that there is."""
    if users.find_active(call, user_id) is None:
        raise ApiError("INVALID_USER_ID")
    found = category_members.find(call, category_id, user_id)
    if found is None:
        raise ApiError("INVALID_CATEGORY_USER_ID", CAT=category_id, USER=user_id)
    return found


def _may_manage(call: Call, category: Data) -> bool:
    """Whether the caller may change members; only entitlement restricts it."""
    return not entitlement.is_enforced(call) or category_members.is_manager(
        call, category, call.user
    )


@action("categoryuser.add")
@slow
def add(call: Call, categoryUser: SentObject) -> Data:
    """Add a member; one caller at a time for each category and user."""
    categoryUser.refuse_read_only()
    categoryUser.require("categoryId", "userId")
    pair = f"{categoryUser.get('categoryId')}_{categoryUser.get('userId')}"
    with exclusive.locked(call, f"categoryUser_add_{pair}"):
        return _add(call, categoryUser)


def _add(call: Call, sent: SentObject) -> Data:
    """Add a member, with the category's default permission level unless one was sent."""
    category = categories.find(call, sent.get("categoryId"))
    if category.get("inheritanceType") == category_members.INHERIT:
        raise ApiError("CATEGORY_INHERIT_MEMBERS", CAT=category["id"])
    user_id = sent.get("userId")
    if user_id == "0":
        raise ApiError("INVALID_USER_ID")
    sent.check_length("userId", 1)
    if category_members.find(call, category["id"], user_id) is not None:
        raise ApiError("CATEGORY_USER_ALREADY_EXISTS")
    if not _may_manage(call, category):
        raise ApiError("CATEGORY_USER_JOIN_NOT_ALLOWED", CAT=category["id"])
    if users.find_active(call, user_id) is None:
        users.check_id(user_id, "userId")
    level = sent.get("permissionLevel", category["defaultPermissionLevel"])
    return category_members.put(call, category, user_id, level, sent.get("updateMethod", 0))


@action("categoryuser.get")
def get(call: Call, categoryId: int, userId: str) -> Data:
    """One membership; of a category that inherits, the one in its parent."""
    if users.find_active(call, userId) is None:
        raise ApiError("INVALID_USER_ID")
    source = category_members.source_of(call, categories.find(call, categoryId))
    return _find(call, source["id"], userId)


@action("categoryuser.update")
def update(
    call: Call, categoryId: int, userId: str, categoryUser: SentObject, override: bool | None
) -> Data:
    """Change a membership; one that was added manually needs ``override``."""
    stored = _find(call, categoryId, userId)
    if not override:
        raise ApiError("CANNOT_OVERRIDE_MANUAL_CHANGES")
    if not _may_manage(call, categories.find(call, categoryId)):
        raise ApiError("CANNOT_UPDATE_CATEGORY_USER")
    categoryUser.refuse_read_only_changes(stored)
    return category_members.change(call, stored, **categoryUser.values)


@action("categoryuser.activate")
def activate(call: Call, categoryId: int, userId: str) -> Data:
    """Activate a membership."""
    stored = _find(call, categoryId, userId)
    if not _may_manage(call, categories.find(call, categoryId)):
        raise ApiError("CANNOT_UPDATE_CATEGORY_USER")
    return category_members.change(call, stored, status=category_members.ACTIVE)


@action("categoryuser.deactivate")
def deactivate(call: Call, categoryId: int, userId: str) -> Data:
    """Deactivate a membership; members may do so for themselves."""
    stored = _find(call, categoryId, userId)
    _refuse_others(call, categoryId, userId)
    return category_members.change(call, stored, status=category_members.NOT_ACTIVE)


@action("categoryuser.delete")
def delete(call: Call, categoryId: int, userId: str) -> None:
    """End a membership; members may leave by themselves, the owner stays."""
    category = categories.find(call, categoryId)
    stored = _find(call, categoryId, userId)
    _refuse_others(call, categoryId, userId)
    if category.get("privacyContexts") and userId.lower() == str(category.get("owner")).lower():
        raise ApiError("CANNOT_UPDATE_CATEGORY_USER_OWNER")
    category_members.remove(call, stored)


def _refuse_others(call: Call, category_id: int, user_id: str) -> None:
    """Only managers change the membership of somebody else."""
    is_own = user_id.lower() == call.user.lower()
    if not is_own and not _may_manage(call, categories.find(call, category_id)):
        raise ApiError("CANNOT_UPDATE_CATEGORY_USER")


@action("categoryuser.list")
def list_members(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Memberships; the filter must name categories or users."""
    if filter is None or not any(filter.get(name) for name in _REQUIRED_FILTERS):
        raise ApiError("MUST_FILTER_USERS_OR_CATEGORY")
    rows = call.listed(category_members.KIND)
    found = lists.sorted_by(lists.filtered(rows, _of_sources(call, filter)), filter)
    page = lists.page_of(found, pager, indexed=True)
    return lists.list_response("KalturaCategoryUserListResponse", page, len(found))


def _of_sources(call: Call, asked: SentObject) -> SentObject:
    """The filter with each category that inherits replaced by the one that it inherits from."""
    named = asked.get("categoryIdEqual") or asked.get("categoryIdIn")
    if not named:
        return asked
    rows = (call.get("category", key) for key in lists.split_commas(named))
    known = (row for row in rows if row and entitlement.may_see_category(call, row))
    keys = [str(category_members.source_of(call, row)["id"]) for row in known]
    rest = {k: v for k, v in asked.values.items() if k != "categoryIdEqual"}
    # An id that no category has, when none of those named is one.
    return SentObject(asked.object_type, rest | {"categoryIdIn": ",".join(keys) or "0"})
