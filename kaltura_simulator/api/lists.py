"""Lists: filters, order and pages, by Kaltura's rules.

A filter's property is a field's name and a suffix: ``idEqual``, ``statusIn``,
``startDateGreaterThanOrEqual``. A service adds rules for the properties that are special.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kaltura_simulator.api import schema
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.state.store import Data

DEFAULT_PAGE, MAX_PAGE, MAX_OFFSET = 30, 500, 10_000
Test = Callable[[Any, Any], bool]
FilterRule = Callable[[Data, Any], bool]
FilterRules = Mapping[str, FilterRule]
_NOT_FILTERS = frozenset({"orderBy", "advancedSearch", "objectType", "relatedObjects"})


def split_commas(value: Any) -> list[str]:
    """The items of a comma-separated text, trimmed."""
    return [piece.strip() for piece in str(value).split(",") if piece.strip()]


def _is_in(have: Any, wanted: Any) -> bool:
    return str(have).lower() in [piece.lower() for piece in split_commas(wanted)]


def _like(have: Any, wanted: Any) -> bool:
    return have is not None and str(wanted).lower() in str(have).lower()


def _any_like(have: Any, wanted: Any) -> bool:
    return any(_like(have, piece) for piece in split_commas(wanted))


def _all_like(have: Any, wanted: Any) -> bool:
    return all(_like(have, piece) for piece in split_commas(wanted))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _item_set(have: Any) -> set[str]:
    """The items of a property that is a list or a comma-separated text."""
    items = have if isinstance(have, list) else split_commas(have or "")
    return {str(item).lower() for item in items}


def _contains(have: Any, wanted: Any) -> bool:
    return bool(_item_set(have) & _item_set(wanted))


#: Longest suffix first: ``NotIn`` before ``In``.
_TESTS: tuple[tuple[str, Test], ...] = (
    (
        "GreaterThanOrEqualOrNull",
        lambda have, wanted: have is None or _number(have) >= _number(wanted),
    ),
    (
        "LessThanOrEqualOrNull",
        lambda have, wanted: have is None or _number(have) <= _number(wanted),
    ),
    ("GreaterThanOrEqual", lambda have, wanted: _number(have) >= _number(wanted)),
    ("LessThanOrEqual", lambda have, wanted: _number(have) <= _number(wanted)),
    ("GreaterThan", lambda have, wanted: _number(have) > _number(wanted)),
    ("LessThan", lambda have, wanted: _number(have) < _number(wanted)),
    ("MultiLikeOr", _any_like),
    ("MultiLikeAnd", _all_like),
    ("MatchOr", _contains),
    ("MatchAnd", lambda have, wanted: _item_set(wanted) <= _item_set(have)),
    ("NotContains", lambda have, wanted: not _contains(have, wanted)),
    ("StartsWith", lambda have, wanted: str(have or "").startswith(str(wanted))),
    ("NotEqual", lambda have, wanted: str(have) != str(wanted)),
    ("NotIn", lambda have, wanted: not _is_in(have, wanted)),
    ("Equal", lambda have, wanted: have is not None and _same(have, wanted)),
    ("Like", _like),
    ("In", _is_in),
)


def _same(have: Any, wanted: Any) -> bool:
    """Equality as in Kaltura's database: case-insensitive."""
    if isinstance(have, bool):
        return have == (str(wanted).lower() in {"1", "true"})
    return str(have).lower() == str(wanted).lower()


def filtered(
    rows: Iterable[Data], sent_filter: SentObject | None, rules: FilterRules | None = None
) -> list[Data]:
    """The rows that match a filter; ``rules`` are tests by filter property."""
    found = list(rows)
    if sent_filter is None:
        return found
    for name, wanted in sent_filter.values.items():
        if wanted is None or wanted == "" or name in _NOT_FILTERS:
            continue
        test = _test(name, wanted, rules or {})
        if test is not None:
            found = [row for row in found if test(row)]
    return found


def of_filter_class(rows: Iterable[Data], sent_filter: SentObject | None) -> list[Data]:
    """The rows of the class that the filter's class is for."""
    kind = sent_filter.object_type.removesuffix("Filter") if sent_filter else ""
    return [row for row in rows if not kind or schema.is_a(row["objectType"], kind)]


def contains_words(row: Data, wanted: Any, *names: str) -> bool:
    """Whether every word of a text is a word of one of these properties."""
    text = " ".join(str(row.get(name) or "") for name in names).lower()
    have = set(re.findall(r"\w+", text))
    return all(word in have for word in re.findall(r"\w+", str(wanted).lower()))


def _test(name: str, wanted: Any, rules: FilterRules) -> Callable[[Data], bool] | None:
    if name in rules:
        rule = rules[name]
        return lambda row: rule(row, wanted)
    for suffix, test in _TESTS:
        if name.endswith(suffix):
            field = name[: -len(suffix)]
            return lambda row: test(row.get(field), wanted)
    return None


def sorted_by(rows: list[Data], sent_filter: SentObject | None, default: str = "") -> list[Data]:
    """The rows sorted by ``+field`` or ``-field``; an unknown field leaves them as they are."""
    order = str((sent_filter.get("orderBy") if sent_filter else None) or default)
    name = order.lstrip("+-")
    if not name or not any(name in row for row in rows):
        return rows
    return sorted(rows, key=lambda row: _sort_key(row.get(name)), reverse=order.startswith("-"))


def _sort_key(value: Any) -> tuple[int, float, str]:
    if isinstance(value, int | float):
        return (1, value, "")
    return (0, 0, "") if value is None else (2, 0, str(value).lower())


def page_of(
    rows: list[Data], pager: SentObject | None, indexed: bool, default_size: int = 0
) -> list[Data]:
    """One page; ``default_size`` rows when no pager was sent."""
    if pager is None:
        return rows[: default_size or DEFAULT_PAGE]
    size = pager.get("pageSize", 0)
    size = min(size, MAX_PAGE) if size > 0 else DEFAULT_PAGE
    start = (max(pager.get("pageIndex", 1), 1) - 1) * size
    if indexed and start >= MAX_OFFSET:
        raise ApiError("QUERY_EXCEEDED_MAX_MATCHES_ALLOWED")
    return rows[start : start + size]


def list_response(kind: str, objects: list[Data], total: int) -> Data:
    """``Kaltura...ListResponse`` of a kind."""
    return {"objectType": kind, "totalCount": total, "objects": objects}


def as_class(row: Data, kind: str) -> Data:
    """A row as another class: with only that class's properties."""
    known = schema.properties(kind)
    return {"objectType": kind} | {name: value for name, value in row.items() if name in known}
