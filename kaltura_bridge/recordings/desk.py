"""The recordings desk of an event: its sessions with what exists of each, in a few queries.

Another package fills a column of its own: ``register_column(title, cells)``, where ``cells``
gets the recordings of a page of the list, all at once, and answers with a text for some of them
by their primary keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from events.i18n.languages import Words
from events.models import Event, Session, SessionStatus
from kaltura_bridge.models import (
    Recording,
    RecordingChange,
    RecordingChangeState,
    RecordingLook,
    RecordingStatus,
)
from kaltura_bridge.recordings.behind import KalturaBehind, behind

PAGE: Final = 100
Cells = Callable[[Sequence[Recording]], Mapping[int, str]]


class DeskFilter(StrEnum):
    """Which sessions the list shows."""

    ALL = "all"
    RUNNING = "running"
    PROCESSING = "processing"
    SHOWN = "shown"
    HIDDEN = "hidden"
    NOTHING = "nothing"
    TROUBLE = "trouble"

    @property
    def label(self) -> Words:
        return _LABELS[self]


_LABELS: Final[Mapping[DeskFilter, Words]] = {
    DeskFilter.ALL: _("All"),
    DeskFilter.RUNNING: _("On now"),
    DeskFilter.PROCESSING: _("Processing"),
    DeskFilter.SHOWN: _("Published"),
    DeskFilter.HIDDEN: _("Ready, not published"),
    DeskFilter.NOTHING: _("Over, no recording"),
    DeskFilter.TROUBLE: _("Failed or deleted"),
}


@dataclass(frozen=True)
class DeskColumn:
    """A column that another package fills."""

    title: Words
    cells: Cells


_columns: list[DeskColumn] = []


def register_column(title: Words, cells: Cells) -> None:
    """Add a column to the list; ``cells`` is asked once for a page."""
    if all(column.cells is not cells for column in _columns):
        _columns.append(DeskColumn(title, cells))


def columns() -> Sequence[DeskColumn]:
    return tuple(_columns)


@dataclass
class DeskRow:
    """A session in the list. ``cells``: title and text of each registered column, in order.

    ``behind``: Kaltura does not list yet, or still lists, what the line says.
    """

    session: Session
    recordings: list[Recording]
    changes: list[RecordingChange]
    is_running: bool
    behind: KalturaBehind | None = None
    cells: list[tuple[Words, str]] = field(default_factory=list)

    @property
    def main(self) -> Recording | None:
        """The one that the line tells of."""
        alive = [each for each in self.recordings if each.state != RecordingStatus.GONE]
        return next((r for r in alive if r.is_main), alive[0] if alive else None)

    @property
    def others(self) -> int:
        return len(self.recordings) - bool(self.main)

    @property
    def look(self) -> RecordingLook | None:
        return getattr(self.session, "recording_look", None)

    @property
    def failed(self) -> RecordingChange | None:
        """The last change, where it went wrong."""
        last = self.changes[0] if self.changes else None
        return last if last and last.state == RecordingChangeState.FAILED else None

    @property
    def state(self) -> Words:
        """What there is, in two words."""
        main = self.main
        # Kaltura has the entry of a recording from the first second of the broadcast on.
        if self.is_running and (main is None or main.state == RecordingStatus.PROCESSING):
            return _("On now")
        if main is None:
            return _("Deleted at Kaltura") if self.recordings else _("No recording")
        if main.is_changing:
            return _("Being replaced")
        return str(main.get_state_display())


def desk_sessions(event: Event, shown: DeskFilter, words: str, now: datetime) -> QuerySet[Session]:
    """The sessions of a filter that began, or of which there is something already."""
    rows = Recording.objects.filter(session=OuterRef("pk"))
    begun = Session.objects.filter(event=event).exclude(status=SessionStatus.DRAFT)
    sessions = begun.filter(Q(starts_at__lte=now) | Exists(rows))
    if words:
        sessions = sessions.filter(title__icontains=words)
    return _narrowed(sessions, shown, rows, now).order_by("-starts_at", "pk")


def _narrowed(
    sessions: QuerySet[Session], shown: DeskFilter, rows: QuerySet[Recording], now: datetime
) -> QuerySet[Session]:
    ready = rows.filter(state=RecordingStatus.READY)
    published = ready.filter(is_published=True)
    match shown:
        case DeskFilter.RUNNING:
            return sessions.filter(starts_at__lte=now, ends_at__gt=now)
        case DeskFilter.PROCESSING:
            processing = rows.filter(state=RecordingStatus.PROCESSING)
            over = sessions.filter(Q(ends_at__lte=now) & Exists(processing))
            return over | sessions.filter(Exists(rows.filter(is_changing=True)))
        case DeskFilter.SHOWN:
            return sessions.filter(Exists(published))
        case DeskFilter.HIDDEN:
            return sessions.filter(Exists(ready)).exclude(Exists(published))
        case DeskFilter.NOTHING:
            return sessions.filter(ends_at__lte=now).exclude(Exists(rows))
        case DeskFilter.TROUBLE:
            lost = rows.filter(state__in=[RecordingStatus.FAILED, RecordingStatus.GONE])
            failed = RecordingChange.objects.filter(
                session=OuterRef("pk"), state=RecordingChangeState.FAILED
            )
            return sessions.filter(Exists(lost) | Exists(failed))
        case _:
            return sessions


def desk_rows(sessions: QuerySet[Session], now: datetime) -> list[DeskRow]:
    """The lines of these sessions: four queries, and those of the registered columns."""
    found = sessions.select_related("event", "track", "recording_look").prefetch_related(
        Prefetch("recordings", Recording.objects.order_by("-is_main", "-recorded_at", "pk")),
        Prefetch("recording_changes", RecordingChange.objects.order_by("-asked_at", "-pk")),
    )
    rows = [
        DeskRow(
            session,
            list(session.recordings.all()),
            list(session.recording_changes.all()),
            session.starts_at <= now < session.ends_at,
        )
        for session in found
    ]
    late = behind(row.session for row in rows if row.recordings)
    for row in rows:
        row.behind = late.get(row.session.pk)
    mains = [row.main for row in rows if row.main]
    for column in _columns:
        cells = column.cells(mains)
        for row in rows:
            row.cells.append((column.title, cells.get(row.main.pk, "") if row.main else ""))
    return rows
