"""The speakers of an event as a table, which comes back in as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from events.exports.tables import CellValue
from events.models import Event

#: Columns are added at the end only, for scripts rely on the order.
SPEAKER_COLUMNS: Final = ("speaker_id", "name", "title", "biography", "address")


def speaker_rows(event: Event) -> Iterator[tuple[CellValue, ...]]:
    """By name, in one query. ``address`` is that of their account."""
    for speaker in event.speakers.select_related("user").order_by("name", "pk"):
        address = speaker.user.email if speaker.user else ""
        yield speaker.guid, speaker.name, speaker.title, speaker.biography, address
