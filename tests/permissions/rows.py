"""Whether a request has changed anything, and whose it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import models

from events.models import Event
from tests.permissions.writes import WatchedWrites

_APPS: Final = ("events", "kaltura_bridge", "analytics", "account")

Row = tuple[str, Any]
# The event of a row, and the account whose own it is; None for neither.
Belongs = tuple[UUID | None, int | None]


class Snapshot:
    """Every row of our tables as it is now."""

    def __init__(self) -> None:
        self._values = {model: _rows(model) for model in _models()}
        self._belongs = {row: _belongs_to(row) for rows in self._values.values() for row in rows}

    def changes(self, writes: WatchedWrites) -> Mapping[Row, Belongs]:
        """The rows that were added, changed or deleted since, and whose they are.

        ``writes`` has watched all that happened since.
        """
        found: dict[Row, Belongs] = {}
        for model in _written(writes):
            before, now = self._values[model], _rows(model)
            keys = [key for key in {*before, *now} if before.get(key) != now.get(key)]
            found |= {key: self._belongs.get(key) or _belongs_to(key) for key in keys}
        return found


def _written(writes: WatchedWrites) -> Iterable[type[models.Model]]:
    if writes.unseen:
        return _models()
    return [model for model in _models() if model._meta.db_table.lower() in writes.words]


def _rows(model: type[models.Model]) -> dict[Row, Any]:
    label, names = model._meta.label, [field.attname for field in model._meta.fields]
    rows = model._base_manager.order_by().values_list("pk", *names)
    return {(label, pk): values for pk, *values in rows}


@cache
def _models() -> tuple[type[models.Model], ...]:
    configs = [apps.get_app_config(label) for label in _APPS]
    # With the tables between two, which have no model of their own in the code.
    found = (model for config in configs for model in config.get_models(include_auto_created=True))
    return tuple(model for model in found if not model._meta.proxy)


def _belongs_to(key: Row) -> Belongs:
    row = apps.get_model(key[0])._base_manager.get(pk=key[1])
    return _event_of(row), getattr(row, "user_id", None)


def _event_of(row: Any) -> UUID | None:
    if isinstance(row, Event):
        return row.uuid
    if hasattr(row, "event_uuid"):
        found: UUID = row.event_uuid
        return found
    names = (
        *("event", "session", "run", "target", "link", "room", "speaker", "transcript"),
        "teammember",
    )
    names = (*names, "history", "trashed")
    others = (getattr(row, name, None) for name in names)
    return next((_event_of(other) for other in others if other is not None), None)
