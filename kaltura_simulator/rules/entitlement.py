"""Who may see what: sessions with ``enableentitlement``, privacy contexts and members.

Without that privilege a privacy context hides nothing from anybody. Seen at a running
server (22.19), whose account does not enforce entitlement by itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.rules import category_members
from kaltura_simulator.state.store import Data

EVERYBODY, SIGNED_IN, MEMBERS_ONLY = 1, 2, 3
LISTED_FOR_ALL = 1
LINK, LINK_ACTIVE = "category_entry", 2


def is_enforced(call: Call) -> bool:
    """Whether the session sees only what it is entitled to; ``disableentitlement`` loses."""
    return call.session is not None and "enableentitlement" in call.session.privileges


def context_of(call: Call) -> str:
    """The one privacy context of a session; two joined by ``|`` are a third name."""
    return call.session.privileges.get("privacycontext", "") if call.session else ""


def is_exempt(call: Call, entry_id: str) -> bool:
    """Whether the session may see this entry in any case; several ids are joined by ``/``."""
    named = call.session.privileges.get("disableentitlementforentry", "") if call.session else ""
    return entry_id in named.split("/")


def may_see_category(call: Call, row: Data) -> bool:
    """Whether the caller may know of a category: it is listed for all, or for its members."""
    if not is_enforced(call):
        return True
    contexts, own = lists.split_commas(row.get("privacyContexts") or ""), context_of(call)
    if not own or own not in contexts:
        return not own and not contexts
    is_listed = row.get("appearInList", LISTED_FOR_ALL) == LISTED_FOR_ALL
    return is_listed or category_members.is_member(call, row, call.user)


def may_see_entries_of(call: Call, categories: Iterable[Data]) -> bool:
    """Whether the caller may see an entry that is in these categories and in no others."""
    rows, own = list(categories), context_of(call)
    if not rows:
        return not (call.is_admin and own)
    if not own:
        return any(not row.get("privacyContexts") for row in rows)
    inside = (row for row in rows if own in lists.split_commas(row.get("privacyContexts") or ""))
    return any(_opens(call, row) for row in inside)


def opens(call: Call, category: Data) -> bool:
    """Whether a category's own page shows its entries to the caller."""
    if not is_enforced(call):
        return True
    contexts, own = lists.split_commas(category.get("privacyContexts") or ""), context_of(call)
    return _opens(call, category) if own in contexts else not contexts


def _opens(call: Call, category: Data) -> bool:
    """Whether a category of the session's context shows its entries to the caller."""
    if category["privacy"] == EVERYBODY:
        return True
    if category["privacy"] == SIGNED_IN and call.user:
        return True
    return category_members.is_member(call, category, call.user)


def categories_of(call: Call, entry_id: str) -> list[Data]:
    """The categories that an entry is in."""
    links = (link for link in call.where(LINK, entry_id) if link["status"] == LINK_ACTIVE)
    found = (call.get("category", link["categoryId"]) for link in links)
    return [row for row in found if row is not None]
