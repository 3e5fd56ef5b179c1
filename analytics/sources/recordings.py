"""Which entries are recordings of which sessions, and until when each session's viewers are its.

Kaltura says of an entry or room what became of it: what was recorded, and where its players are
led instead. That may be the live entry of another session, whose report has its viewers already;
or one recording of several sessions, a room that was recorded twice into one video, say. Then
each has the viewers from its own start to that of the next; of two that start at the same moment
nobody can tell whose they are, and they count at neither. Where players are led may be
anything, a picture for a break or somebody else's recording, for the live desk leads them there;
it is a session's own only while no other session has it. A cancelled session takes no viewers.

Not everything is said so: what a room records leads back to the room and is named by nothing. The
recordings that the worker found for each session (``kaltura_bridge.recordings``) count as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from analytics.match import in_batches
from events.models import EventStatus, Session, SessionStatus, SessionType
from kaltura_bridge.models import Recording, RecordingOrigin, RemoteLink, TargetKind
from kaltura_bridge.specs import Kind

_RECORDED: Final = "recordedEntryId"
_FIELDS: Final = ("redirectEntryId", _RECORDED)
_RECORDED_ORIGINS: Final = (
    RecordingOrigin.RECORDED,
    RecordingOrigin.CHILD,
    RecordingOrigin.ROOM,
)


class SharedRecording(NamedTuple):
    """A recording of several sessions, and when the next of them begins; None: there is none."""

    entry: str
    until: datetime | None


class Recordings(NamedTuple):
    """A session's recordings: those that are its alone, and those that are others' too.

    ``of_several``: those that another session has from the very same moment on.
    """

    alone: tuple[str, ...] = ()
    shared: tuple[SharedRecording, ...] = ()
    of_several: tuple[str, ...] = ()


class _Naming(NamedTuple):
    """That a session which begins then names an entry, as what was recorded or not."""

    starts_at: datetime
    is_recorded: bool


# Of each entry: by which sessions it is named.
_Namings = Mapping[str, Mapping[UUID, _Naming]]


def recordings_of(sessions: Iterable[Session]) -> dict[int, Recordings]:
    """Session pk -> its recordings at Kaltura, as last seen there; without other sessions' own."""
    by_uuid = {session.uuid: session for session in sessions}
    named: dict[UUID, dict[str, bool]] = {}
    for batch in in_batches(list(by_uuid)):
        links = _links().filter(target__object_uuid__in=batch)
        named |= _named_by_session(links, _found().filter(session__uuid__in=batch))
    every = {entry for entries in named.values() for entry in entries}
    every -= _live_entries(every)
    namings = _namings(every)
    found = {
        by_uuid[uuid].pk: _recordings(
            uuid, {entry: said for entry, said in entries.items() if entry in every}, namings
        )
        for uuid, entries in named.items()
    }
    return {pk: recordings for pk, recordings in found.items() if any(recordings)}


def _recordings(uuid: UUID, entries: Mapping[str, bool], namings: _Namings) -> Recordings:
    """Whose the entries are that this session names; whether it recorded them is said of each."""
    alone: list[str] = []
    shared: list[SharedRecording] = []
    of_several: list[str] = []
    for entry, is_recorded in entries.items():
        own = namings.get(entry, {}).get(uuid)
        others = [
            other
            for by, other in namings.get(entry, {}).items()
            if by != uuid and (other.is_recorded or not is_recorded)
        ]
        if not others:
            alone.append(entry)
        elif own and is_recorded and any(o.starts_at == own.starts_at for o in others):
            of_several.append(entry)
        elif own and is_recorded:
            later = (other.starts_at for other in others if other.starts_at > own.starts_at)
            shared.append(SharedRecording(entry, min(later, default=None)))
    return Recordings(tuple(alone), tuple(shared), tuple(of_several))


def _links() -> QuerySet[RemoteLink]:
    rooms_and_entries = (Kind.ROOM, Kind.ENTRY)
    return RemoteLink.objects.filter(
        kind__in=rooms_and_entries, gone=False, target__kind=TargetKind.SESSION
    ).order_by("pk")


def _found() -> QuerySet[Recording]:
    """What the worker found of sessions.

    A simulive's source is a video that people may watch for other reasons, and what was recorded
    backstage is nothing for the audience unless somebody publishes it.
    """
    rows = Recording.objects.exclude(origin=RecordingOrigin.SOURCE)
    backstage = Q(session__session_type=SessionType.STUDIO, origin=RecordingOrigin.ROOM)
    return rows.exclude(backstage, is_published=False).order_by("pk")


def _named_by_session(
    links: QuerySet[RemoteLink], rows: QuerySet[Recording]
) -> dict[UUID, dict[str, bool]]:
    """Session's UUID -> the entries that its own name, and its recordings that the worker found.

    Each with whether it was recorded.
    """
    found: dict[UUID, dict[str, bool]] = defaultdict(dict)
    for uuid, entry, is_recorded in chain(_named_in(links), _found_in(rows)):
        found[uuid][entry] = is_recorded or found[uuid].get(entry, False)
    return found


def _found_in(rows: QuerySet[Recording]) -> Iterator[tuple[UUID, str, bool]]:
    for uuid, entry, origin in rows.values_list("session__uuid", "entry_id", "origin"):
        yield uuid, entry, origin in _RECORDED_ORIGINS


def _named_in(links: QuerySet[RemoteLink]) -> Iterator[tuple[UUID, str, bool]]:
    for uuid, remote_id, seen in links.values_list("target__object_uuid", "remote_id", "seen"):
        for name in _FIELDS:
            entry = (seen or {}).get(name)
            # A simulive, say, leads to its own entry.
            if entry and entry != remote_id:
                yield uuid, str(entry), name == _RECORDED


def _live_entries(entries: Iterable[str]) -> set[str]:
    """Those of the entries that are a session's own webcast."""
    found: set[str] = set()
    for batch in in_batches(sorted(entries)):
        links = RemoteLink.objects.filter(
            kind=Kind.ENTRY, remote_id__in=batch, target__kind=TargetKind.SESSION
        )
        found.update(str(entry) for entry in links.values_list("remote_id", flat=True))
    return found


def _namings(entries: Iterable[str]) -> _Namings:
    """By which sessions that are not cancelled each entry is named, where there are several."""
    named: dict[str, dict[UUID, bool]] = defaultdict(dict)
    for batch in in_batches(sorted(entries), 100):
        names = Q(seen__redirectEntryId__in=batch) | Q(seen__recordedEntryId__in=batch)
        links, rows = _links().filter(names), _found().filter(entry_id__in=batch)
        for uuid, by_entry in _named_by_session(links, rows).items():
            for entry, is_recorded in by_entry.items():
                named[entry][uuid] = is_recorded
    several = {entry: by for entry, by in named.items() if len(by) > 1}
    starts = _starts({uuid for by in several.values() for uuid in by})
    return {
        entry: {uuid: _Naming(starts[uuid], said) for uuid, said in by.items() if uuid in starts}
        for entry, by in several.items()
    }


def _starts(uuids: Iterable[UUID]) -> Mapping[UUID, datetime]:
    """When those of the sessions begin that are not cancelled."""
    starts: dict[UUID, datetime] = {}
    on = Session.objects.exclude(
        Q(status=SessionStatus.CANCELLED) | Q(event__status=EventStatus.CANCELLED)
    )
    for batch in in_batches(sorted(uuids)):
        starts.update(on.filter(uuid__in=batch).values_list("uuid", "starts_at"))
    return starts
