"""Objects at Kaltura that carry our key and have no owner here; doubles of what has one.

What belongs to such an object (metadata records, places, bookings) goes with it and is
not listed. Another portal on the same account would look just the same, so nothing is
ever deleted by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

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
    ListSource,
    every,
)
from kaltura_bridge.keys import uuid_of_key
from kaltura_bridge.models import RemoteLink, SyncState, SyncTarget
from kaltura_bridge.specs import DELETE_ORDER, Kind

UUIDS_A_QUERY: Final = 500
_SOURCE_OF: Final[Mapping[Kind, ListSource]] = {
    Kind.CATEGORY: CATEGORIES,
    Kind.ENTRY: ENTRIES,
    Kind.ROOM: ENTRIES,
    Kind.SCHEDULE_EVENT: EVENTS,
    Kind.RESOURCE: RESOURCES,
}
_DELETED: Final = "3"  # the status of entries, categories, events and resources alike


class Reason(StrEnum):
    ORPHAN = "orphan"  # nobody here knows it
    DOUBLE = "double"  # its owner here is linked to another object with the same key


@dataclass(frozen=True)
class Orphan:
    """One such object. ``depth`` is a category's, so that children can go first."""

    kind: Kind
    remote_id: str
    key: str
    name: str
    created_at: datetime
    updated_at: datetime
    reason: Reason = Reason.ORPHAN
    depth: int = 0

    @property
    def ref(self) -> str:
        """How a person names it: KIND:REMOTE_ID."""
        return f"{self.kind}:{self.remote_id}"

    @property
    def uuid(self) -> UUID:
        uuid = uuid_of_key(self.key)
        assert uuid is not None  # only what carries our key is read
        return uuid

    @property
    def age_days(self) -> int:
        return max((timezone.now() - self.created_at).days, 0)

    def as_json(self) -> dict[str, Any]:
        """The public form: keys may come, none goes."""
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
        """What ``as_json`` made."""
        return cls(
            kind=Kind(row["kind"]),
            remote_id=row["remote_id"],
            key=row["key"],
            name=row["name"],
            created_at=datetime.fromisoformat(row["created_at"]),
            updated_at=datetime.fromisoformat(row["updated_at"]),
            reason=Reason(row["reason"]),
            depth=row["depth"],
        )


def find(kaltura: Kaltura, page_size: int = PAGE) -> list[Orphan]:
    """All orphans of the account, in the order in which they can be deleted.

    Kaltura is read first and our own tables afterwards: what is being made meanwhile
    says so there before it exists. Raises KalturaError when Kaltura cannot be read.
    """
    carrying = list(_carrying_our_key(kaltura, page_size))
    suspects = without_owner(carrying)
    return sorted(without_owner(_alive(kaltura, suspects)), key=deletion_order)


def deletion_order(orphan: Orphan) -> tuple[int, int, datetime, str]:
    return DELETE_ORDER[orphan.kind], -orphan.depth, orphan.created_at, orphan.remote_id


# At Kaltura


def _carrying_our_key(kaltura: Kaltura, page_size: int) -> Iterator[Orphan]:
    parent = resources_for(kaltura).parent_category_id
    for source in SOURCES:
        asked = {"ancestorIdIn": parent} if source is CATEGORIES else {}
        for raw in every(kaltura, source, page_size, **asked):
            if found := _read(source, raw):
                yield found


def _read(source: ListSource, raw: Any) -> Orphan | None:
    key = wire(getattr(raw, source.key))
    if uuid_of_key(key) is None:
        return None
    return Orphan(
        kind=source.kind(raw),
        remote_id=wire(raw.id),
        key=key,
        name=wire(getattr(raw, source.name)),
        created_at=_moment(raw.createdAt),
        updated_at=_moment(raw.updatedAt),
        depth=int(wire(getattr(raw, "depth", "")) or 0),
    )


def _moment(value: Any) -> datetime:
    return datetime.fromtimestamp(int(wire(value) or 0), UTC)


def _alive(kaltura: Kaltura, suspects: Sequence[Orphan]) -> list[Orphan]:
    """As they are now: lists show for seconds what is deleted already."""
    answers = kaltura.ask([reading(orphan) for orphan in suspects])
    now = (as_it_is(orphan, answer) for orphan, answer in zip(suspects, answers, strict=True))
    return [orphan for orphan in now if orphan]


def read_again(kaltura: Kaltura, orphan: Orphan) -> Orphan | None:
    """One object past the index; None when it is gone. Raises KalturaError."""
    return as_it_is(orphan, kaltura.ask_once([reading(orphan)])[0])


def reading(orphan: Orphan) -> Request:
    """The call that reads it by id, past the index."""
    request = ADAPTERS[orphan.kind].get(orphan.remote_id)
    assert request is not None  # every kind that is listed here can be read by id
    return request


def as_it_is(orphan: Orphan, answer: Any) -> Orphan | None:
    """The object as a read by id answers; None when it is gone or no longer carries our key."""
    if isinstance(answer, RemoteRejected) and answer.code in ABSENT:
        return None
    if isinstance(answer, KalturaError):
        raise answer
    if wire(getattr(answer, "status", "")) == _DELETED:
        return None
    found = _read(_SOURCE_OF[orphan.kind], answer)
    return replace(found, kind=orphan.kind, reason=orphan.reason) if found else None


# Here


def without_owner(found: Iterable[Orphan]) -> list[Orphan]:
    """Those that nobody here owns or is on the way to finding, each with its reason."""
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


def _reasons(some: Sequence[Orphan]) -> Iterator[tuple[Orphan, Reason]]:
    links = {(link.kind, link.key): link for link in _links(some)}
    coming = _coming({orphan.uuid for orphan in some})
    for orphan in some:
        link = links.get((str(orphan.kind), orphan.key))
        if link is None and orphan.uuid not in coming:
            yield orphan, Reason.ORPHAN
        # Without a remote id it is on its way to finding this one; let go, we keep away.
        elif link is not None and link.remote_id and not link.unlinked:
            yield orphan, Reason.DOUBLE


def _links(some: Sequence[Orphan]) -> Iterable[RemoteLink]:
    return RemoteLink.objects.filter(key__in={orphan.key for orphan in some})


def _coming(uuids: set[UUID]) -> set[UUID]:
    """Planned objects that may yet find theirs: not in step, or never touched so far."""
    targets = dict(
        SyncTarget.objects.filter(object_uuid__in=uuids).values_list("object_uuid", "state")
    )
    unfinished = {uuid for uuid, state in targets.items() if state != SyncState.SYNCED}
    planned: set[UUID] = set()
    for model in (Event, Track, Session):
        planned |= set(model.objects.filter(uuid__in=uuids).values_list("uuid", flat=True))
    return unfinished | (planned - targets.keys())
