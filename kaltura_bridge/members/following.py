"""An event's choice to tell Kaltura of its people, or no longer, followed by all of them.

The worker that sends an event does this, before it sends it, so that saving an event with
thousands of people costs nothing; and the sweep does, for what came without a signal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from events.models import Event
from kaltura_bridge.members.people import events_with_members, without_target
from kaltura_bridge.models import SyncTarget, TargetKind
from kaltura_bridge.sync import states

# Targets that one statement makes.
_TOGETHER: Final = 500


def follow_events(uuids: Collection[UUID]) -> None:
    """Everybody of a published event with a context is due; of any other nobody stays."""
    if not uuids:
        return
    active = list(events_with_members().filter(uuid__in=uuids))
    ensure_members(active)
    rest = set(uuids) - {event.uuid for event in active}
    members = SyncTarget.objects.filter(kind=TargetKind.MEMBER, removed=False)
    states.remove_all(members.filter(event_uuid__in=rest))


def ensure_members(events: Sequence[Event]) -> int:
    """Tell the sync of those members of these events whom it does not know. Returns how many."""
    missing = without_target(events)
    for start in range(0, len(missing), _TOGETHER):
        some = missing[start : start + _TOGETHER]
        states.touch_together(some, [], also=SyncTarget.objects.none())
    return len(missing)


def ensure_all_members() -> int:
    """The same for every event, one at a time."""
    return sum(ensure_members([event]) for event in events_with_members())
