"""What filters of entries mean beyond a property and a suffix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.lists import Rule
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import live
from kaltura_simulator.state.store import Data

Places = dict[str, set[str]]
#: Properties that a filter reads as if they were one text.
_TOGETHER = {
    "tagsName": ("tags", "name"),
    "tagsAdminTags": ("tags", "adminTags"),
    "tagsAdminTagsName": ("tags", "adminTags", "name"),
    "searchText": ("name", "description", "tags", "adminTags", "referenceId", "id"),
}
_SHORT_S, _MEDIUM_S = 4 * 60, 20 * 60


# -------------------------------------------------------------------- categories
def _wanted(value: Any) -> set[str]:
    return {piece.lower() for piece in lists.pieces(value)}


def _own(row: Data, name: str) -> set[str]:
    return _wanted(row.get(name) or "")


def _below_names(row: Data, wanted: set[str]) -> set[str]:
    """Those of the wanted full names that hold the entry, themselves or below them."""
    own = _own(row, "categories")
    return {name for name in wanted if any(f"{have}>".startswith(f"{name}>") for have in own)}


def _any_id(row: Data, value: Any) -> bool:
    return bool(_wanted(value) & _own(row, "categoriesIds"))


def _any_below(row: Data, value: Any) -> bool:
    return bool(_below_names(row, _wanted(value)))


_BY_PLACE: dict[str, Rule] = {
    # By id a category is meant without its children, by name with them.
    "categoriesIdsMatchOr": _any_id,
    "categoriesIdsMatchAnd": lambda row, value: _wanted(value) <= _own(row, "categoriesIds"),
    "categoriesIdsNotContains": lambda row, value: not _any_id(row, value),
    "categoriesIdsEmpty": lambda row, value: bool(value) != bool(row.get("categoriesIds")),
    "categoriesMatchOr": _any_below,
    "categoriesMatchAnd": lambda row, value: _below_names(row, _wanted(value)) == _wanted(value),
    "categoriesNotContains": lambda row, value: not _any_below(row, value),
    "categoriesFullNameIn": lambda row, value: bool(_wanted(value) & _own(row, "categories")),
}


def _under(call: Call, value: Any) -> set[str]:
    """The entries in these categories or anywhere below them."""
    wanted = set(lists.pieces(value))
    return {
        link["entryId"]
        for link in call.all("category_entry")
        if wanted & set(str(link["categoryFullIds"]).split(">"))
    }


# --------------------------------------------------------------- other properties
def _mentions(row: Data, value: Any) -> bool:
    return lists.mentions(row, value, "name", "description", "tags", "id")


def _root(row: Data, value: Any) -> bool:
    """An entry that is its own root has none, as far as filters go."""
    root = row.get("rootEntryId")
    return root != row["id"] and str(root) in lists.pieces(value)


def _length_class(row: Data) -> str:
    seconds = row.get("duration") or 0
    if seconds <= 0:
        return "notavailable"
    if seconds <= _SHORT_S:
        return "short"
    return "medium" if seconds <= _MEDIUM_S else "long"


_OTHERS: dict[str, Rule] = {
    "freeText": _mentions,
    "rootEntryIdEqual": _root,
    "rootEntryIdIn": _root,
    "isRoot": lambda row, value: bool(value) == (row.get("rootEntryId") in (None, row["id"])),
    "isRecordedEntryIdEmpty": lambda row, value: bool(value) != bool(row.get("recordedEntryId")),
    "durationTypeMatchOr": lambda row, value: _length_class(row) in lists.pieces(value),
}


def _together(names: tuple[str, ...], every: bool) -> Rule:
    """All or any of the wanted pieces stand somewhere in these properties."""
    among = all if every else any

    def test(row: Data, value: Any) -> bool:
        text = " ".join(str(row.get(name) or "") for name in names).lower()
        return among(piece.lower() in text for piece in lists.pieces(value))

    return test


_JOINED: dict[str, Rule] = {
    f"{field}{suffix}{how}": _together(names, how == "And")
    for field, names in _TOGETHER.items()
    for suffix in ("MultiLike", "Match")
    for how in ("And", "Or")
}


# ------------------------------------------------- what other objects must be asked
def _ancestors(call: Call, value: Any) -> Callable[[Data], bool]:
    found = _under(call, value)
    return lambda row: row["id"] in found


def _redirected_from(call: Call, value: Any) -> Callable[[Data], bool]:
    """The entry that stands in for another one now; where none does, that one itself."""
    source = call.get("entry", str(value)) or {}
    shown = live.view(call, source) if "liveStatus" in source else {}
    target = shown.get("redirectEntryId") or source.get("redirectEntryId") or str(value)
    return lambda row: row["id"] == target


def _on_air(call: Call, value: Any) -> Callable[[Data], bool]:
    return lambda row: bool(value) == ("liveStatus" in row and live.is_live(call, row))


_ASKING = {
    "categoryAncestorIdIn": _ancestors,
    "redirectFromEntryId": _redirected_from,
    "isLive": _on_air,
}


def rules(call: Call, asked: Given | None) -> dict[str, Rule]:
    """What the properties of this filter mean that say more than their names."""
    found = _BY_PLACE | _OTHERS | _JOINED
    for name, ask in _ASKING.items():
        value = asked.get(name) if asked else None
        if value not in (None, ""):
            found[name] = _ignoring_value(ask(call, value))
    return found


def _ignoring_value(test: Callable[[Data], bool]) -> Rule:
    return lambda row, _value: test(row)
