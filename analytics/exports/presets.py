"""Columns of a file under a name: whose they are, and who may use them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from analytics.exports.columns import ExportLevel
from analytics.models import ColumnPreset, FileSchedule
from events.models import Event


def usable_presets(user: Any, event: Event) -> QuerySet[ColumnPreset]:
    """One's own, and those that the event's analysts share."""
    of_event = ColumnPreset.objects.filter(event=event)
    return of_event.filter(Q(user=user.pk) | Q(is_shared=True)).select_related("user")


def shared_presets(event: Event) -> QuerySet[ColumnPreset]:
    """Those of all analysts of the event."""
    return ColumnPreset.objects.filter(event=event, is_shared=True)


def is_taken(user: Any, event: Event, name: str) -> bool:
    """Whether somebody else shares a preset of this name."""
    return shared_presets(event).exclude(user=user.pk).filter(name=name).exists()


def keep_preset(
    user: Any,
    event: Event,
    name: str,
    level: ExportLevel,
    columns: Sequence[str],
    *,
    is_shared: bool,
) -> ColumnPreset:
    """Keep the columns under this name; one's own preset of that name is replaced.

    Raises IntegrityError when somebody else shares one of this name.
    """
    with transaction.atomic():
        preset, _made = ColumnPreset.objects.update_or_create(
            event=event,
            user=user,
            name=name,
            defaults={"level": level, "columns": list(columns), "is_shared": is_shared},
        )
    return preset


def delete_preset(preset: ColumnPreset) -> None:
    """Forget the name. Files that are planned by it keep the columns that it has now."""
    with transaction.atomic():
        by_it = FileSchedule.objects.filter(preset=preset, level=preset.level)
        by_it.update(columns=preset.columns)
        preset.delete()
