"""What is recorded of a planned object: its own fields, and the rows that stand beside it.

Another app adds rows of its own from its ``AppConfig.ready``:

    register_part(Session, SessionDelivery, "session", name="delivery", guarded_by=Session)

The state of an object is plain JSON: ``{"title": ..., "translations": {"de": {"title": ...}}}``.
Rows beside it are named by what tells them apart for people, so that a row that is deleted
and made again is the same one. References are primary keys, which are never used twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.db import models
from django.db.models.signals import post_delete, post_save

from events.bulk import in_chunks
from events.changes import note_edited
from events.models import (
    Event,
    EventTranslation,
    InfoBlock,
    Partner,
    Session,
    SessionMaterial,
    SessionPreset,
    SessionSpeaker,
    SessionTranslation,
    SignUpQuestion,
    Speaker,
    SpeakerLink,
    TeamMember,
    Track,
    TrackTranslation,
)

State = dict[str, Any]
#: The objects that have a history of their own, parents first.
ROOTS: Final[tuple[type[models.Model], ...]] = (Event, Track, Speaker, Session)
_OWN_BOOKKEEPING: Final = frozenset({"id", "uuid", "created_at", "updated_at"})


@dataclass(frozen=True)
class HistoryPart:
    """Rows of ``model`` that belong to a root by ``parent``, told apart by ``key``.

    Without a key there is at most one. ``name`` is how paths begin. Whoever may see and change
    ``guarded_by`` may see and put back such rows; where they are ``for_planners``, only who may
    change it sees them. ``left_out``: fields that are never put back, such as who allowed what.
    """

    root: type[models.Model]
    model: type[models.Model]
    parent: str
    key: str
    name: str
    guarded_by: type[models.Model]
    for_planners: bool = False
    left_out: frozenset[str] = frozenset()

    @cached_property
    def fields(self) -> tuple[Any, ...]:
        left_out = _OWN_BOOKKEEPING | self.left_out | {self.parent, self.key}
        return tuple(
            f
            for f in self.model._meta.concrete_fields
            if f.name not in left_out and not _is_auto(f)
        )

    @cached_property
    def key_field(self) -> Any:
        return self.model._meta.get_field(self.key) if self.key else None

    @property
    def label(self) -> str:
        return str(self.model._meta.verbose_name)


@dataclass(frozen=True)
class RecordedState:
    """One object as it is in the database."""

    uuid: UUID
    key: int
    event_uuid: UUID
    label: str
    made_at: datetime
    state: State


_parts: dict[type[models.Model], list[HistoryPart]] = defaultdict(list)


def register_part(
    root: type[models.Model],
    model: type[models.Model],
    parent: str,
    key: str = "",
    name: str = "",
    guarded_by: type[models.Model] | None = None,
    *,
    for_planners: bool = False,
    left_out: frozenset[str] = frozenset(),
) -> None:
    """Record rows of ``model`` as a part of ``root``."""
    name = name or str(model._meta.model_name)
    part = HistoryPart(root, model, parent, key, name, guarded_by or model, for_planners, left_out)
    if part in _parts[root]:
        return
    _parts[root].append(part)

    def note(sender: type, instance: Any, using: str, **_: Any) -> None:
        note_edited(root, [getattr(instance, f"{parent}_id")], using)

    uid = f"history_{model._meta.label}"
    post_save.connect(note, sender=model, weak=False, dispatch_uid=f"{uid}_saved")
    post_delete.connect(note, sender=model, weak=False, dispatch_uid=f"{uid}_deleted")


def parts_of(root: type[models.Model]) -> Sequence[HistoryPart]:
    return _parts[root]


def part_named(root: type[models.Model], name: str) -> HistoryPart | None:
    return next((part for part in _parts[root] if part.name == name), None)


def fields_of(root: type[models.Model]) -> tuple[Any, ...]:
    """The fields of a root that people change."""
    return tuple(
        f
        for f in root._meta.concrete_fields
        if f.editable and f.name not in {*_OWN_BOOKKEEPING, "event"} and not _is_auto(f)
    )


def field_named(root: type[models.Model], name: str) -> Any:
    return next((f for f in fields_of(root) if f.name == name), None)


register_part(Event, Partner, "event", "uuid", "partners")
register_part(Event, InfoBlock, "event", "uuid", "info")
register_part(Event, SignUpQuestion, "event", "uuid", "questions")
register_part(Event, SessionPreset, "event", "uuid", "presets")
register_part(Event, EventTranslation, "event", "language", "translations")
register_part(Event, TeamMember, "event", "user", "team")
register_part(Track, TrackTranslation, "track", "language", "translations")
register_part(Speaker, SpeakerLink, "speaker", "id", "links")
register_part(Session, SessionSpeaker, "session", "speaker", "stage", Session)
register_part(Session, SessionMaterial, "session", "uuid", "materials")
register_part(Session, SessionTranslation, "session", "language", "translations")


def read_states(
    root: type[models.Model], pks: Iterable[int], using: str
) -> dict[int, RecordedState]:
    """The objects that there are, with what stands beside them; a few queries for each chunk."""
    found: dict[int, RecordedState] = {}
    for chunk in in_chunks(sorted(pks)):
        states = {one.key: one for one in _own_states(root, chunk, using)}
        for part in _parts[root]:
            for parent, key, values in _rows_of(part, list(states), using):
                if part.key:
                    states[parent].state.setdefault(part.name, {})[key] = values
                else:
                    states[parent].state[part.name] = {"": values}
        found |= states
    return found


def _own_states(
    root: type[models.Model], pks: Sequence[int], using: str
) -> Iterator[RecordedState]:
    fields = fields_of(root)
    event = "uuid" if root is Event else "event__uuid"
    head = ("pk", "uuid", event, "created_at")
    rows = root._base_manager.using(using).filter(pk__in=pks).order_by()
    for pk, uuid, event_uuid, made_at, *values in rows.values_list(
        *head, *(f.attname for f in fields)
    ):
        state = {f.name: as_json(v) for f, v in zip(fields, values, strict=True)}
        label = str(state.get("title" if root in (Event, Session) else "name") or "")
        yield RecordedState(uuid, pk, event_uuid, label[:250], made_at, state)


def _rows_of(
    part: HistoryPart, parents: list[int], using: str
) -> Iterator[tuple[int, str, dict[str, Any]]]:
    rows = part.model._base_manager.using(using).filter(**{f"{part.parent}__in": parents})
    parent = part.model._meta.get_field(part.parent)
    key = part.key_field.attname if part.key else "pk"
    names = [f.attname for f in part.fields]
    for parent_key, row_key, *values in rows.order_by("pk").values_list(
        parent.attname,  # type: ignore[union-attr]
        key,
        *names,
    ):
        shown = {f.name: as_json(v) for f, v in zip(part.fields, values, strict=True)}
        yield parent_key, str(row_key), shown


def as_json(value: Any) -> Any:
    """A column's value in plain JSON."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
        case _:
            return value


