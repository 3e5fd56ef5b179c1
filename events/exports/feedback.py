"""Feedback as a table: what was said about which session, and by nobody in particular."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.models import QuerySet

from events.exports.tables import CellValue
from events.models import SessionFeedback

#: ``given_on`` is a day: the moment would tell who was on the page.
FEEDBACK_COLUMNS: Final = (
    "event",
    "session_id",
    "session_title",
    "scheduled_start_utc",
    "stars",
    "text",
    "given_on",
)


def feedback_rows(given: QuerySet[SessionFeedback]) -> Iterator[list[CellValue]]:
    """A row for each, by session; texts in an order that is not the one in which they came."""
    rows = given.order_by("session__starts_at", "session", "stars", "text")
    for row in rows.select_related("session__event").iterator(chunk_size=500):
        session = row.session
        yield [
            session.event.title,
            str(session.uuid),
            session.title,
            session.starts_at,
            row.stars,
            row.text,
            row.given_at.astimezone(session.event.zone).date().isoformat(),
        ]
