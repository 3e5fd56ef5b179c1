"""Categories may be left, renamed and deleted only when no ghost can come of it.

An entry at Kaltura keeps the full names of its categories as text, and a background job
renews it some time after a category, or one above it, was renamed. Whoever deletes a place
before makes Kaltura write the text back: it makes the missing categories anew under their old
names, without our key, and puts the entry into them; a place whose present name is not in the
text is lost (postUpdate in alpha/lib/model/categoryEntry.php of kaltura/server, and
syncEntriesCategories in categoryEntryPeer.php; seen at a running server, 22.19).

So in one batch places are deleted before names change (planner.layers), and here, just before
each is sent: a place waits for the names, a category for the last place in it, and a rename
for whoever may be deleting places meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from kaltura_bridge.models import ErrorKind, RemoteLink, SyncTarget, TargetKind
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync.batch_state import BatchState
from kaltura_bridge.sync.observe import Observation
from kaltura_bridge.sync.operations import Delete, Operation, Remove
from kaltura_bridge.sync.outcome import Problem
from kaltura_bridge.sync.planner import is_rename

# How soon to look again whether Kaltura has renewed its names; doubled with each attempt.
LOOK_AGAIN_S = 5.0
LOOK_AGAIN_CAP_S: Final = 300.0
# While another sender is at it.
SOON: Final = timedelta(seconds=1)


class PlaceGuard:
    """Holds back what would leave a ghost, of one batch that ``holder`` claimed."""

    def __init__(self, state: BatchState, holder: str, observation: Observation) -> None:
        self._state, self._holder, self._began = state, holder, timezone.now()
        self._names = _CategoryNames(observation)
        self._held_entries: set[str] = set()

    def without_held(self, layer: Sequence[Operation]) -> list[Operation]:
        """The operations that may be sent now; why the others wait is reported."""
        return [operation for operation in layer if not self._is_held(operation)]

    def _is_held(self, operation: Operation) -> bool:
        if isinstance(operation, Delete):
            match operation.kind:
                case Kind.CATEGORY_ENTRY:
                    return self._is_place_held(operation)
                case Kind.ENTRY | Kind.ROOM:  # its place must be left first
                    return operation.remote_id in self._held_entries
                case Kind.CATEGORY:
                    return self._is_category_held(operation)
        return is_rename(operation) and self._is_rename_held(operation)

    def _is_place_held(self, place: Delete) -> bool:
        entry_id = place.remote_id.partition("|")[2]
        title = self._state.targets[place.target_id].title
        if not self._names.are_current(entry_id):
            text = (
                f"“{title}” stays in its old category too until Kaltura has renewed the names of "
                "categories; leaving it now would bring a category back under its old name."
            )
            self._hold(place, text, self._look_again(place))
        elif self._is_someone_renaming(place):
            text = f"“{title}” leaves its old category once a new name of one is written."
            self._hold(place, text, timezone.now() + SOON)
        else:
            return False
        self._held_entries.add(entry_id)
        return True

    def _is_someone_renaming(self, place: Delete) -> bool:
        """Whether another sender renames a category of the event, or did since we looked."""
        event_uuid = self._state.targets[place.target_id].event_uuid
        others = SyncTarget.objects.filter(
            event_uuid=event_uuid, kind__in=[TargetKind.EVENT, TargetKind.TRACK]
        ).exclude(holder=self._holder)
        wrote = Q(links__kind=Kind.CATEGORY, links__pushed_at__gt=self._began)
        return others.filter(_is_held_now() | wrote).exists()

    def _is_category_held(self, category: Delete) -> bool:
        """Kaltura lets everything out of it and of those below, by the same rule as places."""
        inside = Q(kind=Kind.CATEGORY_ENTRY, remote_id__startswith=f"{category.remote_id}|")
        target = category.link.target
        if target.kind == TargetKind.EVENT and not isinstance(category, Remove):
            own = Q(target__event_uuid=target.event_uuid)
            inside |= own & Q(kind__in=[Kind.CATEGORY, Kind.CATEGORY_ENTRY])
        links = RemoteLink.objects.filter(inside, unlinked=False).exclude(remote_id=None)
        if not links.exclude(pk=category.link.pk).exists():
            return False
        text = f"The category of “{target.title}” is deleted once the sessions in it have left it."
        self._hold(category, text, self._look_again(category))
        return True

    def _is_rename_held(self, rename: Operation) -> bool:
        """Whether another sender has sessions of the event, and may be taking some out."""
        target = self._state.targets[rename.target_id]
        sending = SyncTarget.objects.filter(
            _is_held_now(), event_uuid=target.event_uuid, kind=TargetKind.SESSION
        )
        if not sending.exclude(holder=self._holder).exists():
            return False
        text = f"The {rename.label} gets its new name once its sessions have been sent."
        self._hold(rename, text, timezone.now() + SOON)
        return True

    def _hold(self, operation: Operation, text: str, until: datetime) -> None:
        problem = Problem(ErrorKind.WAITING, text, until)
        self._state.add_problem(operation.target_id, problem)

    def _look_again(self, operation: Operation) -> datetime:
        attempts = self._state.targets[operation.target_id].attempts
        wait_s = min(LOOK_AGAIN_S * 2.0 ** min(attempts, 20), LOOK_AGAIN_CAP_S)
        return timezone.now() + timedelta(seconds=wait_s)


def _is_held_now() -> Q:
    """Targets that a living sender holds, edited meanwhile or not."""
    return Q(lease_until__gt=timezone.now())


class _CategoryNames:
    """The categories' present names, and those that entries have of them, as they were read."""

    def __init__(self, observation: Observation) -> None:
        self._names: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._inside: dict[str, set[str]] = defaultdict(set)
        for (kind, _), objects in observation.objects.items():
            for found in objects:
                if kind is Kind.CATEGORY:
                    self._names[found.remote_id] = found.category_names
                elif kind in (Kind.ENTRY, Kind.ROOM):
                    self._texts[found.remote_id] = found.category_names
                elif kind is Kind.CATEGORY_ENTRY:
                    category_id, _, entry_id = found.remote_id.partition("|")
                    self._inside[entry_id].add(category_id)

    def are_current(self, entry_id: str) -> bool:
        """Whether the entry's text has the present name of each category that it stands in.

        A deleted entry has no text that Kaltura would write back. A category that no list
        shows yet has a name that nobody knows.
        """
        text = self._texts.get(entry_id)
        names = (self._names.get(category_id) for category_id in self._inside[entry_id])
        return text is None or all(_holds(text, name) for name in names)


def _holds(text: str, name: str | None) -> bool:
    """Whether a name is one of those in the text; some accounts allow commas within a name."""
    return name is not None and (not name or f",{name}," in f",{text},")
