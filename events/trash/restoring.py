"""Out of the trash: the same rows with the same keys, in one transaction, or nothing.

What is restored is told like any other change, so Kaltura, feeds and mails follow. Objects at
Kaltura that were deleted meanwhile are made anew by the sync, and have other ids there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import DEFAULT_DB_ALIAS, IntegrityError, models
from django.utils.translation import gettext as _

from events.bulk import in_chunks, insert_columns
from events.changes import changes, note_changed, note_edited
from events.models import (
    AnnouncedSession,
    Event,
    EventTranslation,
    Session,
    SessionSpeaker,
    SessionTranslation,
    Speaker,
    Track,
    TrackTranslation,
    TrashedObject,
    TrashedRows,
)
from events.programme.recording import note_translations, raise_version
from events.signals import objects_restored
from events.trash.tables import kept_named, restored, stored


class CannotRestore(Exception):
    """Why not, by field; ``""`` for what is about all of it."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(" ".join(text for texts in errors.values() for text in texts))
        self.errors = errors


@dataclass
class RestoredObject:
    """What came back, and how many rows of which table could not."""

    thing: Any
    left: dict[str, int] = field(default_factory=dict)


def restore(pk: int, new: Mapping[str, str] | None = None) -> RestoredObject:
    """Restore what is in the trash under this key. ``new``: another slug, where it is taken.

    Raises CannotRestore; then it is in the trash as before.
    """
    try:
        with changes():
            trashed = TrashedObject.objects.select_for_update().filter(pk=pk).first()
            if trashed is None:
                raise CannotRestore({"": [_("It is not in the trash any more.")]})
            return _Restoring(trashed, dict(new or {})).run()
    except IntegrityError as error:
        raise CannotRestore(
            {"": [_("Something else has taken its place meanwhile; nothing was restored.")]}
        ) from error


