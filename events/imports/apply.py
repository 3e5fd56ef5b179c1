"""Saves what an ImportPlan says: all of it or nothing, in one short transaction.

Whatever can be done beforehand is (``PreparedImport``): slugs are chosen, values checked
and prepared, statements gathered. The transaction then writes the rows with a handful of
statements, and only those that nobody has edited since the plan was made. So attendees see
the old programme until they see the new one, a process that dies leaves nothing behind,
and a manager's edit is either kept or the reason why nothing was saved.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models

from events.actions import save_planned
from events.bulk import ChangedRows, NewRows, Row, delete_rows, in_chunks, update_columns
from events.changes import changes, note_changed
from events.imports.diff import appearances_in_files
from events.imports.plan import ChangeKind, ImportPlan, SessionPlan
from events.imports.schedule import TRANSLATED
from events.models import (
    Event,
    Session,
    SessionMaterial,
    SessionSpeaker,
    SessionTranslation,
    Speaker,
    SpeakerLink,
    Track,
)
from events.models.base import FreeSlugs
from events.programme.recording import note_translations


class EventChanged(Exception):
    """Somebody edited what the import was about to write; the text says what."""


def apply_plan(plan: ImportPlan) -> Event:
    """Save all of the plan or nothing. What the file does not change is not written at all.

    Raises EventChanged, or Django's ValidationError and IntegrityError, when somebody
    else's change since the plan forbids it.
    """
    return PreparedImport(plan).save()


@contextmanager
def short_transaction() -> Iterator[None]:
    """A transaction that tells what it changed, and that Python does not pause.

    Looking through all objects for garbage takes a tenth of a second, several times in a
    large import, and everybody else who writes would wait for it.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        with changes():
            yield
    finally:
        if collects:
            gc.enable()


