"""What goes with an object when it is deleted: in words and numbers, counted in one query."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Count, Value
from django.db.models.deletion import CASCADE
from django.utils.text import capfirst

from events.i18n.languages import Words
from events.models import (
    AnnouncedSession,
    EventNotice,
    ProgrammeChange,
    ProgrammeVersion,
)
from events.trash.tables import is_left_out

#: The portal's own bookkeeping, of which nobody thinks when they delete something.
_UNSAID: set[type[models.Model]] = {
    AnnouncedSession,
    EventNotice,
    ProgrammeChange,
    ProgrammeVersion,
}
_restore_notes: list[Words] = []


def leave_unsaid(*tables: type[models.Model]) -> None:
    """Rows that another app only keeps books by."""
    _UNSAID.update(tables)


def register_restore_note(sentence: Words) -> None:
    """Say where something is restored what is not as it was."""
    _restore_notes.append(sentence)


def restore_notes() -> Sequence[Words]:
    return _restore_notes


def goes_along(root: type[models.Model], pks: Sequence[Any]) -> list[tuple[str, int]]:
    """Of which kind how many rows are deleted with these objects, the most first."""
    counts = [
        table._base_manager.filter(**{f"{path}__in": list(pks)})
        .order_by()
        .values(table=Value(table._meta.label))
        .annotate(rows=Count("pk", distinct=True))
        for table, path in _below(root)
        if table not in _UNSAID and not is_left_out(table)
    ]
    if not counts:
        return []
    found = counts[0].union(*counts[1:], all=True)
    said = [(name_of(row["table"], row["rows"]), row["rows"]) for row in found if row["rows"]]
    return sorted(said, key=lambda pair: (-pair[1], pair[0]))


def name_of(label: str, count: int = 2) -> str:
    """What rows of a table are called."""
    try:
        meta = apps.get_model(label)._meta
    except LookupError:
        return label
    return capfirst(str(meta.verbose_name if count == 1 else meta.verbose_name_plural))


def _below(root: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """All tables whose rows go with a row of ``root``, each with its shortest way to it."""
    seen, waiting = {root}, deque([(root, "")])
    while waiting:
        table, way = waiting.popleft()
        for relation in table._meta.get_fields(include_hidden=True):
            if not (relation.auto_created and not relation.concrete):
                continue
            below: Any = relation.related_model
            if getattr(relation, "on_delete", None) is not CASCADE or below in seen:
                continue
            if below._meta.proxy:
                continue
            seen.add(below)
            path = relation.field.name + (f"__{way}" if way else "")  # type: ignore[union-attr]
            waiting.append((below, path))
            if not below._meta.auto_created:
                yield below, path