class _Restoring:
    """One entry of the trash on its way back."""

    def __init__(self, trashed: TrashedObject, new: dict[str, str]) -> None:
        self.trashed, self.new = trashed, new
        self.root = kept_named(trashed.model)
        self.there: dict[type[models.Model], set[Any]] = defaultdict(set)
        self.gone: dict[type[models.Model], set[Any]] = defaultdict(set)
        self.left: dict[str, int] = defaultdict(int)
        self.moved: dict[int, list[TrashedRows]] = defaultdict(list)

    def run(self) -> RestoredObject:
        chunks = list(self.trashed.chunks.all())
        self._check_parent()
        self._expect_own_kin(chunks)
        for chunk in chunks:
            if not chunk.is_reference:
                self._insert(chunk)
        for chunk in chunks:
            if chunk.is_reference:
                self._refer(chunk)
        self._move_on()
        self._tell()
        objects_restored.send(self.root, sessions=self.there_of(Session))
        self.trashed.delete()
        thing = self.root._default_manager.get(pk=self.trashed.object_key)
        return RestoredObject(thing, dict(self.left))

    @property
    def event_key(self) -> int | None:
        rows = Event.objects.filter(uuid=self.trashed.event_uuid)
        return rows.values_list("pk", flat=True).first()

    def _check_parent(self) -> None:
        if self.root is Event or self.event_key is not None:
            return
        name = self.trashed.event_title
        if TrashedObject.objects.filter(
            model="event", object_uuid=self.trashed.event_uuid
        ).exists():
            text = _("“%(event)s” is in the trash, too: restore the event first.")
        else:
            text = _("“%(event)s” does not exist any more, so it has no place.")
        raise CannotRestore({"event": [text % {"event": name}]})

    def _expect_own_kin(self, chunks: list[TrashedRows]) -> None:
        """Rows that refer to others of their own table may come before those."""
        for chunk in chunks:
            table = None if chunk.is_reference else _table(chunk.model)
            if table and any(f.related_model is table for f in table._meta.concrete_fields):
                key: Any = table._meta.pk
                at = chunk.columns.index(key.attname)
                self.there[table] |= {restored(key, row[at]) for row in chunk.rows}

    # --- Rows -------------------------------------------------------------------------

    def _insert(self, chunk: TrashedRows) -> None:
        table = _table(chunk.model)
        if table is None:
            self.left[chunk.model] += len(chunk.rows)
            return
        fields, rows = _in_todays_columns(table, chunk)
        rows = [row for row in self._with_parents(table, fields, rows) if row is not None]
        if table is self.root:
            rows = [self._checked_root(table, fields, row) for row in rows]
        elif table is AnnouncedSession and self.root is not Event:
            _hide(fields, rows)
        insert_columns(table, fields, rows)
        key_at = [f.attname for f in fields].index(table._meta.pk.attname)
        self.there[table] |= {row[key_at] for row in rows}

    def _with_parents(
        self, table: type[models.Model], fields: list[Any], rows: list[list[Any]]
    ) -> list[list[Any] | None]:
        """Rows whose parents are there. An optional one that is gone is left empty."""
        kept: list[list[Any] | None] = list(rows)
        for at, column in enumerate(fields):
            if not column.is_relation:
                continue
            self._look_for(column.related_model, {row[at] for row in kept if row is not None})
            gone = self.gone[column.related_model]
            for n, row in enumerate(kept):
                if row is None or row[at] is None or row[at] not in gone:
                    continue
                if column.null:
                    row[at] = None
                    continue
                self._leave(table, fields, row, column.related_model, row[at])
                kept[n] = None
        return kept

    def _look_for(self, table: type[models.Model], keys: set[Any]) -> None:
        unknown = [k for k in keys if k is not None]
        unknown = [k for k in unknown if k not in self.there[table] and k not in self.gone[table]]
        found: set[Any] = set()
        for some in in_chunks(unknown):
            found |= set(table._base_manager.filter(pk__in=some).values_list("pk", flat=True))
        self.there[table] |= found
        self.gone[table] |= set(unknown) - found

    def _leave(
        self, table: type[models.Model], fields: list[Any], row: list[Any], parent: Any, key: Any
    ) -> None:
        """A row whose parent is in the trash itself comes back with that one."""
        other = _holder(str(parent._meta.model_name), key, self.trashed.pk)
        if other is None:
            self.left[table._meta.label] += 1
            return
        names = [f.attname for f in fields]
        values = [stored(value) for value in row]
        self.moved[other].append(TrashedRows(model=table._meta.label, columns=names, rows=[values]))

    def _checked_root(
        self, table: type[models.Model], fields: list[Any], row: list[Any]
    ) -> list[Any]:
        """The object itself, under today's rules. Raises CannotRestore by field."""
        values = dict(zip((f.attname for f in fields), row, strict=True))
        given = {name: text for name, text in self.new.items() if name in values}
        values |= {name: text for name, text in given.items() if name in ("slug", "name")}
        thing: Any = table(**values)
        try:
            thing.clean_fields(exclude=[f.name for f in fields if f.name not in given])
            thing.validate_unique()
            thing.validate_constraints()
        except ValidationError as error:
            raise CannotRestore(_by_field(error)) from error
        return [values[f.attname] for f in fields]

    # --- References ---------------------------------------------------------------------

    def _refer(self, chunk: TrashedRows) -> None:
        """What lost its reference gets it back, unless it has another one by now."""
        table = _table(chunk.model)
        if table is None or len(chunk.columns) != 2:
            return
        try:
            column: Any = table._meta.get_field(chunk.columns[1].removesuffix("_id"))
        except FieldDoesNotExist:
            return
        by_value: dict[Any, list[Any]] = defaultdict(list)
        for pk, value in chunk.rows:
            by_value[restored(column, value)].append(restored(table._meta.pk, pk))
        for value, pks in by_value.items():
            rows = table._base_manager.filter(pk__in=pks)
            there = set(rows.values_list("pk", flat=True))
            rows.filter(**{f"{column.name}__isnull": True}).update(**{column.attname: value})
            self._refer_later(table, chunk, [pk for pk in pks if pk not in there], value)
            if table is Session:
                note_changed(Session, there)

    def _refer_later(
        self, table: type[models.Model], chunk: TrashedRows, pks: list[Any], value: Any
    ) -> None:
        """A row that is in the trash itself gets its reference when it comes back."""
        for pk in pks:
            other = _holder(str(table._meta.model_name), pk, self.trashed.pk)
            if other is not None:
                self.moved[other].append(
                    TrashedRows(
                        model=chunk.model,
                        columns=chunk.columns,
                        rows=[[stored(pk), stored(value)]],
                        is_reference=True,
                    )
                )

    def _move_on(self) -> None:
        for other, chunks in self.moved.items():
            for chunk in chunks:
                chunk.trashed_id, chunk.position = other, 1_000_000
            TrashedRows.objects.bulk_create(chunks)

    # --- Who is told ----------------------------------------------------------------------

    def _tell(self) -> None:
        for model in (Event, Track, Session):
            note_changed(model, sorted(self.there_of(model)))
        note_edited(Speaker, sorted(self.there_of(Speaker)))
        if self.root is Speaker:
            on_stage = SessionSpeaker.objects.filter(speaker=self.trashed.object_key)
            note_changed(Session, list(on_stage.values_list("session_id", flat=True)))
        translations = (EventTranslation, TrackTranslation, SessionTranslation)
        note = note_translations if any(self.there[t] for t in translations) else raise_version
        if self.event_key is not None:
            note(self.event_key, DEFAULT_DB_ALIAS)

    def there_of(self, model: type[models.Model]) -> list[int]:
        """Of the planned objects that were in it, those that are there again."""
        mine = self.trashed.holds.get(str(model._meta.model_name), [])
        return [pk for pk in mine if pk in self.there[model]]


def _in_todays_columns(
    table: type[models.Model], chunk: TrashedRows
) -> tuple[list[Any], list[list[Any]]]:
    """Rows as the table is today: a column that is new has its default, one that is gone is not."""
    then = {name: at for at, name in enumerate(chunk.columns)}
    fields = [f for f in table._meta.concrete_fields if not f.generated]
    rows = [
        [
            restored(f, row[then[f.attname]]) if f.attname in then else f.get_default()
            for f in fields
        ]
        for row in chunk.rows
    ]
    return fields, rows


def _hide(fields: list[Any], rows: list[list[Any]]) -> None:
    """Attendees saw the session go; so it was hidden until now, and comes again."""
    at = [f.attname for f in fields].index("is_shown")
    for row in rows:
        row[at] = False


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, texts in error.message_dict.items():
        # Constraints over two columns say it of both together.
        about_slug = name == "__all__" and any("slug" in text for text in texts)
        where = "slug" if about_slug else "" if name == "__all__" else name
        found[where] = [*dict.fromkeys([*found.get(where, []), *texts])]
    return found


@cache
def _table(label: str) -> type[models.Model] | None:
    """The table of this name; None when the portal has it no more."""
    try:
        return apps.get_model(label)
    except LookupError:
        return None


def _holder(model: str, key: Any, but: int) -> int | None:
    """The entry in the trash that has this planned object in it."""
    others = TrashedObject.objects.exclude(pk=but).values_list("pk", "holds")
    return next((pk for pk, holds in others if key in holds.get(model, [])), None)
