"""Entries that somebody else made and sessions play: whether they are ready, and how long.

Kaltura accepts a source that is still being converted, or of a kind that cannot be played,
without complaint (seen at a running server, 22.19); so we look before we send.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any

from kaltura_bridge.api.adapters.entries import ALIVE
from kaltura_bridge.api.client import Kaltura, new, wire
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.api.lists import key_lists, list_each, listed
from kaltura_bridge.recipes import Video

READY = "2"


def videos_for(kaltura: Kaltura, entry_ids: Iterable[str]) -> dict[str, Video]:
    """The videos with these ids that exist. No call when there are none to look for.

    Raises KalturaError when the list has no usable answer.
    """
    filters = [
        new("KalturaBaseEntryFilter", idIn=ids, statusIn=ALIVE) for ids in key_lists(entry_ids)
    ]
    found: dict[str, Video] = {}
    for answer in kaltura.ask(list_each(lambda c: c.baseEntry, filters)):
        if isinstance(answer, KalturaError):
            raise answer
        found |= {wire(raw.id): _video(raw) for raw in listed(answer)}
    return found


def _video(raw: Any) -> Video:
    milliseconds = int(wire(getattr(raw, "msDuration", 0)) or 0)
    return Video(wire(raw.status) == READY, ceil(milliseconds / 1000))
