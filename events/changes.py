"""What a transaction does to the programme, collected and told once, at its end.

    with changes():
        session.save()
        session.appearances.all().delete()
    # One ``session_changed`` was sent before the commit, in the same transaction.

``changes`` is ``transaction.atomic`` with a memory: the outermost block tells at its end,
those inside only collect. Every ``save()`` and ``delete()`` of a planned object is such a
block too (models/base.py), so a save from the shell is told like any other, and never
commits without what its receivers write. Only ``QuerySet.update()``, ``bulk_create()`` and
``bulk_update()`` stay silent, as they do for Django's own signals; nothing here uses them
on planned objects. Imports write many rows at once (bulk.py) and say themselves what they
changed, by ``note_changed``.

Django has no hook for "before the commit", so two blocks in one plain ``atomic()`` tell
twice. Whoever writes several things puts one block around all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any
from weakref import ReferenceType, WeakKeyDictionary, ref

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from events import signals


@contextmanager
def changes(using: str | None = None, *, savepoint: bool = True) -> Iterator[None]:
    """A transaction, or a part of one, that tells what it changed. Also a decorator.

    ``savepoint`` is that of ``transaction.atomic``: without one, an error in an inner
    block undoes the outer ones as well.
    """
    alias = using or DEFAULT_DB_ALIAS
    with transaction.atomic(using=alias, savepoint=savepoint):
        if connections[alias] in _collectors:
            yield
            return
        collector = _collectors[connections[alias]] = _Collector(alias)
        try:
            yield
            collector.tell()
        finally:
            # Before the commit: what its hooks change belongs to other transactions.
            del _collectors[connections[alias]]


def note_changed(model: type[models.Model], pks: Iterable[int], using: str | None = None) -> None:
    """Say that these objects are not what they were: in the block around, or at once."""
    with changes(using, savepoint=False):
        for pk in pks:
            _collector(using).note(model, pk)


def note_removed(thing: models.Model, using: str | None = None) -> None:
    """Say that an object is deleted, while it still knows its primary key."""
    with changes(using, savepoint=False):
        # Django takes the key from the original once the deletion is through.
        _collector(using).note(type(thing), thing.pk, removed=copy(thing))


class _Mark:
    """A commit hook that does nothing but be there.

    Django forgets the hooks of a savepoint that rolls back, and nobody else holds them:
    while a mark is alive, what it stands for is part of the transaction. See
    https://docs.djangoproject.com/en/stable/topics/db/transactions/#savepoints
    """

    def __call__(self) -> None:
        pass


@dataclass(frozen=True)
class _Note:
    mark: ReferenceType[_Mark]
    removed: Any = None  # The object as it last was.

    @property
    def stands(self) -> bool:
        return self.mark() is not None


class _Collector:
    """What the outermost block of one connection has seen so far."""

    def __init__(self, using: str) -> None:
        self.using = using
        self.notes: dict[tuple[type[models.Model], int, bool], _Note] = {}

    def note(self, model: type[models.Model], pk: int, removed: Any = None) -> None:
        key = (model, pk, removed is not None)
        # Savepoints are nested: one whose note still stands is open around us, or was
        # released into one that is. It cannot roll back and leave this note behind.
        if key in self.notes and self.notes[key].stands:
            return
        mark = _Mark()
        transaction.on_commit(mark, using=self.using)
        self.notes[key] = _Note(ref(mark), removed)

    def tell(self) -> None:
        """Send the signals; what receivers change in turn is told in another round."""
        # Somebody swallowed an error, or wants a rollback: then nothing has changed.
        while self.notes and not transaction.get_rollback(self.using):
            notes = {key: note for key, note in self.notes.items() if note.stands}
            self.notes = {}
            removed, changed = self._removed(notes), self._changed(notes)
            for told, by_model in ((removed, signals.REMOVED), (changed, signals.CHANGED)):
                for thing in told:
                    signal = by_model[thing._meta.model_name]
                    signal.send(type(thing), instance=thing, using=self.using)
            if changed or removed:
                signals.programme_changed.send(
                    None, changed=changed, removed=removed, using=self.using
                )

    def _changed(self, notes: dict[tuple[type[models.Model], int, bool], _Note]) -> list[Any]:
        """The objects as they stand now, parents first; those that are gone are left out."""
        pks: dict[type[models.Model], list[int]] = {}
        for model, pk, is_removed in notes:
            if not is_removed:
                pks.setdefault(model, []).append(pk)
        found: list[Any] = []
        for model in sorted(pks, key=_rank):
            rows = _with_event(model, self.using, pks[model]).in_bulk(sorted(pks[model]))
            found += [rows[pk] for pk in sorted(rows)]
        self._give_events([thing for thing in found if not _knows_event(thing)])
        return found

    def _give_events(self, things: list[Any]) -> None:
        """One object for each event, however many of its sessions there are."""
        events = {thing.pk: thing for thing in things if _is_event(type(thing))}
        inside = [thing for thing in things if not _is_event(type(thing))]
        if missing := {thing.event_id for thing in inside} - events.keys():
            event_model = inside[0]._meta.get_field("event").related_model
            events |= event_model._base_manager.using(self.using).in_bulk(missing)
        for thing in inside:
            thing.event = events[thing.event_id]

    def _removed(self, notes: dict[tuple[type[models.Model], int, bool], _Note]) -> list[Any]:
        """What is gone, parents first. Their events are read here: they may be gone as well."""
        ordered = sorted((key for key in notes if key[2]), key=lambda key: (_rank(key[0]), key[1]))
        gone = [notes[key].removed for key in ordered]
        self._give_events(gone)
        return gone


# Up to so many rows a join is cheaper than another query and one object for all of them.
FEW = 50
# By connection, for a transaction belongs to one; each thread has connections of its own.
_collectors: WeakKeyDictionary[BaseDatabaseWrapper, _Collector] = WeakKeyDictionary()


def _collector(using: str | None) -> _Collector:
    return _collectors[connections[using or DEFAULT_DB_ALIAS]]


def _rank(model: type[models.Model]) -> int:
    return list(signals.CHANGED).index(str(model._meta.model_name))


def _is_event(model: type[models.Model]) -> bool:
    return _rank(model) == 0


def _knows_event(thing: Any) -> bool:
    return _is_event(type(thing)) or thing._meta.get_field("event").is_cached(thing)


def _with_event(model: type[models.Model], using: str, pks: list[int]) -> models.QuerySet[Any]:
    """The rows; where they are few, each brings its event along and saves a query."""
    rows = model._base_manager.using(using)
    return rows.all() if _is_event(model) or len(pks) > FEW else rows.select_related("event")
