"""The members of a category: its own, or those of the category that it inherits from.

What a category inherits is copied when it begins to, and renewed in the background when
members come and go: until then those who joined are not seen as its members. Kaltura's:
alpha/lib/model/categoryKuser.php in https://github.com/kaltura/server.
"""

from __future__ import annotations

from kaltura_simulator.api.call import Call, internal
from kaltura_simulator.rules import groups, users
from kaltura_simulator.state import background
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World

KIND, CATEGORY = "category_user", "category"
ACTIVE, PENDING, NOT_ACTIVE = 1, 2, 3
MANAGER, MODERATOR, CONTRIBUTOR, MEMBER, NONE = range(5)
INHERIT = 1
DELETED = 3
_RENEW = "inherited_members"
_EDIT, _MODERATE, _CONTRIBUTE, _VIEW = (
    f"CATEGORY_{word}" for word in ("EDIT", "MODERATE", "CONTRIBUTE", "VIEW")
)
#: ``permissionNames`` by permission level.
PERMISSION_NAMES = {
    MANAGER: ",".join((_EDIT, _MODERATE, _CONTRIBUTE, _VIEW)),
    MODERATOR: ",".join((_MODERATE, _VIEW)),
    CONTRIBUTOR: ",".join((_CONTRIBUTE, _VIEW)),
    MEMBER: _VIEW,
    NONE: "",
}


# ------------------------------------------------------------------------- reading
def key_of(category_id: int, user_id: str) -> str:
    """The key of a membership in the store; user ids ignore case."""
    return f"{category_id}:{user_id.lower()}"


def source_of(call: Call, category: Data) -> Data:
    """The category whose members count: the next one above that does not inherit."""
    while category.get("inheritanceType") == INHERIT:
        parent = call.get(CATEGORY, category.get("parentId") or 0)
        if parent is None:
            break
        category = parent
    return category


def find(call: Call, category_id: int, user_id: str) -> Data | None:
    """A membership in this very category."""
    return call.get(KIND, key_of(category_id, user_id))


def of_category(call: Call, category_id: int) -> list[Data]:
    """The memberships in this very category."""
    return call.where(KIND, category_id)


def _ids(call: Call, category: Data) -> list[str]:
    """The users and groups that are members of a category which does not inherit."""
    rows = of_category(call, category["id"])
    active = (row for row in rows if row["status"] == ACTIVE and row["permissionLevel"] != NONE)
    return sorted(str(row["userId"]).lower() for row in active)


def is_member(call: Call, category: Data, user_id: str) -> bool:
    """Whether somebody is a member, directly or in a group; of a heir, as far as it knows."""
    if not user_id:
        return False
    inherits = category.get("inheritanceType") == INHERIT
    ids = set(category.get("_members") or ()) if inherits else set(_ids(call, category))
    if user_id.lower() in ids:
        return True
    own = groups.memberships(call, userId=user_id) if ids else ()
    return any(str(row["groupId"]).lower() in ids for row in own)


def is_manager(call: Call, category: Data, user_id: str) -> bool:
    """Whether somebody manages a category, as its owner does."""
    row = find(call, source_of(call, category)["id"], user_id)
    return row is not None and row["status"] == ACTIVE and row["permissionLevel"] == MANAGER


# ------------------------------------------------------------------------- writing
def put(call: Call, category: Data, user_id: str, level: int, method: int = 0) -> Data:
    """Make somebody a member; a user that there is none of is made."""
    users.ensure_exists(call, user_id)
    now = call.clock.now()
    row: Data = {
        "objectType": "KalturaCategoryUser",
        "categoryId": category["id"],
        "userId": user_id,
        "partnerId": call.partner,
        "permissionLevel": level,
        "permissionNames": PERMISSION_NAMES[level],
        "updateMethod": method,
        "status": ACTIVE,
        "createdAt": now,
        "updatedAt": now,
        "categoryFullIds": category["fullIds"],
    }
    before = find(call, category["id"], user_id)
    call.put(KIND, key_of(category["id"], user_id), row)
    _follow(call, category["id"], before, row)
    return row


def change(call: Call, row: Data, **fields: object) -> Data:
    """Change a membership."""
    if "permissionLevel" in fields and "permissionNames" not in fields:
        fields["permissionNames"] = PERMISSION_NAMES[int(str(fields["permissionLevel"]))]
    key = key_of(row["categoryId"], row["userId"])
    changed = call.change(KIND, key, **fields, updatedAt=call.clock.now())
    _follow(call, row["categoryId"], row, changed)
    return changed


def remove(call: Call, row: Data) -> None:
    """End a membership."""
    call.store.delete(call.partner, KIND, key_of(row["categoryId"], row["userId"]))
    _follow(call, row["categoryId"], row, None)


def forget(call: Call, category_id: int) -> None:
    """End all memberships of a category that is deleted; Kaltura does so in the background."""
    for row in of_category(call, category_id):
        call.store.delete(call.partner, KIND, key_of(category_id, row["userId"]))


def _follow(call: Call, category_id: int, before: Data | None, after: Data | None) -> None:
    """Count whoever came or left, and let the heirs know of them later.

    By the one who changed: to count thousands anew for each would take minutes.
    """
    category = call.get(CATEGORY, category_id) or {}

    def number(name: str, status: int) -> int:
        came = after is not None and after["status"] == status
        left = before is not None and before["status"] == status
        return int(category.get(name) or 0) + came - left

    call.change(
        CATEGORY,
        category_id,
        membersCount=number("membersCount", ACTIVE),
        pendingMembersCount=number("pendingMembersCount", PENDING),
    )
    background.do_later(
        call.store,
        call.partner,
        _RENEW,
        str(category_id),
        call.clock.steady() + call.world.background_s,
    )


def ensure_owner(call: Call, category: Data) -> Data:
    """Make the owner of a category with a privacy context its manager, if it has own members."""
    owner = category.get("owner")
    inherits = category.get("inheritanceType") == INHERIT
    if owner and category.get("privacyContexts") and not inherits:
        row = find(call, category["id"], owner)
        if row is None:
            put(call, category, owner, MANAGER)
        elif row["permissionLevel"] != MANAGER:
            change(call, row, permissionLevel=MANAGER)
    return call.get(CATEGORY, category["id"]) or category


# --------------------------------------------------------------------- inheritance
def inherited(call: Call, parent: Data) -> Data:
    """What a category gets from its parent when it inherits: owner, members, their number."""
    source = source_of(call, parent)
    return {
        "owner": source.get("owner"),
        "membersCount": source["membersCount"],
        "_members": _ids(call, source),
    }


def _renew(world: World, partner: int, key: str) -> None:
    """Bring those up to date that inherit from a category."""
    call = internal(world, partner)
    source = call.get(CATEGORY, key)
    if source is None or source["status"] == DELETED:
        return
    below = f"{source['fullIds']}>"
    for row in call.all(CATEGORY):
        heir = row.get("inheritanceType") == INHERIT and str(row["fullIds"]).startswith(below)
        if heir and source_of(call, row)["id"] == source["id"]:
            call.change(CATEGORY, row["id"], **inherited(call, source))


background.register(_RENEW, _renew)
