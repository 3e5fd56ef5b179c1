"""eSearch: the search items of entries as functions, combined with and, or and not.

Kaltura's: plugins/search/providers/elastic_search/services/ESearchService.php in
https://github.com/kaltura/server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from kaltura_simulator.api.call import Call
from kaltura_simulator.media import entry_access, live
from kaltura_simulator.rules import entry_types, metadata_profiles, xsd
from kaltura_simulator.state.store import Data

Matcher = Callable[[Data], bool]
AND, OR, NOT = 1, 2, 3
EXACT, PARTIAL, STARTS_WITH, EXISTS, RANGE = 1, 2, 3, 4, 5
#: Properties whose name in a search is not their own in snake case.
_NAMES = {
    "entry_type": "type",
    "kuser_id": "userId",
    "creator_kuser_id": "creatorId",
    "length_in_msecs": "msDuration",
    "parent_id": "parentEntryId",
    "root_id": "rootEntryId",
    "entitled_kusers_edit": "entitledUsersEdit",
    "entitled_kusers_publish": "entitledUsersPublish",
    "entitled_kusers_view": "entitledUsersView",
    "template_entry_id": "templateRoomEntryId",
}
#: The properties that a unified search looks at.
_EVERYWHERE = ("name", "description", "tags", "adminTags", "referenceId", "id", "userId")
_LISTS = frozenset(
    {"tags", "adminTags", "entitledUsersEdit", "entitledUsersPublish", "entitledUsersView"}
)


def matcher(call: Call, item: Data) -> Matcher:
    """A function that tests entries by one search item; unknown items match nothing."""
    kind = item["objectType"]
    if kind == "KalturaESearchEntryOperator":
        return _combined(call, item)
    make = _MATCHERS.get(kind)
    return make(call, item) if make else lambda row: False


def _combined(call: Call, item: Data) -> Matcher:
    tests = [matcher(call, inner) for inner in item.get("searchItems") or ()]
    if item.get("operator") == OR:
        return lambda row: any(test(row) for test in tests)
    if item.get("operator") == NOT:
        return lambda row: not any(test(row) for test in tests)
    return lambda row: all(test(row) for test in tests)


def _by_field(call: Call, item: Data) -> Matcher:
    name = str(item.get("fieldName") or "")
    if name == "is_live":
        wanted = str(item.get("searchTerm")) in {"1", "true"}
        return lambda row: live.is_streaming(row) == wanted
    field = _NAMES.get(name) or _camel(name)
    return lambda row: _matches(_values(row, field), item)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def _values(row: Data, field: str) -> list[Any]:
    value = row.get(field)
    if field in _LISTS:
        return [piece.strip() for piece in str(value or "").split(",") if piece.strip()]
    return [] if value is None or value == "" else [value]


def _in_any_field(call: Call, item: Data) -> Matcher:
    return lambda row: _matches(
        [value for name in _EVERYWHERE for value in _values(row, name)], item
    )


def _by_category(call: Call, item: Data) -> Matcher:
    """In a category, by a field of its own or of those above it."""
    read = _CATEGORY_FIELDS.get(str(item.get("fieldName")), _nothing)

    def found(row: Data) -> bool:
        placed = call.where("category_entry", row["id"])
        rows = (call.get("category", place["categoryId"]) for place in placed)
        return any(_matches(read(category), item) for category in rows if category)

    return found


def _nothing(category: Data) -> list[Any]:
    return []


_CATEGORY_FIELDS: dict[str, Callable[[Data], list[Any]]] = {
    "id": lambda category: [category["id"]],
    "name": lambda category: [category["name"]],
    "full_ids": lambda category: [category["fullIds"]],
    "ancestor_id": lambda category: str(category["fullIds"]).split(">")[:-1],
    "ancestor_name": lambda category: str(category["fullName"]).split(">")[:-1],
}


def _by_metadata(call: Call, item: Data) -> Matcher:
    """In metadata: of one profile, at one XPath or in one field, or anywhere."""
    profile, path = item.get("metadataProfileId"), item.get("xpath")
    field = item.get("metadataFieldId")
    if field and not path:
        path = metadata_profiles.field_path(call, field)

    def found(row: Data) -> bool:
        records = call.where("metadata", row["id"], listed=True)
        fitting = (r for r in records if not profile or r["metadataProfileId"] == profile)
        return any(_matches(_texts(record["xml"], path), item) for record in fitting)

    return found


def _texts(xml: str, path: str | None) -> list[str]:
    """The texts of a document's elements, all or those at a path."""
    try:
        root = xsd.parsed(xml)
        nodes = root.xpath(path) if path else list(root.iter())
    except (etree.XMLSyntaxError, etree.XPathError, ValueError):
        return []
    texts = (getattr(node, "text", None) for node in nodes) if isinstance(nodes, list) else ()
    return [text.strip() for text in texts if text and text.strip()]


_MATCHERS: dict[str, Callable[[Call, Data], Matcher]] = {
    "KalturaESearchEntryItem": _by_field,
    "KalturaESearchUnifiedItem": _in_any_field,
    "KalturaESearchCategoryEntryItem": _by_category,
    "KalturaESearchEntryMetadataItem": _by_metadata,
}


def _matches(have: list[Any], item: Data) -> bool:
    """Whether one of the values matches the item."""
    how = item.get("itemType") or EXACT
    if how == EXISTS:
        return bool(have)
    if how == RANGE:
        return any(_in_range(value, item.get("range") or {}) for value in have)
    wanted = str(item.get("searchTerm") or "").lower()
    test = _TEXT_TESTS.get(how, _TEXT_TESTS[EXACT])
    return any(test(str(value).lower(), wanted) for value in have)


#: PARTIAL: every word is somewhere in the text.
_TEXT_TESTS: dict[int, Callable[[str, str], bool]] = {
    EXACT: lambda have, wanted: have == wanted,
    STARTS_WITH: lambda have, wanted: have.startswith(wanted),
    PARTIAL: lambda have, wanted: all(word in have for word in wanted.split()),
}


def _in_range(value: Any, limits: Data) -> bool:
    if not isinstance(value, int | float):
        return False
    return (
        value >= limits.get("greaterThanOrEqual", value)
        and value <= limits.get("lessThanOrEqual", value)
        and ("greaterThan" not in limits or value > limits["greaterThan"])
        and ("lessThan" not in limits or value < limits["lessThan"])
    )


def is_visible(call: Call, row: Data, statuses: list[str]) -> bool:
    """Whether a search may return an entry to this caller, by its status and owner."""
    if str(row["status"]) not in (statuses or [str(entry_types.READY)]):
        return False
    may_list = call.is_admin or call.holds("list", "*") or entry_access.is_owner(call, row)
    return may_list and entry_access.may_see(call, row)
