"""What Kaltura says of recordings: entries by id and by root, and the size of their files.

Lists are asked for many entries at once and lag behind; what no list shows is read by its id
before it counts as deleted. Only the worker asks, with the KS of the sync.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from django.utils import timezone

from events.characters import clean_line
from kaltura_bridge.api.adapters.entries import ALIVE
from kaltura_bridge.api.client import PAGE, Answer, Kaltura, Request, new, wire
from kaltura_bridge.api.errors import ABSENT, KalturaError, RemoteRejected
from kaltura_bridge.api.lists import joined, key_lists, listed
from kaltura_bridge.api.rows import class_name_of
from kaltura_bridge.models import RecordingStatus

#: Recordings in one list are all of so many roots; a page holds ten of each at least.
ROOTS_A_LIST: Final = 50
_KILOBYTE: Final = 1024
_LARGEST: Final = 2**31 - 1
_REPLACING_FAILED: Final = "4"  # KalturaEntryReplacementStatus
# KalturaEntryStatus: error of the import or of the conversion, ready; deleted, blocked.
_STATUSES: Final[Mapping[str, RecordingStatus]] = {
    "-2": RecordingStatus.FAILED,
    "-1": RecordingStatus.FAILED,
    "2": RecordingStatus.READY,
    "3": RecordingStatus.GONE,
    "6": RecordingStatus.FAILED,
}


@dataclass(frozen=True)
class HeldRecording:
    """A video as Kaltura holds it. ``created_at``: when the entry was made there.

    ``is_changing``: its content is being replaced; with ``has_failed_change`` that went wrong,
    and Kaltura replaces nothing else until somebody cancels it.
    """

    entry_id: str
    root_id: str
    status: RecordingStatus
    name: str
    seconds: int
    milliseconds: int
    plays: int
    created_at: datetime
    is_video: bool
    is_changing: bool = False
    has_failed_change: bool = False
    bytes: int = 0


@dataclass(frozen=True)
class HeldPlace:
    """Where a live entry or room leads, as it says itself; "" nowhere."""

    recorded_id: str = ""
    redirect_id: str = ""


@dataclass
class Asked:
    """All that was asked at once. ``absent``: ids that Kaltura certainly has no more.

    ``begun_at``: before the first call; it tells nothing of what was sent later.
    """

    places: dict[str, HeldPlace] = field(default_factory=dict)
    by_root: dict[str, list[HeldRecording]] = field(default_factory=dict)
    recordings: dict[str, HeldRecording] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    begun_at: datetime = field(default_factory=timezone.now)


def ask_places(kaltura: Kaltura, roots: Collection[str], asked: Asked) -> None:
    """The live entries and rooms, and every video that has one of them as its root.

    Raises KalturaError when a list has no usable answer.
    """
    entries = [_by_ids(ids) for ids in key_lists(roots)]
    videos = [_by_roots(ids) for ids in joined(sorted(roots), ROOTS_A_LIST)]
    answers = kaltura.ask([*(_page(each) for each in (*entries, *videos))])
    for answer in answers[: len(entries)]:
        for raw in _objects(answer):
            places = (
                wire(getattr(raw, name, "")) for name in ("recordedEntryId", "redirectEntryId")
            )
            asked.places[wire(raw.id)] = HeldPlace(*places)
    for wanted, answer in zip(videos, answers[len(entries) :], strict=True):
        for raw in _all_pages(kaltura, wanted, answer):
            held = read_recording(raw)
            # What replaces the content of another is no recording of its own.
            if held.is_video and not wire(getattr(raw, "replacedEntryId", "")):
                asked.by_root.setdefault(held.root_id, []).append(held)
                asked.recordings[held.entry_id] = held


def ask_recordings(kaltura: Kaltura, ids: Collection[str], asked: Asked) -> None:
    """The rest of the videos, by id: in lists first, then one by one. Raises KalturaError."""
    wanted = sorted(set(ids) - asked.recordings.keys())
    for answer in kaltura.ask([_page(_by_ids(some)) for some in key_lists(wanted)]):
        for raw in _objects(answer):
            asked.recordings[wire(raw.id)] = read_recording(raw)
    missing = [entry_id for entry_id in wanted if entry_id not in asked.recordings]
    answers = kaltura.ask([get_entry(entry_id) for entry_id in missing])
    for entry_id, answer in zip(missing, answers, strict=True):
        if isinstance(answer, RemoteRejected) and answer.code in ABSENT:
            asked.absent.add(entry_id)
        elif isinstance(answer, KalturaError):
            raise answer
        else:
            asked.recordings[entry_id] = read_recording(answer)


def ask_sizes(kaltura: Kaltura, ids: Iterable[str]) -> dict[str, int]:
    """Bytes of each video's largest file, which is what a download takes; none where unknown."""
    found: dict[str, int] = {}
    filters = [
        new("KalturaFlavorAssetFilter", entryIdIn=some)
        for some in joined(sorted(ids), ROOTS_A_LIST)
    ]
    for answer in kaltura.ask([_files(wanted) for wanted in filters]):
        for raw in _objects(answer):
            entry_id, size = wire(raw.entryId), _number(raw, "size") * _KILOBYTE
            found[entry_id] = max(found.get(entry_id, 0), size)
    return found


