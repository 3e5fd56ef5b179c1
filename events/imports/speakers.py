"""What an import would do with the speakers of an event, and doing it: all of it, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from events.bulk import ChangedRows, NewRows, in_chunks
from events.changes import note_changed, note_edited
from events.imports.apply import EventChanged, short_transaction
from events.imports.plan import ChangeKind, FieldChange
from events.imports.schedule import RejectedTalk, WarningList
from events.models import Event, Session, SessionSpeaker, Speaker
from events.models.base import FreeSlugs


@dataclass
class SpeakerPlan:
    """What becomes of one speaker, who holds the new values already, unsaved."""

    kind: ChangeKind
    speaker: Speaker
    changes: list[FieldChange] = field(default_factory=list)

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(change.field for change in self.changes)


@dataclass
class SpeakerImport:
    """All of it. Nobody is taken away: who is not in a list may be on stage all the same."""

    event: Event
    speakers: list[SpeakerPlan] = field(default_factory=list)
    rejected: list[RejectedTalk] = field(default_factory=list)
    warnings: WarningList = field(default_factory=WarningList)

    def of_kind(self, kind: ChangeKind) -> list[SpeakerPlan]:
        return [plan for plan in self.speakers if plan.kind is kind]

    @property
    def has_readable_rows(self) -> bool:
        return bool(self.speakers)

    @property
    def changes_anything(self) -> bool:
        return any(plan.kind is not ChangeKind.UNCHANGED for plan in self.speakers)


class PreparedSpeakers:
    """The rows that a plan writes, ready for the database."""

    def __init__(self, plan: SpeakerImport) -> None:
        self.event = plan.event
        new = [found.speaker for found in plan.of_kind(ChangeKind.NEW)]
        taken = Speaker._base_manager.filter(event=plan.event)
        slugs = FreeSlugs(taken.values_list("slug", flat=True))
        for speaker in new:
            speaker.slug = slugs.take(speaker.name, "speaker")
        self.new = NewRows(Speaker, new)
        by_fields: dict[tuple[str, ...], list[Speaker]] = {}
        for found in plan.of_kind(ChangeKind.CHANGED):
            by_fields.setdefault(found.fields, []).append(found.speaker)
        self.changed = [ChangedRows(rows, fields) for fields, rows in by_fields.items()]

    @short_transaction()
    def save(self) -> Event:
        """Write them. Raises EventChanged when somebody edited one since the plan was made."""
        self.new.insert_into(self.event)
        edited = [speaker for rows in self.changed for speaker in rows.update()]
        if edited:
            raise EventChanged(", ".join(f"“{speaker}”" for speaker in edited[:3]))
        changed = [speaker.pk for rows in self.changed for speaker in rows.things]
        note_edited(Speaker, {*changed, *(speaker.pk for speaker in self.new.things)})
        for pks in in_chunks(changed):
            on_stage = SessionSpeaker.objects.filter(speaker__in=pks)
            note_changed(Session, on_stage.values_list("session_id", flat=True))
        return self.event
