"""Files that no row names any more: replaced, deleted, or of a save that was rolled back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.apps import apps
from django.db import models

from events.files import storage
from events.files.fields import StoredFileField
from events.files.pictures import WIDTHS, narrow_name

# A file is written before the row that names it is committed.
KEPT_S: Final = 24 * 3600


def sweep() -> int:
    """Delete what no row has named for a day; says how many files went."""
    return sum(_swept(keeper) for keeper in (storage.pictures, storage.documents))


def _swept(keeper: storage.PrivateStorage) -> int:
    folder = Path(keeper.location)
    if not folder.is_dir():
        return 0
    before = time.time() - KEPT_S
    old = [path for path in folder.iterdir() if path.stat().st_mtime < before]
    # Read afterwards: what was named meanwhile stays.
    named = _named(keeper)
    gone = [path for path in old if path.name not in named]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _named(keeper: storage.PrivateStorage) -> set[str]:
    """All files that some row names, with the narrower ones made of them."""
    found: set[str] = set()
    for model, field in _columns(keeper):
        names = model._base_manager.exclude(**{field: ""}).values_list(field, flat=True)
        for name in names.iterator():
            found |= {name, *(narrow_name(name, width) for width in WIDTHS)}
    return found


def _columns(keeper: storage.PrivateStorage) -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, StoredFileField) and field.keeper is keeper:
                yield model, field.name
