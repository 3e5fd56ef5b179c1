"""Every object of a kind that the account holds, whoever made it: lists read to their end.

Kaltura refuses offsets of 10,000 and more (plugins/search/providers/sphinx_search/lib/
SphinxCriteria.php of kaltura/server), so a list is read in windows by the moment its
objects were created, which never changes. Rooms show only where their status is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from kaltura_bridge.api.adapters.base import is_deleted
from kaltura_bridge.api.adapters.entries import ALIVE
from kaltura_bridge.api.client import PAGE, Kaltura, Request, new, wire
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
    """A live entry, a video or a room, told apart by its class."""
    is_entry = class_name_of(raw).startswith(("KalturaLive", "KalturaMedia"))
    return Kind.ENTRY if is_entry else Kind.ROOM


ENTRIES: Final = ListSource(
    lambda c: c.baseEntry,
    "KalturaBaseEntryFilter",
    entry_kind,
    {"statusIn": ALIVE, "typeIn": _OUR_TYPES},
)
#: Videos: what an account may have most of, so whoever asks narrows it.
VIDEOS: Final = replace(ENTRIES, fixed={"statusIn": ALIVE, "typeEqual": "1"})
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


@dataclass(frozen=True)
class Window:
    """The objects of a source from a moment on, in the order of that moment.

    ``moment``: createdAt or updatedAt; ``since`` in Unix seconds, 0 for all; ``asked``
    narrows the list.
    """

    source: ListSource
    moment: str = "createdAt"
    since: int = 0
    asked: Mapping[str, Any] = field(default_factory=dict)

    def page(self, number: int = 1, size: int = PAGE) -> Request:
        """The call for one page, whose objects are read as rows."""
        return Request(partial(self._list, number, size), as_row=True)

    def _list(self, number: int, size: int, client: Any) -> object:
        # Small numbers count from now: 0 would leave nothing.
        since = {f"{self.moment}GreaterThanOrEqual": self.since} if self.since else {}
        asked = {**self.source.fixed, **self.asked, **since}
        wanted = new(self.source.filter, orderBy=f"+{self.moment}", **asked)
        pager = new("KalturaFilterPager", pageSize=size, pageIndex=number)
        answer: object = self.source.service(client).list(wanted, pager)
        return answer


def every(kaltura: Kaltura, source: ListSource, size: int = PAGE, **asked: Any) -> Iterator[Any]:
    """All objects of a source, oldest first, each once, deleted ones not. ``asked`` narrows it.

    Raises KalturaError when a page cannot be read.
    """
    return rest_of(kaltura, Window(source, asked=asked), size)


def rest_of(kaltura: Kaltura, window: Window, size: int = PAGE) -> Iterator[Any]:
    """The same, of a window."""
    page, shown = 1, set[str]()
    while True:
        rows = listed(kaltura.one(window.page(page, size).call, as_row=True))
        fresh = [row for row in rows if wire(row.id) not in shown]
        yield from (row for row in fresh if not is_deleted(window.source.kind(row), row))
        shown.update(wire(row.id) for row in fresh)
        # A page may come short and not be the last; one with nothing new is.
        if not rows or (not fresh and len(rows) < size):
            return
        newest = int(wire(getattr(rows[-1], window.moment)) or 0)
        if newest > window.since:
            window, page = replace(window, since=newest), 1
        else:
            page += 1
