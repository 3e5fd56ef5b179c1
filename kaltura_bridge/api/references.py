"""What sessions point to at Kaltura and the portal did not make for them: whether it is there.

Kaltura accepts the id of anything, or of nothing, as a source, as slides or as a room's
broadcast, and a source that is still being converted, without complaint (seen at a running
server, 22.19); so we look before we send.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from kaltura_bridge.api.adapters.base import is_deleted
from kaltura_bridge.api.adapters.entries import ALIVE
from kaltura_bridge.api.client import Answer, Kaltura, Request, new, wire
from kaltura_bridge.api.errors import ABSENT, KalturaError, RemoteRejected
from kaltura_bridge.api.lists import key_lists, list_each, listed
from kaltura_bridge.recipes import Video
from kaltura_bridge.specs import Kind, RemoteRef

READY = "2"


@dataclass(frozen=True)
class HeldReference:
    """An entry or a category that somebody points to; ``key``: the reference it carries.

    ``root_id``: of a recording the entry that was on air.
    """

    ref: RemoteRef
    key: str
    root_id: str = ""
    video: Video | None = None


def held_references(kaltura: Kaltura, refs: Iterable[RemoteRef]) -> dict[RemoteRef, HeldReference]:
    """Those of these entries and categories that exist. No call when there are none.

    Raises KalturaError when one of them cannot be read.
    """
    wanted = sorted(set(refs))
    found = {held.ref: held for held in _listed(kaltura, wanted)}
    missing = [ref for ref in wanted if ref not in found]
    # A list lags: what was uploaded just now is found by its id only.
    answers = kaltura.ask([_get(ref) for ref in missing])
    for ref, answer in zip(missing, answers, strict=True):
        if held := _read(ref.kind, _unless_absent(answer)):
            found[ref] = held
    return found


def _listed(kaltura: Kaltura, refs: Sequence[RemoteRef]) -> Iterator[HeldReference]:
    entries = [ref.remote_id for ref in refs if ref.kind is Kind.ENTRY]
    categories = [ref.remote_id for ref in refs if ref.kind is Kind.CATEGORY]
    entry_filters = [
        new("KalturaBaseEntryFilter", idIn=ids, statusIn=ALIVE) for ids in key_lists(entries)
    ]
    category_filters = [new("KalturaCategoryFilter", idIn=ids) for ids in key_lists(categories)]
    requests = list_each(lambda c: c.baseEntry, entry_filters)
    requests += list_each(lambda c: c.category, category_filters)
    kinds = [Kind.ENTRY] * len(entry_filters) + [Kind.CATEGORY] * len(category_filters)
    for kind, answer in zip(kinds, kaltura.ask(requests), strict=True):
        if isinstance(answer, KalturaError):
            raise answer
        yield from (held for raw in listed(answer) if (held := _read(kind, raw)))


def _get(ref: RemoteRef) -> Request:
    if ref.kind is Kind.CATEGORY:
        return Request(lambda c: c.category.get(ref.remote_id))
    return Request(lambda c: c.baseEntry.get(ref.remote_id))


def _unless_absent(answer: Answer) -> Any:
    """The object of an answer; None when it is not there, or not ours to see."""
    if isinstance(answer, RemoteRejected) and (
        answer.code in ABSENT or answer.error_class.waits_for_person
    ):
        return None
    if isinstance(answer, KalturaError):
        raise answer
    return answer


def _read(kind: Kind, raw: Any) -> HeldReference | None:
    if raw is None or is_deleted(kind, raw):
        return None
    ref, key = RemoteRef(kind, wire(raw.id)), wire(raw.referenceId)
    if kind is Kind.CATEGORY:
        return HeldReference(ref, key)
    root_id = wire(getattr(raw, "rootEntryId", ""))
    return HeldReference(ref, key, "" if root_id == ref.remote_id else root_id, _video(raw))


def _video(raw: Any) -> Video:
    milliseconds = int(wire(getattr(raw, "msDuration", 0)) or 0)
    return Video(wire(raw.status) == READY, ceil(milliseconds / 1000))
