"""What an import would do, as data: for the report that is shown, and for applying it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from events.imports.people import PeopleIndex
from events.imports.schedule import RejectedTalk, WarningList
from events.models import (
    Event,
    Session,
    SessionMaterial,
    SessionTranslation,
    Speaker,
    SpeakerLink,
    Track,
)


class ChangeKind(StrEnum):
    """What an import does with a session. The values are keys of the command's JSON."""

    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class FieldChange:
    """One field: what it was, what it becomes, both as a person reads them."""

    field: str
    old: str
    new: str


@dataclass
class SessionPlan:
    """What becomes of one session; ``session`` already holds the new values, unsaved.

    ``changes`` are for people to read, ``fields`` are the columns to write; a change of
    speakers has no column. ``people`` is None when the file says nothing about them.
    ``translations`` and ``links`` are rows to write, the latter all new.
    """

    kind: ChangeKind
    session: Session
    changes: list[FieldChange] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    track: Track | None = None
    people: tuple[Speaker, ...] | None = None
    translations: list[SessionTranslation] = field(default_factory=list)
    links: list[SessionMaterial] = field(default_factory=list)

    def note(self, name: str, old: object, new: object) -> None:
        """Something of an existing session changes."""
        self.kind = ChangeKind.CHANGED
        self.changes.append(FieldChange(name, str(old), str(new)))


@dataclass
class RecognisedRows:
    """What was made by hand and found again by the ids that an export of ours wrote.

    It stays what it is: an import may change it, and never removes it.
    """

    sessions: list[Session] = field(default_factory=list)
    speakers: list[Speaker] = field(default_factory=list)


@dataclass
class ImportPlan:
    """All that an import would do. ``event`` already holds the new values, unsaved.

    ``tracks`` and ``people`` are those of the event by their ids in the file, with the
    new ones among them; these are saved only when a session that is saved needs them.
    """

    event: Event
    event_changes: list[FieldChange] = field(default_factory=list)
    sessions: list[SessionPlan] = field(default_factory=list)
    rejected: list[RejectedTalk] = field(default_factory=list)
    warnings: WarningList = field(default_factory=WarningList)
    tracks: dict[str, Track] = field(default_factory=dict)
    people: PeopleIndex = field(default_factory=lambda: PeopleIndex((), ()))
    renamed: list[tuple[Speaker, FieldChange]] = field(default_factory=list)
    pictures: list[SpeakerLink] = field(default_factory=list)
    recognised: RecognisedRows = field(default_factory=RecognisedRows)

    @property
    def is_new_event(self) -> bool:
        return self.event.pk is None

    @property
    def has_readable_rows(self) -> bool:
        """Whether any row of the file could be read; of no other file anything is applied."""
        return any(plan.kind is not ChangeKind.REMOVED for plan in self.sessions)

    @property
    def changes_anything(self) -> bool:
        any_session = any(plan.kind is not ChangeKind.UNCHANGED for plan in self.sessions)
        return (
            any_session
            or self.is_new_event
            or bool(self.event_changes or self.renamed or self.pictures)
        )

    def of_kind(self, kind: ChangeKind) -> list[SessionPlan]:
        return [plan for plan in self.sessions if plan.kind is kind]