def _is_auto(field: Any) -> bool:
    return bool(
        getattr(field, "auto_now", False)
        or getattr(field, "auto_now_add", False)
        or field.primary_key
    )


def differences(before: State, after: State) -> dict[str, list[Any]]:
    """What differs, by path: what it was and what it is."""
    found: dict[str, list[Any]] = {}
    for name in (*before, *(name for name in after if name not in before)):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if _is_rows(old) or _is_rows(new):
            found |= _row_differences(name, old or {}, new or {})
        else:
            found[name] = [old, new]
    return found


def _is_rows(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(row, dict) for row in value.values())


def _row_differences(name: str, before: State, after: State) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for key in (*before, *(key for key in after if key not in before)):
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            found[f"{name}/{key}"] = [old, new]
            continue
        for field in (*old, *(field for field in new if field not in old)):
            if old.get(field) != new.get(field):
                found[f"{name}/{key}/{field}"] = [old.get(field), new.get(field)]
    return found


def value_at(state: State, path: str) -> Any:
    """What a path holds; None where there is nothing."""
    value: Any = state
    for step in path.split("/"):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def without(state: State, changes: dict[str, list[Any]]) -> State:
    """The state as it was before these changes."""
    earlier = {k: ({**v} if _is_rows(v) else v) for k, v in state.items()}
    for path, (old, _new) in changes.items():
        name, *rest = path.split("/")
        if not rest:
            earlier[name] = old
            continue
        rows = earlier.setdefault(name, {})
        if len(rest) == 1 and old is None:
            rows.pop(rest[0], None)
        elif len(rest) == 1:
            rows[rest[0]] = old
        else:
            rows[rest[0]] = {**(rows.get(rest[0]) or {}), rest[1]: old}
    return {k: v for k, v in earlier.items() if v != {}}
