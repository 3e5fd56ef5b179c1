"""Ghosts: categories that Kaltura has made again under a name that was changed.

It makes them when an entry leaves a category before the entry's own list of names was renewed
(sync/places.py), so they have no reference, and hold entries of the portal's that stand where
they belong as well. Whoever looks at such a category only sees sessions where none should be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kaltura_bridge.api.adapters.owned import is_unmarked
from kaltura_bridge.api.client import Kaltura, Request, new, wire
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.api.lists import joined, list_each, listed
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.specs import Kind

# A category may hold many entries, so few categories a list.
CATEGORIES_A_LIST: Final = 20


@dataclass
class _Tree:
    """The account's categories below the portal's parent, and what stands in those unmarked."""

    rows: dict[str, Any]
    inside: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    ours: set[str] = field(default_factory=set)
    children: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for category_id, row in self.rows.items():
            self.children[wire(row.parentId)].append(category_id)

    def is_ghost(self, category_id: str) -> bool:
        """Whether it is unmarked and holds entries of ours, or other ghosts, and nothing else."""
        inside, below = self.inside[category_id], self.children[category_id]
        if not is_unmarked(self.rows[category_id]) or not inside <= self.ours:
            return False
        return bool(inside or below) and all(map(self.is_ghost, below))


def ghosts_among(kaltura: Kaltura, categories: Iterable[Any]) -> list[Any]:
    """The ghosts of these categories, which are all below the portal's parent category.

    Raises KalturaError when Kaltura cannot be read.
    """
    tree = _Tree({wire(row.id): row for row in categories})
    unmarked = sorted(i for i, row in tree.rows.items() if is_unmarked(row))
    if not unmarked:
        return []
    for category_id, entry_id in _places(kaltura, unmarked):
        tree.inside[category_id].add(entry_id)
    tree.ours = entries_of_ours(set().union(*tree.inside.values()))
    return [tree.rows[i] for i in unmarked if tree.is_ghost(i)]


def _places(kaltura: Kaltura, category_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Which entries stand in these categories: (category, entry)."""
    found: list[tuple[str, str]] = []
    for ids in joined(category_ids, CATEGORIES_A_LIST):
        answer = kaltura.ask(places_in(ids))[0]
        if isinstance(answer, KalturaError):
            raise answer
        rows = listed(answer)
        found += [(wire(row.categoryId), wire(row.entryId)) for row in rows]
        if len(rows) < int(wire(getattr(answer, "totalCount", 0)) or 0):
            # Nobody knows all that is in them: as if each held something of another's.
            found += [(category_id, "") for category_id in ids.split(",")]
    return found


def places_in(category_ids: str) -> list[Request]:
    """A list of what stands in some categories, joined with commas."""
    wanted = new("KalturaCategoryEntryFilter", categoryIdIn=category_ids)
    return list_each(lambda c: c.categoryEntry, [wanted])


def entries_of_ours(entry_ids: Iterable[str]) -> set[str]:
    """Those of these entries and rooms that the portal has made and still uses."""
    links = RemoteLink.objects.filter(kind__in=[Kind.ENTRY, Kind.ROOM], unlinked=False)
    used = set(links.exclude(remote_id=None).values_list("remote_id", flat=True).iterator())
    return {entry_id for entry_id in entry_ids if entry_id in used}
