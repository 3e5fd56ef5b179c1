"""What a schedule file says, whatever its format: a header and rows.

The readers (one file per format) turn text into a ScheduleFile and refuse only a file
that is broken as a whole. The values in a row are parsed in rows.py, row by row, so that
one broken talk does not keep the others out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


class BrokenFile(Exception):
    """The file as a whole cannot be read; the text is one sentence for the person."""


class BadField(Exception):
    """One field of one row does not parse."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


@dataclass(frozen=True)
class ScheduleHeader:
    """The conference itself. Empty texts where the file says nothing."""

    title: str
    acronym: str
    start: str
    end: str
    timezone: str


@dataclass(frozen=True)
class ScheduleDay:
    """A conference day: its date, and the instant at which it begins when the file says so."""

    date: str
    start: str


@dataclass(frozen=True)
class RawRow:
    """One talk as it stands in the file; a field that is absent is not a key.

    ``people`` are (id, name) pairs as found, or whatever stood in their
    place. ``where`` leads an editor to the row.
    """

    values: Mapping[str, object]
    people: list[tuple[object, object]] | object | None
    day: ScheduleDay
    where: str

    @property
    def external_id(self) -> str:
        """The guid, else the id; empty when the row has neither."""
        for name in ("guid", "id"):
            value = self.values.get(name)
            known = isinstance(value, str | int) and not isinstance(value, bool)
            if known and (text := str(value).strip()):
                return text
        return ""

    @property
    def name(self) -> str:
        """How a person finds this row again."""
        title = self.values.get("title")
        shown = f"“{title.strip()[:80]}” " if isinstance(title, str) and title.strip() else ""
        known = f"({self.external_id}), " if self.external_id else ""
        return f"{shown}{known}{self.where}"


@dataclass(frozen=True)
class ScheduleFile:
    """What a reader returns; ``rows`` are not parsed yet."""

    header: ScheduleHeader
    days: list[ScheduleDay]
    rows: list[RawRow]


@dataclass(frozen=True)
class SchedulePerson:
    """Someone on stage; ``external_id`` is the file's own id for them."""

    external_id: str
    name: str


@dataclass(frozen=True)
class Talk:
    """A row that parsed. None: the file does not carry this field, so it stays as it is."""

    external_id: str
    name: str
    title: str
    starts_at: datetime
    ends_at: datetime
    subtitle: str | None
    abstract: str | None
    description: str | None
    location: str | None
    language: str | None
    kind: str | None
    track: str | None
    people: tuple[SchedulePerson, ...] | None


@dataclass(frozen=True)
class RejectedTalk:
    """A row that stays out, and why."""

    row: str
    field: str
    reason: str
    external_id: str = ""


@dataclass(frozen=True)
class Agenda:
    """A schedule file with its rows parsed: talks, and what had to stay out."""

    header: ScheduleHeader
    days: list[ScheduleDay]
    talks: list[Talk] = field(default_factory=list)
    rejected: list[RejectedTalk] = field(default_factory=list)
