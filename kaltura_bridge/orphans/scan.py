"""Finds objects at Kaltura that carry our key and belong to nothing here, and duplicates.

What depends on such an object (metadata records, category entries, bookings) is deleted with
it and not listed. Objects of another portal on the same account look just the same, so
nothing is ever deleted automatically.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from events.models import Event, Session, Track
from kaltura_bridge.api.account import resources_for
from kaltura_bridge.api.adapters import ADAPTERS
from kaltura_bridge.api.client import PAGE, Kaltura, Request, chunks, wire
from kaltura_bridge.api.errors import ABSENT, KalturaError, RemoteRejected
from kaltura_bridge.api.whole_lists import (
    CATEGORIES,
    ENTRIES,
    EVENTS,
    RESOURCES,
    SOURCES,
    VIDEOS,
    ListSource,
    every,
)
from kaltura_bridge.models import RemoteLink, SyncState, SyncTarget
from kaltura_bridge.orphans.ghosts import ghosts_among
from kaltura_bridge.orphans.videos import order_of, reasons_of_videos
from kaltura_bridge.specs import DELETE_ORDER, Kind, uuid_of_key

UUIDS_A_QUERY: Final = 500
_SOURCE_OF: Final[Mapping[Kind, ListSource]] = {
    Kind.CATEGORY: CATEGORIES,
    Kind.ENTRY: ENTRIES,
    Kind.ROOM: ENTRIES,
    Kind.SCHEDULE_EVENT: EVENTS,
    Kind.RESOURCE: RESOURCES,
}
_DELETED: Final = "3"  # the status of entries, categories, events and resources alike


class OrphanReason(StrEnum):
    """Why an object is listed."""

    ORPHAN = "orphan"  # nothing here has its key
    DUPLICATE = "double"  # what has its key is linked to another object
    GHOST = "ghost"  # a category that Kaltura made again under an old name (ghosts.py)


@dataclass(frozen=True)
class Orphan:
    """One such object. ``depth`` is a category's, so that children can be deleted first.

    A ghost has no ``key``, and its full name.
    """

    kind: Kind
    remote_id: str
    key: str
    name: str
    created_at: datetime
    updated_at: datetime
    reason: OrphanReason = OrphanReason.ORPHAN
    depth: int = 0

    @property
    def ref(self) -> str:
        """How a person names it: KIND:REMOTE_ID."""
        return f"{self.kind}:{self.remote_id}"

    @property
    def uuid(self) -> UUID:
        """Of the planned object that its key names."""
        uuid = uuid_of_key(self.key)
        assert uuid is not None  # only what carries our key is read
        return uuid

    @property
    def age_days(self) -> int:
        """Whole days since it was created at Kaltura."""
        return max((timezone.now() - self.created_at).days, 0)

    def as_json(self) -> dict[str, Any]:
        """As ``kaltura_orphans --json`` prints it; keys are only ever added."""
        return {
            "kind": str(self.kind),
            "remote_id": self.remote_id,
            "key": self.key,
            "name": self.name,
            "created_at": f"{self.created_at:%Y-%m-%dT%H:%M:%SZ}",
            "updated_at": f"{self.updated_at:%Y-%m-%dT%H:%M:%SZ}",
            "age_days": self.age_days,
            "reason": str(self.reason),
            "depth": self.depth,
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Orphan:
        """The orphan that ``as_json`` printed."""
        return cls(
            kind=Kind(row["kind"]),
            remote_id=row["remote_id"],
            key=row["key"],
            name=row["name"],
            created_at=datetime.fromisoformat(row["created_at"]),
            updated_at=datetime.fromisoformat(row["updated_at"]),
            reason=OrphanReason(row["reason"]),
            depth=row["depth"],
        )


def find_orphans(kaltura: Kaltura, page_size: int = PAGE) -> list[Orphan]:
    """All orphans of the account, in the order in which they can be deleted.

    Kaltura is read first and our own tables afterwards: whatever is created in between
    is noted in our tables before it exists. Raises KalturaError when Kaltura cannot be read.
    """
    parent = resources_for(kaltura).parent_category_id
    categories = list(every(kaltura, CATEGORIES, page_size, ancestorIdIn=parent))
    listed = list(_with_our_key(kaltura, categories, page_size))
    suspects = without_owner(listed)
    orphans = without_owner(_still_there(kaltura, suspects))
    ghosts = [_ghost(row) for row in ghosts_among(kaltura, categories)]
    return sorted([*orphans, *ghosts], key=deletion_order)


def deletion_order(orphan: Orphan) -> tuple[int, int, datetime, str]:
    """Sorts what depends on another before that one, and child categories before parents."""
    return DELETE_ORDER[orphan.kind], -orphan.depth, orphan.created_at, orphan.remote_id


# --- At Kaltura --------------------------------------------------------------


def _with_our_key(kaltura: Kaltura, categories: Sequence[Any], page_size: int) -> Iterator[Orphan]:
    for source in SOURCES:
        rows = categories if source is CATEGORIES else every(kaltura, source, page_size)
        for raw in rows:
            if found := _read(source, raw):
                yield found
    # Of the account's videos those that our own user has made; recordings are among them.
    made = {"creatorIdEqual": settings.KALTURA_USER_ID}
    for raw in every(kaltura, VIDEOS, page_size, **made):
        if (found := _read(VIDEOS, raw)) and order_of(found.key):
            yield found


def _ghost(raw: Any) -> Orphan:
    found = _orphan(CATEGORIES, raw, "")
    return replace(found, name=wire(raw.fullName), reason=OrphanReason.GHOST)


def _read(source: ListSource, raw: Any) -> Orphan | None:
    key = wire(getattr(raw, source.key))
    return _orphan(source, raw, key) if uuid_of_key(key) else None


def _orphan(source: ListSource, raw: Any, key: str) -> Orphan:
    return Orphan(
        kind=source.kind(raw),
        remote_id=wire(raw.id),
        key=key,
        name=wire(getattr(raw, source.name)),
        created_at=moment(raw.createdAt),
        updated_at=moment(raw.updatedAt),
        depth=int(wire(getattr(raw, "depth", "")) or 0),
    )


def moment(value: Any) -> datetime:
    """A moment of a reply, in Unix seconds there."""
    return datetime.fromtimestamp(int(wire(value) or 0), UTC)


def _still_there(kaltura: Kaltura, suspects: Sequence[Orphan]) -> list[Orphan]:
    """Those that still exist, as they are now: lists show for seconds what is already deleted."""
    answers = kaltura.ask([read_request(orphan) for orphan in suspects])
    now = (orphan_from(orphan, answer) for orphan, answer in zip(suspects, answers, strict=True))
    return [orphan for orphan in now if orphan]


def read_request(orphan: Orphan) -> Request:
    """The call that reads it by ID, which is up to date where lists are not."""
    request = ADAPTERS[orphan.kind].get(orphan.remote_id)
    assert request is not None  # every kind that is listed here can be read by ID
    return request


def orphan_from(orphan: Orphan, answer: Any) -> Orphan | None:
    """The object in an answer; None when it is deleted or no longer carries our key."""
    if isinstance(answer, RemoteRejected) and answer.code in ABSENT:
        return None
    if isinstance(answer, KalturaError):
        raise answer
    if wire(getattr(answer, "status", "")) == _DELETED:
        return None
    found = _read(_SOURCE_OF[orphan.kind], answer)
    return replace(found, kind=orphan.kind, reason=orphan.reason) if found else None


# --- Here --------------------------------------------------------------------


def without_owner(found: Iterable[Orphan]) -> list[Orphan]:
    """Those that nothing here owns or may still find, each with its reason."""
    found = list(found)
    linked = set(
        RemoteLink.objects.exclude(remote_id=None).values_list("kind", "remote_id").iterator()
    )
    free = [orphan for orphan in found if (str(orphan.kind), orphan.remote_id) not in linked]
    return [
        replace(orphan, reason=reason)
        for some in chunks(free, UUIDS_A_QUERY)
        for orphan, reason in _reasons(some)
    ]


def _reasons(some: Sequence[Orphan]) -> Iterator[tuple[Orphan, OrphanReason]]:
    videos = {orphan.remote_id: orphan for orphan in some if order_of(orphan.key)}
    unowned = reasons_of_videos({i: orphan.key for i, orphan in videos.items()})
    for remote_id, is_double in unowned.items():
        yield videos[remote_id], OrphanReason.DUPLICATE if is_double else OrphanReason.ORPHAN
    yield from _reasons_of_planned([o for o in some if o.remote_id not in videos])


def _reasons_of_planned(some: Sequence[Orphan]) -> Iterator[tuple[Orphan, OrphanReason]]:
    links = {(link.kind, link.key): link for link in _links(some)}
    unfinished = _may_still_find({orphan.uuid for orphan in some})
    for orphan in some:
        link = links.get((str(orphan.kind), orphan.key))
        if link is None and orphan.uuid not in unfinished:
            yield orphan, OrphanReason.ORPHAN
        # A link without an ID may still find this object; an unlinked one is left alone.
        elif link is not None and link.remote_id and not link.unlinked:
            yield orphan, OrphanReason.DUPLICATE


def _links(some: Sequence[Orphan]) -> Iterable[RemoteLink]:
    return RemoteLink.objects.filter(key__in={orphan.key for orphan in some})


def _may_still_find(uuids: set[UUID]) -> set[UUID]:
    """Planned objects that may still find theirs: not in sync, or not synced yet."""
    targets = dict(
        SyncTarget.objects.filter(object_uuid__in=uuids).values_list("object_uuid", "state")
    )
    unfinished = {uuid for uuid, state in targets.items() if state != SyncState.SYNCED}
    planned: set[UUID] = set()
    for model in (Event, Track, Session):
        planned |= set(model.objects.filter(uuid__in=uuids).values_list("uuid", flat=True))
    return unfinished | (planned - targets.keys())
