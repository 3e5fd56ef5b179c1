"""What waits, or was released, in words: object by object, field by field, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from events.drafts.kinds import BY_NAME, GatheredKind
from events.drafts.waiting import ReleaseProblem, stamp
from events.models import ChangeOf, Event, UnreleasedChange, User
from events.zones import zone_label

#: Texts up to this length stand beside each other; longer ones below.
SHORT = 80


@dataclass(frozen=True)
class FieldDiff:
    """One field. ``now`` is what is public, where that is neither."""

    label: str
    before: str
    after: str
    now: str = ""

    @property
    def is_long(self) -> bool:
        return max(len(self.before), len(self.after)) > SHORT or "\n" in self.before + self.after


@dataclass
class ChangeDiff:
    """One change: what it is about, what becomes of it, and what stands against its release."""

    pk: int
    kind: str
    what: str
    label: str
    fields: list[FieldDiff]
    by: User | None = None
    at: datetime | None = None
    stamp: str = ""
    problems: list[ReleaseProblem] = field(default_factory=list)

    @property
    def verb(self) -> str:
        return str(ChangeOf(self.kind).label)

    @property
    def is_newer(self) -> bool:
        return any(problem.is_newer for problem in self.problems)


@dataclass
class ObjectDiff:
    """An object with its changes and those of its parts."""

    label: str
    what: str
    url: str
    changes: list[ChangeDiff]


def diff_of(
    event: Event, rows: Iterable[Any], problems: Iterable[ReleaseProblem] = ()
) -> list[ObjectDiff]:
    """Changes in words, those of one object together; a query for each model that is named.

    ``rows``: unreleased changes, or a release's.
    """
    rows = list(rows)
    against: dict[int, list[ReleaseProblem]] = {}
    for problem in problems:
        against.setdefault(problem.change.pk, []).append(problem)
    names = _Names(rows)
    found: dict[tuple[str, int | None], ObjectDiff] = {}
    for row in rows:
        kind = BY_NAME[row.model]
        owner = _owner(kind, row)
        if owner not in found:
            found[owner] = ObjectDiff(
                names.of(*owner) or row.label, _what(owner[0]), _url(owner), []
            )
        found[owner].changes.append(_change(event, kind, row, names, against.get(row.pk, [])))
    order = list(BY_NAME)
    return [found[key] for key in sorted(found, key=lambda key: (order.index(key[0]), key[1] or 0))]


def _change(
    event: Event, kind: GatheredKind, row: Any, names: _Names, problems: list[ReleaseProblem]
) -> ChangeDiff:
    newer = {problem.field: problem.now for problem in problems if problem.is_newer}
    fields = [] if row.kind == ChangeOf.DELETE and not kind.parent else list(row.fields.items())
    told = [
        FieldDiff(
            label=str(kind.field(name).verbose_name),
            before=_words(event, kind, name, values.get("before"), names),
            after=_words(event, kind, name, values.get("after"), names),
            now=_words(event, kind, name, newer[name], names) if name in newer else "",
        )
        for name, values in fields
        if values.get("before") or values.get("after") or row.kind == ChangeOf.CHANGE
    ]
    return ChangeDiff(
        pk=row.pk or 0,
        kind=row.kind,
        what=_what(kind.name),
        label=row.label,
        fields=told,
        by=getattr(row, "changed_by", None),
        at=getattr(row, "changed_at", None),
        stamp=stamp(row) if row.changed_at else "",
        problems=problems,
    )


def _owner(kind: GatheredKind, row: Any) -> tuple[str, int | None]:
    """Under what it is told: itself, or what it is a part of."""
    if not kind.parent:
        return kind.name, row.object_id
    return str(kind.field(kind.parent).related_model._meta.model_name), row.parent_id


def _what(name: str) -> str:
    return str(BY_NAME[name].model._meta.verbose_name)


def _url(owner: tuple[str, int | None]) -> str:
    return reverse(f"admin:events_{owner[0]}_change", args=[owner[1]]) if owner[1] else ""


def _words(event: Event, kind: GatheredKind, name: str, value: Any, names: _Names) -> str:
    """A value as people read it; times on the event's clock."""
    column = kind.field(name)
    if value is None or value == "":
        return ""
    if column.is_relation:
        return names.of(str(column.related_model._meta.model_name), value) or _("deleted")
    if isinstance(column, models.DateTimeField):
        local = datetime.fromisoformat(value).astimezone(event.zone)
        return f"{local:%Y-%m-%d %H:%M} {zone_label(local, event.zone)}"
    if isinstance(column, models.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(column, models.FileField):
        return _("a file")
    return str(dict(column.flatchoices).get(value, value))


class _Names:
    """What the objects are called that changes are about or lead to."""

    def __init__(self, rows: Iterable[Any]) -> None:
        wanted: dict[str, set[int]] = {}
        for row in rows:
            kind = BY_NAME[row.model]
            name, pk = _owner(kind, row)
            wanted.setdefault(name, set()).add(pk or 0)
            for column, values in row.fields.items():
                if kind.field(column).is_relation:
                    target = str(kind.field(column).related_model._meta.model_name)
                    wanted.setdefault(target, set()).update(
                        pk for pk in values.values() if isinstance(pk, int)
                    )
        self._found: Mapping[tuple[str, int | None], str] = {
            (name, thing.pk): str(thing)
            for name, pks in wanted.items()
            for thing in BY_NAME[name].model._base_manager.filter(pk__in=pks)
        }

    def of(self, name: str, pk: int | None) -> str:
        return self._found.get((name, pk), "")


def kept_rows(changes: Iterable[Mapping[str, Any]]) -> list[UnreleasedChange]:
    """What a release keeps, in the form of what waits; never to be saved."""
    return [UnreleasedChange(**change) for change in changes]
