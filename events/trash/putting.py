"""Deleting into the trash: all rows of an object as they are, then the deletion itself.

Both are one transaction, and what is gathered is what Django's own Collector deletes: what
cascades goes into the trash, and of rows that stay and only lose their reference the reference
does. So no query anywhere has to know of the trash.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import QuerySet
from django.db.models.deletion import CASCADE, Collector
from django.utils.translation import gettext as _

from events.bulk import CHUNK
from events.changes import changes
from events.history.authors import author
from events.models import Event, TeamMember, TeamRole, TrashedObject, TrashedRows
from events.trash.tables import KEPT, MOST_ROWS, columns_of, is_left_out, parents_first, stored

Key = tuple[type[models.Model], Any]


class TooMuchForTrash(Exception):
    """So many rows hang on it that nobody may wait for them; the text says what to do."""


def is_kept(things: models.Model | QuerySet[Any]) -> bool:
    """Whether deleting this puts it into the trash."""
    model = things.model if isinstance(things, QuerySet) else type(things)
    return model in KEPT


def put_into_trash(things: models.Model | QuerySet[Any]) -> list[TrashedObject]:
    """Delete an object, or all of a query, each into the trash. Raises TooMuchForTrash."""
    if isinstance(things, QuerySet):
        model, pks, using = things.model, list(things.values_list("pk", flat=True)), things.db
    else:
        model, pks = type(things), [things.pk]
        using = things._state.db or DEFAULT_DB_ALIAS
    with changes(using):
        roots = _locked(model, pks, using)
        if not roots:
            return []
        collector = Collector(using=using, origin=things)
        collector.collect(roots)
        _refuse_too_much(collector, using)
        trashed = _Gathering(roots, collector, using).save()
        collector.delete()
        return trashed


def _locked(model: type[models.Model], pks: Sequence[Any], using: str) -> list[Any]:
    """The objects, which nobody can add anything to from now on, nor to what is in them."""
    rows: Any = model._base_manager.using(using).filter(pk__in=pks).order_by("pk")
    found = list(rows.select_for_update())
    if model is Event:
        for inner in KEPT[1:]:
            inside = inner._base_manager.using(using).filter(event__in=pks).order_by("pk")
            list(inside.select_for_update().values_list("pk"))
    return found


def _refuse_too_much(collector: Collector, using: str) -> None:
    count = sum(len(rows) for rows in collector.data.values())
    for rows in collector.fast_deletes:
        if not is_left_out(rows.model):
            count += rows.using(using).count()
    if count > MOST_ROWS:
        raise TooMuchForTrash(too_much(count))


def too_much(count: int) -> str:
    """Why something is not deleted, and what to do."""
    text = _(
        "%(n)s rows hang on it, more than the trash holds. Cancel it instead; or export and "
        "delete some of what it has first."
    )
    return text % {"n": f"{count:,}"}


class _Gathering:
    """Whose each row is: of which of the objects that are deleted together."""

    def __init__(self, roots: list[Any], collector: Collector, using: str) -> None:
        self.roots, self.collector, self.using = roots, collector, using
        self.owner: dict[Key, int] = {(type(r), r.pk): n for n, r in enumerate(roots)}
        self.events: dict[int, Event] = {}
        self.chunks: dict[int, list[TrashedRows]] = defaultdict(list)
        self.counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.holds: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))

    def save(self) -> list[TrashedObject]:
        for table in parents_first(self._tables()):
            self._gather(table)
        self._gather_references()
        trashed = [self._header(n, root) for n, root in enumerate(self.roots)]
        TrashedObject.objects.using(self.using).bulk_create(trashed)
        for n, header in enumerate(trashed):
            for position, chunk in enumerate(self.chunks[n]):
                chunk.trashed, chunk.position = header, position
        rows = TrashedRows.objects.using(self.using)
        rows.bulk_create([c for n in range(len(trashed)) for c in self.chunks[n]], batch_size=50)
        return trashed

    def _tables(self) -> set[type[models.Model]]:
        fast = {rows.model for rows in self.collector.fast_deletes}
        return {t for t in {*self.collector.data, *fast} if not is_left_out(t)}

    # --- Rows -------------------------------------------------------------------------

    def _gather(self, table: type[models.Model]) -> None:
        fields = columns_of(table)
        names = [field.attname for field in fields]
        key_at = names.index(table._meta.pk.attname)
        parents = [
            (at, field.related_model)
            for at, field in enumerate(fields)
            if field.is_relation and field.remote_field.on_delete is CASCADE
        ]
        found: dict[int, dict[Any, list[Any]]] = defaultdict(dict)
        for row in self._rows(table, names):
            key = (table, row[key_at])
            mine = [self.owner[(m, row[at])] for at, m in parents if (m, row[at]) in self.owner]
            n = self.owner.get(key, mine[0] if mine else -1)
            if n < 0:
                continue
            self.owner[key] = n
            found[n][row[key_at]] = [stored(value) for value in row]
        for n, rows in found.items():
            self._add(n, table, names, [rows[key] for key in sorted(rows)])
            if table in KEPT:
                self.holds[n][str(table._meta.model_name)] += sorted(rows)

    def _rows(self, table: type[models.Model], names: list[str]) -> Iterator[tuple[Any, ...]]:
        pks = [row.pk for row in self.collector.data.get(table, ())]
        every = table._base_manager.using(self.using).order_by()
        for at in range(0, len(pks), CHUNK):
            yield from every.filter(pk__in=pks[at : at + CHUNK]).values_list(*names)
        for rows in self.collector.fast_deletes:
            if rows.model is table:
                yield from rows.using(self.using).order_by().values_list(*names).iterator()

    def _add(
        self,
        n: int,
        table: type[models.Model],
        columns: list[str],
        rows: list[Any],
        *,
        is_reference: bool = False,
    ) -> None:
        for at in range(0, len(rows), CHUNK):
            self.chunks[n].append(
                TrashedRows(
                    model=table._meta.label,
                    columns=columns,
                    rows=rows[at : at + CHUNK],
                    is_reference=is_reference,
                )
            )
        if not is_reference:
            self.counts[n][table._meta.label] += len(rows)

    # --- What only loses its reference ---------------------------------------------------

    def _gather_references(self) -> None:
        for (field, _value), groups in self.collector.field_updates.items():
            found: dict[int, list[list[Any]]] = defaultdict(list)
            for pk, value in self._references(field, groups):
                target: Any = field.related_model
                n = self.owner.get((target, value))
                if n is not None and (field.model, pk) not in self.owner:
                    found[n].append([pk, stored(value)])
            for n, rows in found.items():
                names = [field.model._meta.pk.attname, field.attname]
                self._add(n, field.model, names, rows, is_reference=True)

    def _references(self, field: Any, groups: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        for group in groups:
            if isinstance(group, QuerySet):
                yield from group.using(self.using).order_by().values_list("pk", field.attname)
                continue
            pks = [row.pk for row in group]
            every = field.model._base_manager.using(self.using).order_by()
            for at in range(0, len(pks), CHUNK):
                yield from every.filter(pk__in=pks[at : at + CHUNK]).values_list(
                    "pk", field.attname
                )

    # --- The entry in the trash ------------------------------------------------------------

    def _header(self, n: int, root: Any) -> TrashedObject:
        event = root if isinstance(root, Event) else self._event(root.event_id)
        return TrashedObject(
            model=str(root._meta.model_name),
            object_key=root.pk,
            object_uuid=root.uuid,
            event_uuid=event.uuid,
            label=str(root)[:250],
            event_title=str(event)[:250],
            deleted_by_id=author().actor(),
            owners=self._owners(event) if isinstance(root, Event) else "",
            counts=dict(self.counts[n]),
            holds=dict(self.holds[n]),
        )

    def _event(self, pk: int) -> Event:
        if pk not in self.events:
            self.events[pk] = Event.objects.using(self.using).get(pk=pk)
        return self.events[pk]

    def _owners(self, event: Event) -> str:
        team = TeamMember.objects.using(self.using).filter(event=event, role=TeamRole.OWNER)
        keys = team.order_by("user").values_list("user", flat=True)
        return "".join(["," + str(key) for key in keys]) + ","
