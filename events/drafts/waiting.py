"""What waits for its release: counting, discarding, and what stands against a release of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2s
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from events.drafts.kinds import BY_NAME, GatheredKind, value_of
from events.models import ChangeOf, Event, UnreleasedChange


@dataclass(frozen=True)
class ReleaseProblem:
    """Why a change cannot be released as it is; ``now`` is what somebody made of it meanwhile."""

    change: UnreleasedChange
    text: str
    field: str = ""
    now: Any = None

    @property
    def is_newer(self) -> bool:
        """Whether the released value is not what it was, so that somebody must choose."""
        return bool(self.field)


def waiting(event: Event, picked: Collection[int] | None = None) -> models.QuerySet[Any]:
    """The event's unreleased changes; ``picked``: of these only."""
    rows = UnreleasedChange.objects.filter(event=event.pk)
    return rows if picked is None else rows.filter(pk__in=picked)


def count_waiting(event: Event) -> int:
    """How many objects have changes that wait."""
    return int(waiting(event).count())


def stamp(row: UnreleasedChange) -> str:
    """Another one as soon as the change is not what it was."""
    return str(row.changed_at.timestamp())


def fingerprint(rows: Iterable[UnreleasedChange]) -> str:
    """Another one as soon as anything of them is not what it was."""
    return fingerprint_of({row.pk: stamp(row) for row in rows})


def fingerprint_of(stamps: Mapping[int, str]) -> str:
    """The same, of changes that somebody saw: the stamp of each by its primary key."""
    return blake2s(repr(sorted(stamps.items())).encode(), digest_size=12).hexdigest()


@transaction.atomic
def discard(event: Event, picked: Collection[int] | None = None) -> int:
    """Forget changes; what is released stays as it is. Returns how many."""
    count, _models = waiting(event, picked).delete()
    return int(count)


@transaction.atomic
def keep_ours(event: Event, picked: Collection[int]) -> None:
    """Release these over what somebody has changed in the tables meanwhile."""
    rows = list(waiting(event, picked).select_for_update())
    found = objects_of(rows)
    for row in rows:
        thing = found.get((row.model, row.object_id))
        if thing is None:
            continue
        kind = BY_NAME[row.model]
        for name, values in row.fields.items():
            values["before"] = value_of(kind, thing, name)
        row.save(update_fields=["fields"])


def without_orphans(rows: Sequence[UnreleasedChange]) -> list[UnreleasedChange]:
    """Without parts of what is to be deleted as a whole."""
    gone = {
        (BY_NAME[row.model].model, row.object_id) for row in rows if row.kind == ChangeOf.DELETE
    }
    return [row for row in rows if _owner_of(row) not in gone]


def _owner_of(row: UnreleasedChange) -> tuple[type[models.Model], int | None] | None:
    kind = BY_NAME[row.model]
    return (kind.field(kind.parent).related_model, row.parent_id) if kind.parent else None


def objects_of(
    rows: Iterable[UnreleasedChange], *, lock: bool = False
) -> dict[tuple[str, int | None], Any]:
    """The objects that changes are about, as they are released; a query for each model."""
    pks: dict[str, set[int]] = {}
    for row in rows:
        if row.object_id is not None:
            pks.setdefault(row.model, set()).add(row.object_id)
    found: dict[tuple[str, int | None], Any] = {}
    for name in (name for name in BY_NAME if name in pks):  # parents first, always in one order
        things = BY_NAME[name].model._base_manager.order_by("pk").filter(pk__in=pks[name])
        for thing in things.select_for_update() if lock else things:
            found[name, thing.pk] = thing
    return found


def problems_of(
    rows: Sequence[UnreleasedChange], found: dict[tuple[str, int | None], Any]
) -> list[ReleaseProblem]:
    """What the changes themselves tell, without asking the database whether it takes them."""
    gone = _gone_targets(rows) | {
        (BY_NAME[row.model].model, row.object_id)
        for row in rows
        if row.kind == ChangeOf.DELETE and row.object_id
    }
    problems: list[ReleaseProblem] = []
    for row in rows:
        kind = BY_NAME[row.model]
        thing = found.get((row.model, row.object_id))
        if row.object_id is not None and thing is None:
            if row.kind != ChangeOf.DELETE:
                text = _("“%(name)s” was deleted meanwhile.") % {"name": row.label}
                problems.append(ReleaseProblem(row, text))
            continue
        if row.kind == ChangeOf.CHANGE:
            problems += _newer(kind, row, thing)
        if row.kind != ChangeOf.DELETE:
            problems += _without_target(kind, row, gone)
    return problems


def _newer(kind: GatheredKind, row: UnreleasedChange, thing: Any) -> Iterable[ReleaseProblem]:
    for name, values in row.fields.items():
        now = value_of(kind, thing, name)
        if now not in (values["before"], values["after"]):
            text = _("“%(name)s”: %(field)s was changed meanwhile, and is public already.") % {
                "name": row.label,
                "field": kind.field(name).verbose_name,
            }
            yield ReleaseProblem(row, text, name, now)


def _without_target(
    kind: GatheredKind, row: UnreleasedChange, gone: set[tuple[type[models.Model], int]]
) -> Iterable[ReleaseProblem]:
    wanted = [
        (kind.field(name).related_model, values["after"], kind.field(name).verbose_name)
        for name, values in row.fields.items()
        if kind.field(name).is_relation
    ]
    if row.object_id is None and kind.parent:
        parent = kind.field(kind.parent)
        wanted.append((parent.related_model, row.parent_id, parent.verbose_name))
    for model, pk, label in wanted:
        if (model, pk) in gone:
            text = _("“%(name)s”: its %(field)s was deleted meanwhile.") % {
                "name": row.label,
                "field": label,
            }
            yield ReleaseProblem(row, text)


def _gone_targets(rows: Sequence[UnreleasedChange]) -> set[tuple[type[models.Model], int]]:
    """What the changes lead to that is not in their event, or nowhere, any more."""
    wanted: dict[type[models.Model], set[int]] = {}
    for row in rows:
        kind = BY_NAME[row.model]
        if row.object_id is None and kind.parent and row.parent_id:
            owner = kind.field(kind.parent).related_model
            wanted.setdefault(owner, set()).add(row.parent_id)
        for name, values in row.fields.items():
            field = kind.field(name)
            if field.is_relation and row.kind != ChangeOf.DELETE and values["after"]:
                wanted.setdefault(field.related_model, set()).add(values["after"])
    gone = set()
    for model, pks in wanted.items():
        mine = model._base_manager.filter(pk__in=pks)
        if model is not Event:
            mine = mine.filter(event=rows[0].event_id)
        gone |= {(model, pk) for pk in pks - set(mine.values_list("pk", flat=True))}
    return gone
