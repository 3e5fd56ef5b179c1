"""How long the trash keeps things, which files it needs, and what becomes of erased people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from events.models import ObjectHistory, TrashedObject, TrashedRows, User
from events.trash.tables import stored


def gone_for_good_on(trashed: TrashedObject) -> datetime:
    return trashed.deleted_at + timedelta(days=settings.TRASH_DAYS)


def empty_trash(now: datetime) -> int:
    """Delete for good what has been in the trash for ``TRASH_DAYS``."""
    before = now - timedelta(days=settings.TRASH_DAYS)
    old = list(TrashedObject.objects.filter(deleted_at__lt=before).order_by("deleted_at")[:50])
    for trashed in old:
        delete_for_good(trashed)
    return len(old)


@transaction.atomic
def delete_for_good(trashed: TrashedObject) -> None:
    """Delete it from the trash, and the history of all that was in it."""
    for name, keys in trashed.holds.items():
        ObjectHistory.objects.filter(model=name, object_key__in=keys).delete()
    trashed.delete()


def files_in_trash(table: type[models.Model], column: str) -> Iterator[str]:
    """Files that this column names in rows that may be restored."""
    for chunk in TrashedRows.objects.filter(model=table._meta.label, is_reference=False):
        if column in chunk.columns:
            at = chunk.columns.index(column)
            yield from (row[at] for row in chunk.rows if row[at])


def forget_person(sender: type, user: User, note: Callable[[str, int], None], **_: Any) -> None:
    """Take somebody who is erased out of the trash: their rows go, references to them are emptied.

    Where a restored event's figures counted them they count nobody then.
    """
    for trashed in TrashedObject.objects.filter(owners__contains=f",{user.pk},"):
        trashed.owners = trashed.owners.replace(f",{user.pk},", ",")
        trashed.save(update_fields=["owners"])
    addresses = {user.email.casefold()}
    for table, columns in _about_people().items():
        for chunk in TrashedRows.objects.filter(model=table, is_reference=False).iterator():
            rows = [
                row for old in chunk.rows if (row := _without(old, chunk, columns, user, addresses))
            ]
            if rows != chunk.rows:
                note(TrashedRows._meta.label, sum(old not in rows for old in chunk.rows))
                chunk.rows = rows
                chunk.save(update_fields=["rows"])


def _about_people() -> dict[str, dict[str, bool]]:
    """Tables with accounts or addresses in them; by column, whether it may be empty."""
    found: dict[str, dict[str, bool]] = {}
    for table in apps.get_models(include_auto_created=True):
        columns = {
            f.attname: f.null for f in table._meta.concrete_fields if f.related_model is User
        }
        columns |= {
            f.attname: False
            for f in table._meta.concrete_fields
            if isinstance(f, models.EmailField) or f.name == "address"
        }
        if columns and table is not User:
            found[table._meta.label] = columns
    return found


def _without(
    row: list[Any], chunk: TrashedRows, columns: dict[str, bool], user: User, addresses: set[str]
) -> list[Any] | None:
    """The row without the person; None when it is about them."""
    kept = list(row)
    for name, may_be_empty in columns.items():
        if name not in chunk.columns:
            continue
        at = chunk.columns.index(name)
        value = kept[at]
        names_them = value == stored(user.pk) or str(value).casefold() in addresses
        if not names_them:
            continue
        if not may_be_empty:
            return None
        kept[at] = None
    return kept
