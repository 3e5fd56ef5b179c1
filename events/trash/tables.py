"""What of an object's rows goes into the trash with it, and in which form.

Other apps say from their ``AppConfig.ready`` what needs no keeping: what is computed again
anyway, or is worth nothing later.

    leave_out(SessionAttendance)
"""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import models
from django.utils.duration import duration_string

from events.models import (
    AlsoStarred,
    CountedStars,
    Event,
    IncomingFile,
    PlannerStep,
    Session,
    Speaker,
    Track,
)

#: What can be put into the trash by itself; parents first.
KEPT: Final[tuple[type[models.Model], ...]] = (Event, Track, Speaker, Session)
#: Beyond that an object is not deleted by a click: it would hold up everybody else who writes.
MOST_ROWS: Final = 100_000

_left_out: set[type[models.Model]] = {AlsoStarred, CountedStars, IncomingFile, PlannerStep}


def leave_out(*tables: type[models.Model]) -> None:
    """These rows are deleted with an object, and not kept."""
    _left_out.update(tables)


def is_left_out(table: type[models.Model]) -> bool:
    return table in _left_out


def kept_named(name: str) -> type[models.Model]:
    return next(model for model in KEPT if model._meta.model_name == name)


def columns_of(table: type[models.Model]) -> list[Any]:
    return list(table._meta.concrete_fields)


def stored(value: Any) -> Any:
    """A column's value in plain JSON, without loss."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            return duration_string(value)
        case UUID() | Decimal():
            return str(value)
        case bytes() | memoryview():
            return base64.b64encode(bytes(value)).decode()
        case _:
            return value


def restored(field: Any, value: Any) -> Any:
    """The value as Python has it, of what ``stored`` made of it."""
    if value is None or isinstance(field, models.JSONField | models.FileField):
        return value
    return field.to_python(value)


def parents_first(tables: set[type[models.Model]]) -> list[type[models.Model]]:
    """In the order in which their rows can be inserted."""
    ordered: list[type[models.Model]] = []

    def add(table: type[models.Model]) -> None:
        if table in ordered or table in waiting:
            return
        waiting.add(table)
        for field in table._meta.concrete_fields:
            if field.is_relation and field.related_model in tables:
                add(field.related_model)
        ordered.append(table)

    waiting: set[type[models.Model]] = set()
    for table in sorted(tables, key=lambda table: table._meta.label):
        add(table)
    return ordered
