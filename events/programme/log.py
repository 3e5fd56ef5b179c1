"""The change log, for the page and the feed of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from events.i18n.content import EventContent, ShownText, content_of, written_language
from events.models import Event, ProgrammeChange, SessionStatus
from events.programme.reading import sentences

LOGGED: Final = 300


@dataclass(frozen=True)
class LoggedChange:
    """One line of the change log. ``href`` is empty for a session that is not shown any more."""

    pk: int
    changed_at: datetime
    title: ShownText
    href: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class LoggedDay:
    """The changes that were made on one day, the latest first."""

    date: date
    changes: list[LoggedChange]


def change_log(event: Event, zone: ZoneInfo, at_most: int = LOGGED) -> list[LoggedChange]:
    """The last changes, the latest first, with times in ``zone``; one query."""
    rows, content = event.programme_changes.select_related("session")[:at_most], content_of(event)
    return [_logged(content, row, zone) for row in rows]


def by_day(changes: Iterable[LoggedChange], zone: ZoneInfo) -> list[LoggedDay]:
    """The same changes under the days on which they were made."""
    days: dict[date, list[LoggedChange]] = {}
    for change in changes:
        days.setdefault(change.changed_at.astimezone(zone).date(), []).append(change)
    return [LoggedDay(day, its_changes) for day, its_changes in days.items()]


def _logged(content: EventContent, row: ProgrammeChange, zone: ZoneInfo) -> LoggedChange:
    session = row.session
    if session:
        session.event = content.event
    is_shown = session is not None and session.status != SessionStatus.DRAFT
    return LoggedChange(
        pk=row.pk,
        changed_at=row.changed_at,
        title=_title(content, row, is_shown=is_shown),
        href=session.get_absolute_url() if session and is_shown else "",
        sentences=tuple(sentences(row.before, row.after, zone)),
    )


def _title(content: EventContent, row: ProgrammeChange, *, is_shown: bool) -> ShownText:
    """What it was called then; to readers of another language, what it is called in theirs."""
    seen: dict[str, Any] = row.after or row.before or {}
    if row.session and is_shown:
        today = content.text(row.session, "title")
        if content.language and today.language == content.language:
            return today
    written = written_language(row.session or content.event, content.event)
    return ShownText(seen.get("title", ""), written)
