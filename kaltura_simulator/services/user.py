"""user: the users of an account.

Kaltura's: api_v3/services/UserService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.rules import exclusive, users
from kaltura_simulator.services import user_login
from kaltura_simulator.state.store import Data


def _find(call: Call, user_id: str) -> Data:
    found = users.find_active(call, user_id)
    if found is None or not users.is_user(found):
        raise ApiError("INVALID_USER_ID")
    return found


def _fresh(row: Data) -> Data:
    return {name: value for name, value in row.items() if name not in users.AFTER_READING}


@action("user.add")
@slow
def add(call: Call, user: SentObject) -> Data:
    """Add a user; one caller at a time for each id."""
    user.refuse_read_only()
    user_id = user.get("id", "")
    users.check_id(user_id)
    with exclusive.locked(call, f"user_add_{user_id}"):
        return _add(call, user, user_id)


def _add(call: Call, user: SentObject, user_id: str) -> Data:
    if users.find_active(call, user_id) is not None:
        raise ApiError("DUPLICATE_USER_BY_ID", UID=user_id)
    row = users.new_row(call, user_id) | {k: v for k, v in user.values.items() if v is not None}
    password = row.pop("password", "")
    row["screenName"] = user.get("screenName", user_id)
    row["fullName"] = _full_name(row) or user.get("fullName", "")
    row["loginEnabled"] = bool(password) and bool(row["isAdmin"] or row["loginEnabled"])
    if row["loginEnabled"]:
        user_login.set_login(call, user_id, str(row.get("email") or user_id), password)
    return _fresh(call.put("user", user_id, row))


def _full_name(row: Data) -> str:
    return " ".join(row[name] for name in ("firstName", "lastName") if row.get(name))


@action("user.get")
def get(call: Call, userId: str | None) -> Data:
    """One user, by default the caller; only administrators may read others."""
    wanted = userId or call.user
    if not call.is_admin and wanted != call.user:
        code = "CANNOT_RETRIEVE_ANOTHER_USER_USING_NON_ADMIN_SESSION"
        raise ApiError(code, USER_ID=wanted)
    return _find(call, wanted)


@action("user.update")
def update(call: Call, userId: str, user: SentObject) -> Data:
    """Change a user."""
    stored = _find(call, userId)
    user.refuse_read_only_changes(stored)
    row = stored | user.values | {"updatedAt": call.clock.now()}
    row["fullName"] = _full_name(row) or row.get("fullName", "")
    return call.put("user", userId, row)


@action("user.delete")
def delete(call: Call, userId: str) -> Data:
    """Delete a user."""
    _find(call, userId)
    now = call.clock.now()
    return call.change("user", userId, status=users.DELETED, statusUpdatedAt=now, deletedAt=now)


@action("user.list")
def list_users(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Users that were not deleted; groups only if the filter names their type."""
    rows = [row for row in call.all("user") if users.is_not_deleted(row)]
    if filter is None or not {"typeEqual", "typeIn"} & filter.values.keys():
        rows = [row for row in rows if users.is_user(row)]
    found = lists.sorted_by(lists.filtered(rows, filter, users.FILTERS), filter)
    page = lists.page_of(found, pager, indexed=True)
    plain = [row | {"objectType": "KalturaUser"} for row in page]
    return lists.list_response("KalturaUserListResponse", plain, len(found))
