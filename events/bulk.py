"""Many rows in few statements, made ready before the transaction that writes them.

While somebody writes to SQLite nobody else can: an attendee's favourite waits for the end
of the transaction. Saving 900 talks one by one holds the lock for ten seconds, nearly all
of it Python's. So values are checked and prepared here beforehand, and the transaction only
hands them over. Receivers of Django's signals hear nothing of it: whoever writes so says
what changed by ``note_changed``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.utils import timezone

from events.models import Event

Row = TypeVar("Row", bound=models.Model)
# A query with a value for each row stays far below what SQLite takes.
# See https://www.sqlite.org/limits.html#max_variable_number
CHUNK = 500


class NewRows(Generic[Row]):
    """Rows that are not in the database yet."""

    def __init__(
        self, model: type[Row], things: Iterable[Row], using: str = DEFAULT_DB_ALIAS
    ) -> None:
        self.model, self.things, self.using = model, list(things), using
        fields = [field for field in model._meta.concrete_fields if not _is_numbered(field)]
        # The keys of what is new itself, and the time, are known only in the transaction.
        self.keys = [field for field in fields if field.is_relation]
        self.times = [field for field in fields if _is_set_by_saving(field)]
        self.own = [field for field in fields if field not in (*self.keys, *self.times)]
        columns = [_column_values(field, self.things, using) for field in self.own]
        self.values = list(zip(*columns, strict=True))

    def insert(self) -> datetime:
        """Insert them. Returns the moment that they carry as their creation's."""
        now = timezone.now()
        times = [_value(field, now, self.using) for field in self.times]
        columns = ", ".join(map(_column, (*self.keys, *self.times, *self.own)))
        marks = ", ".join(["%s"] * (len(self.keys) + len(times) + len(self.own)))
        rows = [
            (*_keys(thing, self.keys), *times, *values)
            for thing, values in zip(self.things, self.values, strict=True)
        ]
        # In all statements here, names come from the models and values are parameters.
        sql = f"INSERT INTO {_table(self.model)} ({columns}) VALUES ({marks})"  # noqa: S608
        _run_many(sql, rows, self.using)
        return now

    def insert_into(self, event: Event) -> None:
        """Insert them as the event's, and give each object its primary key."""
        if not self.things:
            return
        for thing in self.things:
            thing.event = event  # type: ignore[attr-defined]
        # Only ours carry this moment in this event, and keys rise in the order of insertion.
        all_rows = self.model._base_manager.using(self.using)
        mine = all_rows.filter(event=event, created_at=self.insert())
        pks = mine.order_by("pk").values_list("pk", flat=True)
        for thing, pk in zip(self.things, pks, strict=True):
            thing.pk = pk
            thing._state.adding = False


class ChangedRows(Generic[Row]):
    """Columns of rows that were read a moment ago; only rows that are still so are written."""

    def __init__(self, things: Iterable[Row], fields: Iterable[str]) -> None:
        self.things = sorted(things, key=lambda thing: thing.pk)
        self.keys: list[Any] = []
        self.own: list[Any] = []
        if self.things:
            meta = self.things[0]._meta
            written = [meta.get_field(name) for name in fields]
            self.keys = [field for field in written if field.is_relation]
            self.own = [field for field in written if not field.is_relation]
            self.stamp: Any = meta.get_field("updated_at")
        self.values = [
            (*_prepared(thing, self.own), thing.pk, *_prepared(thing, [self.stamp]))
            for thing in self.things
        ]

    def update(self) -> list[Row]:
        """Write them. Returns those that somebody has edited or deleted since they were read."""
        if not self.things:
            return []
        now = timezone.now()
        time, stamp = _value(self.stamp, now), _column(self.stamp)
        rows = [
            (*_keys(thing, self.keys), time, *values)
            for thing, values in zip(self.things, self.values, strict=True)
        ]
        sets = ", ".join(f"{_column(field)} = %s" for field in (*self.keys, self.stamp, *self.own))
        table = _table(type(self.things[0]))
        sql = f"UPDATE {table} SET {sets} WHERE id = %s AND {stamp} = %s"  # noqa: S608
        return [] if _run_many(sql, rows) == len(rows) else self._edited(now)

    def _edited(self, now: datetime) -> list[Row]:
        manager = type(self.things[0])._base_manager
        written: set[int] = set()
        for chunk in in_chunks([thing.pk for thing in self.things]):
            mine = manager.filter(pk__in=chunk, updated_at=now)
            written.update(mine.values_list("pk", flat=True))
        return [thing for thing in self.things if thing.pk not in written]


def update_columns(
    rows: Sequence[models.Model], *names: str, using: str = DEFAULT_DB_ALIAS
) -> bool:
    """Write these columns of each row; False when one of them is gone."""
    if not rows:
        return True
    meta = rows[0]._meta
    fields = [meta.get_field(name) for name in names]
    sets = ", ".join(f"{_column(field)} = %s" for field in fields)
    sql = f"UPDATE {_table(type(rows[0]))} SET {sets} WHERE {_column(meta.pk)} = %s"  # noqa: S608
    values = [(*_prepared(row, fields, using), row.pk) for row in rows]
    return _run_many(sql, values, using) == len(rows)


def delete_rows(rows: Sequence[models.Model]) -> bool:
    """Delete rows that nothing refers to; False when one of them is gone already."""
    if not rows:
        return True
    sql = f"DELETE FROM {_table(type(rows[0]))} WHERE id = %s"  # noqa: S608
    return _run_many(sql, [(row.pk,) for row in rows]) == len(rows)


def in_chunks(pks: Sequence[int]) -> Iterable[Sequence[int]]:
    """The same keys, few enough at a time for one query."""
    return (pks[at : at + CHUNK] for at in range(0, len(pks), CHUNK))


def _run_many(sql: str, rows: Sequence[tuple[Any, ...]], using: str = DEFAULT_DB_ALIAS) -> int:
    """One statement for all rows. Returns how many rows it wrote."""
    if not rows:
        return 0
    with connections[using].cursor() as cursor:
        cursor.executemany(sql, rows)
        return int(cursor.rowcount)


def _is_numbered(field: Any) -> bool:
    return field.primary_key and isinstance(field, models.AutoField)


def _is_set_by_saving(field: Any) -> bool:
    return bool(getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))


def _keys(thing: models.Model, fields: Iterable[Any]) -> Iterator[Any]:
    for field in fields:
        if field.is_cached(thing):
            # The key of an object that was new when it was assigned is only on that object.
            related = getattr(thing, field.name)
            yield related.pk if related else None
        else:
            yield getattr(thing, field.attname)


def _column_values(field: Any, things: Iterable[models.Model], using: str) -> list[Any]:
    """One column of all rows. Most columns have few values, and preparing one takes long."""
    values = [getattr(thing, field.attname) for thing in things]
    if not all(isinstance(value, Hashable) for value in values):
        return [_value(field, value, using) for value in values]
    known = {value: _value(field, value, using) for value in dict.fromkeys(values)}
    return [known[value] for value in values]


def _prepared(
    thing: models.Model, fields: Iterable[Any], using: str = DEFAULT_DB_ALIAS
) -> tuple[Any, ...]:
    return tuple(_value(field, getattr(thing, field.attname), using) for field in fields)


def _value(field: Any, value: object, using: str = DEFAULT_DB_ALIAS) -> Any:
    return field.get_db_prep_save(value, connections[using])


def _table(model: type[models.Model]) -> str:
    return _quoted(model._meta.db_table)


def _column(field: Any) -> str:
    return _quoted(field.column)


def _quoted(name: str) -> str:
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(name)
