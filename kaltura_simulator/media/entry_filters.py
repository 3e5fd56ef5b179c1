"""Rules of entry filters whose properties are not just a field and a suffix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.lists import FilterRule
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import live
from kaltura_simulator.rules import entitlement
from kaltura_simulator.state.store import Data

Places = dict[str, set[str]]
#: Filter fields that search several properties as if they were one text.
_JOINED_FIELDS = {
    "tagsName": ("tags", "name"),
    "tagsAdminTags": ("tags", "adminTags"),
    "tagsAdminTagsName": ("tags", "adminTags", "name"),
    "searchText": ("name", "description", "tags", "adminTags", "referenceId", "id"),
}
_SHORT_S, _MEDIUM_S = 4 * 60, 20 * 60


# -------------------------------------------------------------------- categories
def _lowered(value: Any) -> set[str]:
    return {piece.lower() for piece in lists.split_commas(value)}


def _own_items(row: Data, name: str) -> set[str]:
    return _lowered(row.get(name) or "")


def _below_names(row: Data, wanted: set[str]) -> set[str]:
    """Those of the wanted full names that contain the entry, directly or further down."""
    own = _own_items(row, "categories")
    return {name for name in wanted if any(f"{have}>".startswith(f"{name}>") for have in own)}


def _any_id(row: Data, value: Any) -> bool:
    return bool(_lowered(value) & _own_items(row, "categoriesIds"))


def _any_below(row: Data, value: Any) -> bool:
    return bool(_below_names(row, _lowered(value)))


_BY_CATEGORY: dict[str, FilterRule] = {
    # Categories named by id exclude their children; by name they include them.
    "categoriesIdsMatchOr": _any_id,
    "categoriesIdsMatchAnd": lambda row, value: _lowered(value) <= _own_items(row, "categoriesIds"),
    "categoriesIdsNotContains": lambda row, value: not _any_id(row, value),
    "categoriesIdsEmpty": lambda row, value: bool(value) != bool(row.get("categoriesIds")),
    "categoriesMatchOr": _any_below,
    "categoriesMatchAnd": lambda row, value: _below_names(row, _lowered(value)) == _lowered(value),
    "categoriesNotContains": lambda row, value: not _any_below(row, value),
    "categoriesFullNameIn": lambda row, value: bool(
        _lowered(value) & _own_items(row, "categories")
    ),
}


def _under(call: Call, value: Any) -> set[str]:
    """The entries in these categories or anywhere below them."""
    wanted = set(lists.split_commas(value))
    return {
        link["entryId"]
        for link in call.all("category_entry")
        if wanted & set(str(link["categoryFullIds"]).split(">"))
    }


# --------------------------------------------------------------- other properties
def _mentions(row: Data, value: Any) -> bool:
    return lists.contains_words(row, value, "name", "description", "tags", "id")


def _root(row: Data, value: Any) -> bool:
    """For filters, an entry that is its own root has no root."""
    root = row.get("rootEntryId")
    return root != row["id"] and str(root) in lists.split_commas(value)


def _length_class(row: Data) -> str:
    seconds = row.get("duration") or 0
    if seconds <= 0:
        return "notavailable"
    if seconds <= _SHORT_S:
        return "short"
    return "medium" if seconds <= _MEDIUM_S else "long"


_OTHERS: dict[str, FilterRule] = {
    "freeText": _mentions,
    "rootEntryIdEqual": _root,
    "rootEntryIdIn": _root,
    "isRoot": lambda row, value: bool(value) == (row.get("rootEntryId") in (None, row["id"])),
    "isRecordedEntryIdEmpty": lambda row, value: bool(value) != bool(row.get("recordedEntryId")),
    "durationTypeMatchOr": lambda row, value: _length_class(row) in lists.split_commas(value),
}


def _in_joined_fields(names: tuple[str, ...], every: bool) -> FilterRule:
    """Whether all (or any) of the wanted texts are in these properties."""
    quantifier = all if every else any

    def test(row: Data, value: Any) -> bool:
        text = " ".join(str(row.get(name) or "") for name in names).lower()
        return quantifier(piece.lower() in text for piece in lists.split_commas(value))

    return test


_BY_JOINED_FIELDS: dict[str, FilterRule] = {
    f"{field}{suffix}{how}": _in_joined_fields(names, how == "And")
    for field, names in _JOINED_FIELDS.items()
    for suffix in ("MultiLike", "Match")
    for how in ("And", "Or")
}


# ------------------------------------------------- rules that need other objects
def _ancestors(call: Call, value: Any) -> Callable[[Data], bool]:
    """Kaltura finds nothing for a session that is bound to what it is entitled to."""
    found = set() if entitlement.is_enforced(call) else _under(call, value)
    return lambda row: row["id"] in found


def _redirected_from(call: Call, value: Any) -> Callable[[Data], bool]:
    """The entry that viewers of another one are redirected to now; else that one itself."""
    source = call.get("entry", str(value)) or {}
    shown = live.computed_properties(call, source) if "liveStatus" in source else {}
    target = shown.get("redirectEntryId") or source.get("redirectEntryId") or str(value)
    return lambda row: row["id"] == target


def _on_air(call: Call, value: Any) -> Callable[[Data], bool]:
    return lambda row: bool(value) == ("liveStatus" in row and live.is_live(call, row))


_BY_OTHER_OBJECTS = {
    "categoryAncestorIdIn": _ancestors,
    "redirectFromEntryId": _redirected_from,
    "isLive": _on_air,
}


def rules(call: Call, sent_filter: SentObject | None) -> dict[str, FilterRule]:
    """The rules for a filter, by property."""
    found = _BY_CATEGORY | _OTHERS | _BY_JOINED_FIELDS
    for name, make in _BY_OTHER_OBJECTS.items():
        value = sent_filter.get(name) if sent_filter else None
        if value not in (None, ""):
            found[name] = _ignoring_value(make(call, value))
    return found


def _ignoring_value(test: Callable[[Data], bool]) -> FilterRule:
    return lambda row, _value: test(row)
