"""Whether a request has changed anything, and whose it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import models

from events.models import Event

_APPS: Final = ("events", "kaltura_bridge", "analytics", "account")

Row = tuple[str, Any]
# The event of a row, and the account whose own it is; None for neither.
Belongs = tuple[UUID | None, int | None]


class Snapshot:
    """Every row of our tables as it is now."""

    def __init__(self) -> None:
        self._values = _rows()
        self._belongs = {row: _belongs_to(row) for row in self._values}

    def changes(self) -> Mapping[Row, Belongs]:
        """The rows that were added, changed or deleted since, and whose they are."""
        now = _rows()
        keys = [key for key in {*self._values, *now} if self._values.get(key) != now.get(key)]
        return {key: self._belongs.get(key) or _belongs_to(key) for key in keys}


def _rows() -> dict[Row, Any]:
    found: dict[Row, Any] = {}
    for model in _models():
        label, names = model._meta.label, [field.attname for field in model._meta.fields]
        for pk, *values in model._base_manager.order_by().values_list("pk", *names):
            found[label, pk] = values
    return found


def _models() -> Iterator[type[models.Model]]:
    for label in _APPS:
        config = apps.get_app_config(label)
        yield from (model for model in config.get_models() if not model._meta.proxy)


def _belongs_to(key: Row) -> Belongs:
    row = apps.get_model(key[0])._base_manager.get(pk=key[1])
    return _event_of(row), getattr(row, "user_id", None)


def _event_of(row: Any) -> UUID | None:
    if isinstance(row, Event):
        return row.uuid
    if hasattr(row, "event_uuid"):
        found: UUID = row.event_uuid
        return found
    names = ("event", "session", "run", "target", "link", "room", "speaker", "transcript")
    others = (getattr(row, name, None) for name in names)
    return next((_event_of(other) for other in others if other is not None), None)
