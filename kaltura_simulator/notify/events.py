"""From changes of objects to the events that notifications can be about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kaltura_simulator.state.store import Data, ObjectChange

ADDED, CHANGED, CREATED, DELETED = "1", "2", "5", "7"
ENTRY, LIVE_STREAM = "1", "38"
_LIVE_TYPE = 7
#: The names of each kind of object in templates.
OBJECT_TYPES: dict[str, tuple[str, ...]] = {
    "entry": (ENTRY,),
    "category": ("2",),
    "user": ("8",),
    "access_control": ("9",),
    "category_user": ("12",),
    "conversion_profile": ("14",),
    "vendor_task": ("42",),
    "metadata": ("metadataEventNotifications.Metadata",),
    "schedule_event": ("scheduleEventNotifications.ScheduleEvent",),
    "caption_asset": ("captionAssetEventNotifications.CaptionAsset",),
    "attachment_asset": ("attachmentAssetEventNotifications.AttachmentAsset",),
    "virtual_event": ("virtualEventEventNotifications.VirtualEvent",),
}
#: The status that means "deleted", for kinds that keep what was deleted.
_DELETED = {"entry": 3, "category": 3, "user": 2, "schedule_event": 3, "virtual_event": 3}
_ASSETS_DELETED = 3


@dataclass(frozen=True)
class NotificationEvent:
    """An event of one object; ``before`` is None when the object is new."""

    partner: int
    type: str
    object_types: tuple[str, ...]
    before: Data | None
    after: Data

    @property
    def changed(self) -> frozenset[str]:
        """The properties that changed."""
        before = self.before or {}
        names = before.keys() | self.after.keys()
        return frozenset(n for n in names if before.get(n) != self.after.get(n))


def events_of(change: ObjectChange) -> Iterator[NotificationEvent]:
    """The events of a change of an object."""
    types, after = _object_types(change), change.after or change.before
    if not types or after is None or _same(change):
        return
    for kind in _event_types(change):
        yield NotificationEvent(change.partner, kind, types, change.before, after)


def _object_types(change: ObjectChange) -> tuple[str, ...]:
    types = OBJECT_TYPES.get(change.kind, ())
    row = change.after or change.before or {}
    live = change.kind == "entry" and row.get("type") == _LIVE_TYPE
    return (*types, LIVE_STREAM) if live else types


def _same(change: ObjectChange) -> bool:
    """Whether nothing changed that the API shows."""
    return _shown(change.before) == _shown(change.after)


def _shown(row: Data | None) -> Data | None:
    return row and {name: value for name, value in row.items() if not name.startswith("_")}


def _event_types(change: ObjectChange) -> tuple[str, ...]:
    if change.before is None:
        return (ADDED, CREATED)
    if change.after is None:
        return (DELETED,)
    gone = _DELETED.get(change.kind, _ASSETS_DELETED)
    was, now = change.before.get("status"), change.after.get("status")
    keeps = change.kind in _DELETED or change.kind.endswith("_asset")
    return (DELETED, CHANGED) if keeps and now == gone != was else (CHANGED,)
