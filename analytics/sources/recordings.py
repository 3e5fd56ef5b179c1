"""Which entries are recordings of which sessions, and until when each session's viewers are its.

Kaltura says of an entry or room what became of it. That may be the live entry of another
session, whose report has its viewers already; or one recording for several sessions, a video
that is shown again, say. Then each has the viewers from its own start to that of the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from analytics.match import in_batches
from events.models import Session
from kaltura_bridge.models import RemoteLink, TargetKind
from kaltura_bridge.specs import Kind

_FIELDS: Final = ("redirectEntryId", "recordedEntryId")


class Recordings(NamedTuple):
    """A session's recordings, and when the next session begins that has one of them too."""

    entries: tuple[str, ...]
    until: datetime | None


def recordings_of(sessions: Iterable[Session]) -> dict[int, Recordings]:
    """Session pk -> its recordings at Kaltura, as last seen there; without other sessions' own."""
    by_uuid = {session.uuid: session for session in sessions}
    named: dict[int, list[str]] = defaultdict(list)
    for batch in in_batches(list(by_uuid)):
        for uuid, entry in _named_in(_links().filter(target__object_uuid__in=batch)):
            if entry not in named[by_uuid[uuid].pk]:
                named[by_uuid[uuid].pk].append(entry)
    every = {entry for entries in named.values() for entry in entries}
    others = _live_entries(every)
    own = {pk: tuple(e for e in entries if e not in others) for pk, entries in named.items()}
    starts = _starts_by_entry(every - others)
    return {
        session.pk: Recordings(entries, _next_after(session, entries, starts))
        for session in by_uuid.values()
        if (entries := own.get(session.pk))
    }


def _links() -> QuerySet[RemoteLink]:
    rooms_and_entries = (Kind.ROOM, Kind.ENTRY)
    return RemoteLink.objects.filter(
        kind__in=rooms_and_entries, gone=False, target__kind=TargetKind.SESSION
    ).order_by("pk")


def _named_in(links: QuerySet[RemoteLink]) -> Iterator[tuple[UUID, str]]:
    """A session's UUID and a recording that its entry or room names."""
    for uuid, remote_id, seen in links.values_list("target__object_uuid", "remote_id", "seen"):
        for name in _FIELDS:
            entry = (seen or {}).get(name)
            # A simulive, say, leads to its own entry.
            if entry and entry != remote_id:
                yield uuid, str(entry)


def _live_entries(entries: Iterable[str]) -> set[str]:
    """Those of the entries that are a session's own webcast."""
    found: set[str] = set()
    for batch in in_batches(sorted(entries)):
        links = RemoteLink.objects.filter(
            kind=Kind.ENTRY, remote_id__in=batch, target__kind=TargetKind.SESSION
        )
        found.update(str(entry) for entry in links.values_list("remote_id", flat=True))
    return found


def _starts_by_entry(entries: Iterable[str]) -> Mapping[str, Sequence[datetime]]:
    """When the sessions begin that name each of these recordings."""
    sessions: dict[str, set[UUID]] = defaultdict(set)
    for batch in in_batches(sorted(entries), 100):
        names = Q(seen__redirectEntryId__in=batch) | Q(seen__recordedEntryId__in=batch)
        for uuid, entry in _named_in(_links().filter(names)):
            sessions[entry].add(uuid)
    shared = {entry: uuids for entry, uuids in sessions.items() if len(uuids) > 1}
    starts: dict[UUID, datetime] = {}
    for some in in_batches(sorted({uuid for uuids in shared.values() for uuid in uuids})):
        rows = Session.objects.filter(uuid__in=some)
        starts.update(rows.values_list("uuid", "starts_at"))
    return {
        entry: [starts[uuid] for uuid in uuids if uuid in starts] for entry, uuids in shared.items()
    }


def _next_after(
    session: Session, entries: Iterable[str], starts: Mapping[str, Sequence[datetime]]
) -> datetime | None:
    """When the next session after this one begins that has one of its recordings."""
    later = [at for entry in entries for at in starts.get(entry, ()) if at > session.starts_at]
    return min(later, default=None)
