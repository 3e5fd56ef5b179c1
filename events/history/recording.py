"""Writes down what a transaction changed, at its end and inside it.

What each object looks like is read once, whoever wrote it and however often, and compared with
how it was last recorded. So imports and other bulk writes are seen like a form, a save that
changes nothing leaves nothing behind, and nothing is recorded that is rolled back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from events.bulk import CHUNK, NewRows, in_chunks, update_columns
from events.changes import note_edited
from events.history.authors import ChangeAuthor, author
from events.history.parts import (
    ROOTS,
    RecordedState,
    State,
    differences,
    read_states,
)
from events.models import (
    ChangeSource,
    ObjectHistory,
    ObjectVersion,
    ProgrammeVersion,
    Speaker,
    VersionKind,
)
from events.signals import objects_edited

# Whatever is that young when it is first recorded was made just now.
_NEW: Final = timedelta(minutes=5)


@receiver(objects_edited)
def record_edits(
    sender: None, edited: Sequence[tuple[type[models.Model], int]], using: str, **_: Any
) -> None:
    """A version of each object that is not what it was."""
    pks: dict[type[models.Model], list[int]] = defaultdict(list)
    for model, pk in edited:
        pks[model].append(pk)
    recorder = _VersionWriter(using, author())
    for root in ROOTS:
        if pks[root]:
            recorder.record(root, sorted(pks[root]))
    recorder.save()


class _VersionWriter:
    """What one transaction did to all of its objects."""

    def __init__(self, using: str, by: ChangeAuthor) -> None:
        self.using, self.by, self.now = using, by, timezone.now()
        self.new: list[ObjectHistory] = []
        self.changed: list[ObjectHistory] = []
        self.versions: list[ObjectVersion] = []

    def record(self, root: type[models.Model], pks: Sequence[int]) -> None:
        # Two that change one object at once: the second waits here, and sees both.
        lock_events(root, pks, self.using)
        now_there = read_states(root, pks, self.using)
        known = self._known([found.uuid for found in now_there.values()])
        for found in now_there.values():
            if found.uuid in known:
                self._compare(known[found.uuid], found)
            else:
                self._note_first(root, found)
        if gone := [pk for pk in pks if pk not in now_there]:
            for history in histories(root, gone, self.using).values():
                # Deleted and saved again, it has another key and is no more gone than before.
                if history.removed_at is None and history.uuid not in known:
                    self._note_removed(history)

    def _known(self, uuids: Sequence[UUID]) -> dict[UUID, ObjectHistory]:
        rows = ObjectHistory.objects.using(self.using)
        found: dict[UUID, ObjectHistory] = {}
        for at in range(0, len(uuids), CHUNK):
            found |= rows.in_bulk(uuids[at : at + CHUNK])
        return found

    def _note_removed(self, history: ObjectHistory) -> None:
        history.removed_at = self.now
        self._add(history, VersionKind.DELETED, {})

    def _note_first(self, root: type[models.Model], found: RecordedState) -> None:
        history = new_history(root, found)
        is_new = found.made_at > self.now - _NEW
        self.new.append(history)
        self._version(history, VersionKind.MADE if is_new else VersionKind.FIRST, {})

    def _compare(self, history: ObjectHistory, found: RecordedState) -> None:
        changed = differences(history.state, found.state)
        back = history.removed_at is not None
        if not (changed or back or history.object_key != found.key):
            return
        history.state, history.label, history.removed_at = found.state, found.label, None
        history.object_key, history.event_uuid = found.key, found.event_uuid
        history.people = people_in(found.state, history.people)
        self._add(history, VersionKind.RESTORED if back else self.by.kind, changed)

    def _add(self, history: ObjectHistory, kind: str, changes: dict[str, Any]) -> None:
        history.number += 1
        self.changed.append(history)
        self._version(history, kind, changes)

    def _version(self, history: ObjectHistory, kind: str, changes: dict[str, Any]) -> None:
        self.versions.append(
            ObjectVersion(
                history_id=history.uuid,
                number=history.number,
                kind=kind,
                source=self.by.source,
                note=self.by.note,
                happened_at=self.now,
                changes=changes,
            )
        )

    def save(self) -> None:
        if not self.versions:
            return
        actor = self.by.actor()
        source = self._source(actor)
        for version in self.versions:
            version.actor_id, version.source = actor, source
        NewRows(ObjectHistory, self.new, self.using).insert()
        columns = ("state", "label", "number", "people", "removed_at", "object_key", "event_uuid")
        update_columns(self.changed, *columns, using=self.using)
        NewRows(ObjectVersion, self.versions, self.using).insert()

    def _source(self, actor: int | None) -> str:
        """On the site it is people on stage who write, of themselves and their sessions."""
        if self.by.source != ChangeSource.SITE or actor is None:
            return self.by.source
        events = {one.event_uuid for one in (*self.new, *self.changed)}
        mine = Speaker.objects.using(self.using).filter(user=actor, event__uuid__in=events)
        return ChangeSource.SPEAKER if mine.exists() else ChangeSource.SITE


def lock_events(root: type[models.Model], pks: Sequence[int], using: str) -> None:
    """Wait for whoever changes something of the same events."""
    if not connections[using].features.has_select_for_update:
        return
    name = "event__in" if root is ROOTS[0] else None
    for chunk in in_chunks(pks):
        rows = ProgrammeVersion.objects.using(using).order_by("pk").select_for_update()
        if name:
            wanted: Any = list(chunk)
        else:
            of_chunk = root._base_manager.using(using).filter(pk__in=chunk)
            wanted = of_chunk.order_by().values("event")
        list(rows.filter(event__in=wanted).values_list("pk"))


def histories(
    root: type[models.Model], pks: Sequence[int], using: str = DEFAULT_DB_ALIAS
) -> dict[int, ObjectHistory]:
    found: dict[int, ObjectHistory] = {}
    rows = ObjectHistory.objects.using(using).filter(model=root._meta.model_name)
    for chunk in in_chunks(pks):
        found |= {row.object_key: row for row in rows.filter(object_key__in=chunk)}
    return found


def new_history(root: type[models.Model], found: RecordedState) -> ObjectHistory:
    return ObjectHistory(
        uuid=found.uuid,
        model=str(root._meta.model_name),
        object_key=found.key,
        event_uuid=found.event_uuid,
        label=found.label,
        state=found.state,
        number=1,
        people=people_in(found.state),
    )


def people_in(state: State, before: str = "") -> str:
    """The accounts that a state names, and those named before: keys with commas around."""
    known = {part for part in before.split(",") if part}
    if user := state.get("user"):
        known.add(str(user))
    known.update(state.get("team", {}))
    return f",{','.join(sorted(known, key=int))}," if known else ""


def record_first_versions(most: int = 500, using: str = DEFAULT_DB_ALIAS) -> int:
    """Record objects of which nothing is known yet: those that are older than their history.

    Returns how many there were; fewer than ``most`` when all are known.
    """
    count = 0
    for root in ROOTS:
        known = ObjectHistory.objects.using(using).filter(model=root._meta.model_name)
        rows = root._base_manager.using(using).exclude(pk__in=known.values("object_key"))
        pks = list(rows.order_by("pk").values_list("pk", flat=True)[: most - count])
        if pks:
            with transaction.atomic(using=using):
                note_edited(root, pks, using)
            count += len(pks)
        if count >= most:
            break
    return count


# --- What stands beside an object is part of it ------------------------------------------------


@receiver([post_save, post_delete], sender=Speaker)
def note_speaker(sender: type, instance: Speaker, using: str, **_: Any) -> None:
    note_edited(Speaker, [instance.pk], using)
