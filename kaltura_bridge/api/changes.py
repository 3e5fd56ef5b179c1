"""What changed at Kaltura since a moment, whoever changed it: asked by time, for all at once.

What these lists do not tell: deletions, for they hold no deleted objects; places in
categories and bookings, whose lists cannot be asked so. A record that changed is no change
of its entry, and metadata is listed by entry only (MUST_FILTER_ON_OBJECT_ID, seen at a
running server, 22.19).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters.metadata import records_of
from kaltura_bridge.api.client import PAGE, Kaltura, wire
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.api.lists import listed
from kaltura_bridge.api.whole_lists import SOURCES, Window, rest_of
from kaltura_bridge.specs import Kind

_MOMENT = "updatedAt"


@dataclass(frozen=True)
class RemoteChange:
    """An object that was made or changed; ``key``: what it carries where our key would stand."""

    kind: Kind
    remote_id: str
    at: datetime
    key: str = ""


def changes_since(
    kaltura: Kaltura,
    since: datetime,
    entries_by_profile: Mapping[str, Collection[str]],
    resources: Resources,
) -> list[RemoteChange]:
    """All objects of our kinds that changed since, anybody's, and the records of these entries.

    ``entries_by_profile``: ids of entries by the name of a metadata profile.
    Raises KalturaError when a list has no usable answer.
    """
    start = int(since.timestamp())
    windows = [Window(source, _MOMENT, start) for source in SOURCES]
    moment = {f"{_MOMENT}GreaterThanOrEqual": start}
    records = [
        request
        for profile, entries in entries_by_profile.items()
        for request in records_of(entries, [profile], resources, **moment)
    ]
    answers = kaltura.ask([*(window.page() for window in windows), *records])
    for answer in answers:
        if isinstance(answer, KalturaError):
            raise answer
    lists, of_records = answers[: len(windows)], answers[len(windows) :]
    found = [_change(Kind.METADATA, row) for answer in of_records for row in listed(answer)]
    for window, answer in zip(windows, lists, strict=True):
        source, rows = window.source, listed(answer)
        if len(rows) >= PAGE:  # a page that is full may not be the last
            rows = list(rest_of(kaltura, window))
        found += [_change(source.kind(row), row, wire(getattr(row, source.key))) for row in rows]
    return found


def _change(kind: Kind, row: Any, key: str = "") -> RemoteChange:
    at = datetime.fromtimestamp(int(wire(row.updatedAt) or 0), UTC)
    return RemoteChange(kind, wire(row.id), at, key)
