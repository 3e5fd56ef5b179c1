"""user: the users of an account.

Kaltura's: api_v3/services/UserService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.rules import exclusive, groups, tag_texts, users
from kaltura_simulator.services import user_login
from kaltura_simulator.state.store import Data

#: With one of these a list holds groups, too.
_SHOWING_GROUPS = frozenset({"typeEqual", "typeIn", "idEqual"})


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
    if user.get("isAdmin") and not user.get("email"):
        raise ApiError("INVALID_FIELD_VALUE", FIELD_NAME="email")
    row = users.new_row(call, user_id) | {k: v for k, v in user.values.items() if v is not None}
    password = row.pop("password", "")
    row["screenName"] = user.get("screenName", user_id)
    row |= users.names(row)
    row |= _cut_tags(user)
    row["loginEnabled"] = bool(password) and bool(row["isAdmin"] or row["loginEnabled"])
    if row["loginEnabled"]:
        user_login.set_login(call, user_id, str(row.get("email") or user_id), password)
    return _fresh(users.put(call, row))


def _cut_tags(user: SentObject) -> Data:
    """The tags of a user, each cut at 100 bytes."""
    tags = user.get("tags")
    return {} if tags is None else {"tags": ", ".join(tag_texts.cut(tags))}


@action("user.get")
def get(call: Call, userId: str | None) -> Data:
    """One user or group, by default the caller; only administrators may read others."""
    wanted = userId or call.user
    if not call.is_admin and wanted.lower() != call.user.lower():
        code = "CANNOT_RETRIEVE_ANOTHER_USER_USING_NON_ADMIN_SESSION"
        raise ApiError(code, USER_ID=wanted)
    found = users.find_active(call, wanted)
    if found is None:
        raise ApiError("INVALID_USER_ID")
    return found | {"objectType": "KalturaUser"}


@action("user.update")
def update(call: Call, userId: str, user: SentObject) -> Data:
    """Change a user."""
    stored = _find(call, userId)
    user.refuse_read_only_changes(stored)
    sent = user.values | _cut_tags(user)
    row = stored | sent | {"updatedAt": call.clock.now()}
    if "fullName" in sent and not {"firstName", "lastName"} & sent.keys():
        row |= {"firstName": "", "lastName": ""}
    return users.put(call, row | users.names(row))


@action("user.delete")
def delete(call: Call, userId: str) -> Data:
    """Delete a user, who leaves all groups."""
    _find(call, userId)
    groups.remove_user(call, userId)
    now = call.clock.now()
    return users.change(call, userId, status=users.DELETED, statusUpdatedAt=now, deletedAt=now)


@action("user.list")
def list_users(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Users that were not deleted; groups if the filter names their type or one id."""
    rows = [row for row in call.all("user") if users.is_not_deleted(row)]
    if filter is None or not _SHOWING_GROUPS & filter.values.keys():
        rows = [row for row in rows if users.is_user(row)]
    found = lists.sorted_by(lists.filtered(rows, filter, users.FILTERS), filter)
    page = lists.page_of(found, pager, indexed=True)
    plain = [row | {"objectType": "KalturaUser"} for row in page]
    return lists.list_response("KalturaUserListResponse", plain, len(found))