class PreparedImport:
    """All rows that a plan writes, ready for the database."""

    def __init__(self, plan: ImportPlan) -> None:
        self.plan = plan
        self.written = [p for p in plan.sessions if p.kind is not ChangeKind.UNCHANGED]
        for planned in self._placed:
            planned.session.track = planned.track
        self._choose_slugs()
        self.tracks = NewRows(Track, self._new_tracks)
        self.speakers = NewRows(Speaker, self._new_speakers)
        self.sessions = NewRows(Session, [p.session for p in self._new])
        self.renamed = ChangedRows([speaker for speaker, _ in plan.renamed], ["name"])
        self.changed = [ChangedRows(found, fields) for fields, found in self._by_fields.items()]
        self._sort_appearances()
        self._sort_beside()

    # --- Before the transaction ----------------------------------------------

    @cached_property
    def _new(self) -> list[SessionPlan]:
        return [planned for planned in self.written if planned.kind is ChangeKind.NEW]

    @cached_property
    def _placed(self) -> list[SessionPlan]:
        """Those whose track is written."""
        return [p for p in self.written if p.kind is ChangeKind.NEW or "track" in p.fields]

    @cached_property
    def _new_tracks(self) -> list[Track]:
        """Saved with the first session in them; rejected talks leave none behind."""
        return _unsaved(planned.track for planned in self._placed if planned.track)

    @cached_property
    def _new_speakers(self) -> list[Speaker]:
        return _unsaved(speaker for p in self.written for speaker in p.people or ())

    @cached_property
    def _by_fields(self) -> dict[tuple[str, ...], list[Session]]:
        """Sessions that change, by the columns to write."""
        found: dict[tuple[str, ...], list[Session]] = {}
        for planned in self.written:
            if planned.kind is not ChangeKind.NEW and planned.fields:
                found.setdefault(tuple(planned.fields), []).append(planned.session)
        return found

    def _choose_slugs(self) -> None:
        event = self.plan.event
        for model, things, wanted in (
            (Track, self._new_tracks, "name"),
            (Speaker, self._new_speakers, "name"),
            (Session, [p.session for p in self._new], "title"),
        ):
            taken = model._base_manager.filter(event=event) if event.pk else model.objects.none()
            slugs = FreeSlugs(taken.values_list("slug", flat=True))
            for thing in things:
                thing.slug = slugs.take(getattr(thing, wanted), model._meta.model_name or "")

    def _sort_appearances(self) -> None:
        """The file's people on stage in the file's order; roles stay as managers set them."""
        new: list[SessionSpeaker] = []
        self.moved: list[SessionSpeaker] = []
        self.gone: list[SessionSpeaker] = []
        for planned in self.written:
            if planned.people is not None:
                new += self._sort_stage(planned.session, planned.people)
        self.appearances = NewRows(SessionSpeaker, new)

    def _sort_stage(
        self, session: Session, people: tuple[Speaker, ...]
    ) -> Iterator[SessionSpeaker]:
        found = appearances_in_files(session, people) if session.pk else []
        before = {appearance.speaker.guid: appearance for appearance in found}
        for position, speaker in enumerate(people):
            appearance = before.pop(speaker.guid, None)
            if appearance is None:
                yield SessionSpeaker(session=session, speaker=speaker, position=position)
            elif appearance.position != position:
                appearance.position = position
                self.moved.append(appearance)
        self.gone += before.values()

    def _sort_beside(self) -> None:
        """Translations and links; a picture of somebody who is saved."""
        texts = [row for planned in self.written for row in planned.translations]
        saved = {id(speaker) for speaker in self._new_speakers}
        pictures = [p for p in self.plan.pictures if p.speaker.pk or id(p.speaker) in saved]
        self.changed_texts = [row for row in texts if row.pk]
        self.beside: list[NewRows[Any]] = [
            NewRows(SessionTranslation, [row for row in texts if not row.pk]),
            NewRows(SessionMaterial, [row for planned in self.written for row in planned.links]),
            NewRows(SpeakerLink, pictures),
        ]

    # --- The transaction ------------------------------------------------------

    @short_transaction()
    def save(self) -> Event:
        """Write it. Raises as ``apply_plan`` does; then nothing is saved."""
        event = self._save_event()
        self.tracks.insert_into(event)
        self.speakers.insert_into(event)
        self.sessions.insert_into(event)
        edited: list[models.Model] = [*self.renamed.update()]
        for rows in self.changed:
            edited += rows.update()
        if edited:
            raise EventChanged(_edited_sentence(edited))
        self._save_appearances()
        self._save_beside(event)
        self._note(event)
        return event

    def _save_event(self) -> Event:
        event = self.plan.event
        if self.plan.is_new_event:
            save_planned(event)
        elif self.plan.event_changes:
            same = Event.objects.select_for_update(no_key=True).filter(
                pk=event.pk, updated_at=event.updated_at
            )
            if not same.exists():
                raise EventChanged(_edited_sentence([event]))
            save_planned(event, [*(c.field for c in self.plan.event_changes), "updated_at"])
        return event

    def _save_appearances(self) -> None:
        self.appearances.insert()
        if not (update_columns(self.moved, "position") and delete_rows(self.gone)):
            raise EventChanged("Who is on stage was edited meanwhile.")

    def _save_beside(self, event: Event) -> None:
        for rows in self.beside:
            rows.insert()
        if not update_columns(self.changed_texts, *TRANSLATED):
            raise EventChanged("A translation was edited meanwhile.")
        if self.changed_texts or any(rows.things for rows in self.beside):
            note_translations(event.pk, DEFAULT_DB_ALIAS)

    def _note(self, event: Event) -> None:
        note_changed(Track, [track.pk for track in self.tracks.things])
        note_changed(Session, [planned.session.pk for planned in self.written])
        for pks in in_chunks([speaker.pk for speaker in self.renamed.things]):
            on_stage = SessionSpeaker.objects.filter(speaker__in=pks)
            note_changed(Session, on_stage.values_list("session_id", flat=True))


def _unsaved(things: Iterable[Row]) -> list[Row]:
    """The new ones, each once, in their order."""
    return list({id(thing): thing for thing in things if thing.pk is None}.values())


def _edited_sentence(things: list[models.Model]) -> str:
    named = ", ".join(f"“{thing}”" for thing in things[:3])
    more = f" and {len(things) - 3} more" if len(things) > 3 else ""
    return f"{named}{more} {'was' if len(things) == 1 else 'were'} edited or deleted meanwhile."