def get_entry(entry_id: str) -> Request:
    """Reads one entry past the index."""
    return Request(lambda c: c.baseEntry.get(entry_id), as_row=True)


def read_recording(raw: Any) -> HeldRecording:
    """A video of a reply."""
    entry_id = wire(raw.id)
    milliseconds = _number(raw, "msDuration")
    is_changing = bool(_text(raw, "replacingEntryId"))
    return HeldRecording(
        entry_id=entry_id,
        root_id=wire(getattr(raw, "rootEntryId", "")) or entry_id,
        status=_STATUSES.get(wire(raw.status), RecordingStatus.PROCESSING),
        name=clean_line(wire(raw.name))[:250],
        seconds=_number(raw, "duration") or milliseconds // 1000,
        milliseconds=milliseconds or _number(raw, "duration") * 1000,
        plays=_number(raw, "plays"),
        created_at=datetime.fromtimestamp(_number(raw, "createdAt"), UTC),
        is_video=class_name_of(raw) == "KalturaMediaEntry",
        is_changing=is_changing,
        has_failed_change=is_changing and _text(raw, "replacementStatus") == _REPLACING_FAILED,
    )


def _text(raw: Any, name: str) -> str:
    return wire(getattr(raw, name, ""))


def _number(raw: Any, name: str) -> int:
    text = _text(raw, name)
    return min(int(text), _LARGEST) if text.isdecimal() else 0


def _by_ids(ids: str) -> Any:
    return new("KalturaBaseEntryFilter", idIn=ids, statusIn=ALIVE)


def _by_roots(ids: str) -> Any:
    return new("KalturaBaseEntryFilter", rootEntryIdIn=ids, statusIn=ALIVE, orderBy="+createdAt")


def _page(wanted: Any, number: int = 1) -> Request:
    return Request(partial(_list_entries, wanted, number), as_row=True)


def _list_entries(wanted: Any, number: int, client: Any) -> object:
    pager = new("KalturaFilterPager", pageSize=PAGE, pageIndex=number)
    answer: object = client.baseEntry.list(wanted, pager)
    return answer


def _files(wanted: Any) -> Request:
    pager = new("KalturaFilterPager", pageSize=PAGE, pageIndex=1)
    return Request(lambda c: c.flavorAsset.list(wanted, pager), as_row=True)


def _objects(answer: Answer) -> Sequence[Any]:
    if isinstance(answer, KalturaError):
        raise answer
    return listed(answer)


def _all_pages(kaltura: Kaltura, wanted: Any, first: Answer) -> Iterator[Any]:
    """A page may be followed by another only when it is full."""
    rows, number = _objects(first), 1
    yield from rows
    while len(rows) >= PAGE:
        number += 1
        rows = _objects(kaltura.one(_page(wanted, number).call, as_row=True))
        yield from rows
