"""Files of what waits or was released: kept, and shown to the team alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from events.drafts.kinds import FILES
from events.models import Event, Release, UnreleasedChange


def names_of_files() -> Iterator[str]:
    """All files that an unreleased change or a release names: a roll back needs them."""
    for model, fields in UnreleasedChange.objects.values_list("model", "fields").iterator():
        yield from _named(model, fields)
    for changes in Release.objects.values_list("changes", flat=True).iterator():
        for change in changes:
            yield from _named(change["model"], change["fields"])


def is_unreleased(event: Event, name: str) -> bool:
    """Whether a change that waits names this file."""
    rows = UnreleasedChange.objects.filter(event=event.pk, model__in={m for m, _field in FILES})
    found = (_named(model, fields) for model, fields in rows.values_list("model", "fields"))
    return any(name in names for names in found)


def _named(model: str, fields: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    return [
        str(value)
        for field, values in fields.items()
        if (model, field) in FILES
        for value in values.values()
        if value
    ]
