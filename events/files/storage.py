"""Where uploaded files lie: below FILES_DIR, which no web server serves.

Who may have one is decided by the view that sends it. Nothing here is ever overwritten: a
picture is named by its content, a document by chance, so a transaction that is rolled back
leaves at most a file that nobody knows of, and the sweep (sweep.py) finds it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

OURS_ALONE = 0o700


@deconstructible
class PrivateStorage(FileSystemStorage):
    """A folder of FILES_DIR; web processes and workers must share it."""

    def __init__(self, room: str) -> None:
        super().__init__()
        self.room = room

    @property
    def base_location(self) -> str:
        return str(Path(settings.FILES_DIR) / self.room)

    @property
    def location(self) -> str:
        return str(Path(self.base_location).absolute())

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: what has it already is the same file."""
        return name

    def _save(self, name: str, content: File[Any]) -> str:
        """Written beside its place and moved there whole, so nobody reads half of it."""
        folder = Path(self.location)
        folder.mkdir(mode=OURS_ALONE, parents=True, exist_ok=True)
        if (folder / name).exists():
            return name
        # Readable by us alone, as mkstemp makes it.
        handle, part = tempfile.mkstemp(dir=folder, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
            Path(part).replace(folder / name)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
        return name


pictures = PrivateStorage("pictures")
documents = PrivateStorage("documents")
