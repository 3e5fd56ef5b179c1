"""What a schedule file says, whatever its format: a header and rows.

The readers (one file per format) turn text into a ScheduleFile and refuse only a file
that is broken as a whole. The values in a row are parsed in rows.py, row by row, so that
one broken talk does not keep the others out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from events.characters import clean_line

# What a talk says in words, and files may say in several languages.
TRANSLATED: Final = ("title", "subtitle", "abstract", "description")


def fold_name(name: str) -> str:
    """A person's name without what writers of one name differ in."""
    return " ".join(name.split()).casefold()


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
    # The time of day at which one conference day ends and the next begins.
    day_change: str = ""
    # Where addresses of the file begin that name no host.
    base_url: str = ""


@dataclass(frozen=True)
class ScheduleDay:
    """A conference day: its date, and the instants between which it lies, if the file says so."""

    date: str
    start: str
    end: str = ""


FoundPerson = tuple[tuple[object, ...], object, object]


@dataclass(frozen=True)
class RawRow:
    """One talk as it stands in the file; a field that is absent is not a key.

    ``people`` are (keys, name, address of a picture) as found, or whatever stood in their
    place. ``where`` leads an editor to the row. ``links`` are (address, title) of links and
    documents, ``translations`` the talk's texts by language and name, both as found.
    """

    values: Mapping[str, object]
    people: list[FoundPerson] | object | None
    day: ScheduleDay
    where: str
    links: tuple[tuple[object, object], ...] = ()
    translations: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    @property
    def external_id(self) -> str:
        """The guid, else the id; empty when the row has neither."""
        for name in ("guid", "id"):
            value = self.values.get(name)
            known = isinstance(value, str | int) and not isinstance(value, bool)
            if known and (text := clean_line(str(value))):
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
    """Someone on stage; ``keys`` are guid, code and id, as far as the file has them.

    ``picture`` is the address of one; it makes nobody somebody else.
    """

    keys: tuple[str, ...]
    name: str
    picture: str = field(default="", compare=False)

    @property
    def folded_name(self) -> str:
        return fold_name(self.name)


@dataclass(frozen=True)
class ScheduleLink:
    """A page or document beside a talk."""

    url: str
    title: str


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
    links: tuple[ScheduleLink, ...] = ()
    # By language of the portal, then by field; only texts that say something.
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class WarningList:
    """What people should know of a file, by kind: how often, and the first examples."""

    EXAMPLES = 3

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.examples: dict[str, list[str]] = {}

    def note(self, sentence: str, example: str = "") -> None:
        self.counts[sentence] = self.counts.get(sentence, 0) + 1
        examples = self.examples.setdefault(sentence, [])
        if example and len(examples) < self.EXAMPLES:
            examples.append(example)

    def lines(self) -> list[str]:
        """A sentence for each kind, with its count and examples."""
        return [self._line(sentence) for sentence in self.counts]

    def _line(self, sentence: str) -> str:
        if not (examples := self.examples[sentence]):
            return sentence
        return f"{sentence} {self.counts[sentence]}: {'; '.join(examples)}"


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
    warnings: WarningList = field(default_factory=WarningList)
