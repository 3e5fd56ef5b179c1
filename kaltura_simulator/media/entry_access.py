"""Who may change and who may see an entry.

Kaltura's: api_v3/lib/KalturaEntryService.php in https://github.com/kaltura/server.
"""

from __future__ import annotations

from kaltura_simulator.api import ks, lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError, invalid_ks
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.rules import entitlement, groups
from kaltura_simulator.state.store import Data


def is_owner(call: Call, row: Data) -> bool:
    """Whether the caller is the entry's owner, ignoring case; its creator as such is not.

    Sessions without a user share the entries that they made.
    """
    if call.session is None or call.session.type == ks.WIDGET:
        return False
    return call.user.lower() == str(row["userId"]).lower()


def is_co_editor(call: Call, row: Data) -> bool:
    """Whether the caller, or a group that the caller is in, co-edits the entry."""
    editors = {user.lower() for user in lists.split_commas(row.get("entitledUsersEdit") or "")}
    if not call.user or not editors:
        return False
    if call.user.lower() in editors:
        return True
    return any(
        str(row["groupId"]).lower() in editors for row in groups.memberships(call, userId=call.user)
    )


def can_edit(call: Call, row: Data) -> bool:
    """Whether the caller may change this entry."""
    return (
        call.is_admin
        or is_owner(call, row)
        or call.holds("edit", row["id"])
        or is_co_editor(call, row)
    )


def may_see(call: Call, row: Data) -> bool:
    """Whether the caller may know of the entry; its owner and its co-editors always may."""
    if not entitlement.is_enforced(call) or entitlement.is_exempt(call, row["id"]):
        return True
    if call.user and (is_owner(call, row) or is_co_editor(call, row)):
        return True
    return entitlement.may_see_entries_of(call, entitlement.categories_of(call, row["id"]))


def require_edit(call: Call, row: Data) -> None:
    """Refuse callers who may not edit this entry; Kaltura answers INVALID_KS, INVALID_TYPE."""
    if not can_edit(call, row):
        raise not_yours()


def not_yours() -> ApiError:
    """What Kaltura answers to callers whose object it is not."""
    return invalid_ks("", -4, "INVALID_TYPE")


def require_edit_first(call: Call, entry_id: str) -> None:
    """The check of actions that are ``owned``: refuse entries of others, and unknown ones."""
    row = call.get("entry", entry_id)
    if row is None or not can_edit(call, row):
        raise not_yours()


def refuse_foreign_owner(call: Call, sent: SentObject) -> None:
    """A USER session adds entries for its own user only."""
    if not call.is_admin and sent.get("userId", call.user).lower() != call.user.lower():
        raise not_yours()


def refuse_new_owners(call: Call, row: Data, sent: SentObject) -> None:
    """Only administrators change who owns an entry, and who edits it too."""
    for name in ("userId", "entitledUsersEdit"):
        changes = name in sent and str(sent.get(name, "")) != str(row.get(name) or "")
        if changes and not call.is_admin:
            raise not_yours()
