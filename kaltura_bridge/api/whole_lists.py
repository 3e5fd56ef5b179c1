"""Every object of a kind that the account holds, whoever made it: lists read to their end.

Kaltura refuses offsets of 10,000 and more (plugins/search/providers/sphinx_search/lib/
SphinxCriteria.php of kaltura/server), so a list is read in windows by the moment its
objects were created, which never changes. Rooms show only where their status is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from kaltura_bridge.api.adapters.base import is_deleted
from kaltura_bridge.api.adapters.entries import ALIVE
from kaltura_bridge.api.client import PAGE, Kaltura, new, wire
from kaltura_bridge.api.lists import listed
from kaltura_bridge.api.rows import class_name_of
from kaltura_bridge.specs import Kind

# Live streams and rooms: the types of entry that the portal makes.
_OUR_TYPES: Final = "7,room.room"
_NOT_DELETED: Final = "1,2"


@dataclass(frozen=True)
class ListSource:
    """Where the objects of some kinds are listed, and which of their properties hold what."""

    service: Callable[[Any], Any]
    filter: str
    kind: Callable[[Any], Kind]
    fixed: Mapping[str, str] = field(default_factory=dict)
    key: str = "referenceId"
    name: str = "name"


def entry_kind(raw: Any) -> Kind:
    """A live entry or a room, told apart by its class."""
    return Kind.ENTRY if class_name_of(raw).startswith("KalturaLive") else Kind.ROOM


ENTRIES: Final = ListSource(
    lambda c: c.baseEntry,
    "KalturaBaseEntryFilter",
    entry_kind,
    {"statusIn": ALIVE, "typeIn": _OUR_TYPES},
)
CATEGORIES: Final = ListSource(
    lambda c: c.category, "KalturaCategoryFilter", lambda _: Kind.CATEGORY
)
EVENTS: Final = ListSource(
    lambda c: c.schedule.scheduleEvent,
    "KalturaScheduleEventFilter",
    lambda _: Kind.SCHEDULE_EVENT,
    {"statusIn": _NOT_DELETED},
    name="summary",
)
RESOURCES: Final = ListSource(
    lambda c: c.schedule.scheduleResource,
    "KalturaScheduleResourceFilter",
    lambda _: Kind.RESOURCE,
    {"statusIn": _NOT_DELETED},
    key="systemName",
)
SOURCES: Final = (CATEGORIES, ENTRIES, EVENTS, RESOURCES)


def every(kaltura: Kaltura, source: ListSource, size: int = PAGE, **asked: Any) -> Iterator[Any]:
    """All objects of a source, oldest first, each once, deleted ones not. ``asked`` narrows it.

    Raises KalturaError when a page cannot be read.
    """
    since, page, shown = 0, 1, set[str]()
    while True:
        ask = partial(_page, source, asked, since, page, size)
        rows = listed(kaltura.one(ask, as_row=True))
        fresh = [row for row in rows if wire(row.id) not in shown]
        yield from (row for row in fresh if not is_deleted(source.kind(row), row))
        shown.update(wire(row.id) for row in fresh)
        # A page may come short and not be the last; one with nothing new is.
        if not rows or (not fresh and len(rows) < size):
            return
        newest = int(wire(rows[-1].createdAt) or 0)
        since, page = (newest, 1) if newest > since else (since, page + 1)


def _page(
    source: ListSource, asked: Mapping[str, Any], since: int, page: int, size: int, client: Any
) -> object:
    # Small numbers count from now: 0 would leave nothing.
    window = {"createdAtGreaterThanOrEqual": since} if since else {}
    wanted = new(source.filter, orderBy="+createdAt", **{**source.fixed, **asked, **window})
    pager = new("KalturaFilterPager", pageSize=size, pageIndex=page)
    answer: object = source.service(client).list(wanted, pager)
    return answer
