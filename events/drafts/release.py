"""Releasing: what waits becomes public in one transaction, or none of it does.

A change names the value that its author saw. Where the released value is another one by now
(*Running late*, an import) nothing is released until somebody has chosen. Everything is written
in a number of statements that does not grow with the release, and told once (changes.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from events.actions import NotAllowed, delete_planned
from events.bulk import update_columns
from events.changes import changes, note_changed, note_edited
from events.drafts.gathering import live_now
from events.drafts.kinds import BY_NAME, KINDS, GatheredKind, put_value
from events.drafts.overlay import fill_relations
from events.drafts.waiting import (
    ReleaseProblem,
    fingerprint,
    objects_of,
    problems_of,
    waiting,
    without_orphans,
)
from events.history.authors import acting
from events.history.parts import ROOTS, parts_of
from events.models import (
    ChangeOf,
    ChangeSource,
    Event,
    EventTranslation,
    InfoBlock,
    Partner,
    ProgrammeVersion,
    Release,
    Session,
    SessionMaterial,
    SessionSpeaker,
    SessionTranslation,
    Speaker,
    SpeakerLink,
    Track,
    TrackTranslation,
    UnreleasedChange,
    User,
)
from events.programme.recording import note_translations, raise_version
from events.signals import stage_changed

_TOLD = (Event, Track, Session)
_TRANSLATIONS = (EventTranslation, TrackTranslation, SessionTranslation)
_PAGES = (Partner, InfoBlock, SpeakerLink, SessionMaterial, Speaker)
# Of which objects' history a row is a part, and by which field.
_RECORDED = {
    kind.model: [
        (root, part.parent) for root in ROOTS for part in parts_of(root) if part.model is kind.model
    ]
    for kind in KINDS.values()
}


class CannotRelease(NotAllowed):
    """Nothing was released; ``problems`` say which object stands against it, and why."""

    def __init__(self, problems: Sequence[ReleaseProblem]) -> None:
        super().__init__(" ".join(dict.fromkeys(problem.text for problem in problems)))
        self.problems = problems


class NothingWaits(NotAllowed):
    """Somebody was quicker: these changes are released or discarded."""


class OtherChanges(NotAllowed):
    """What waits is not what the person saw."""


def release(
    event: Event,
    user: User | None,
    name: str = "",
    *,
    picked: Collection[int] | None = None,
    seen: str = "",
) -> Release:
    """Make what waits public; ``picked``: of it only these, ``seen``: if it is still so.

    Raises NothingWaits, OtherChanges and CannotRelease; then nothing has changed.
    """
    try:
        return _released(event, user, name, picked, seen)
    except IntegrityError as error:  # at the commit: what a change leads to went just now
        raise OtherChanges(
            _("Something that these changes need was deleted just now. Look at them again.")
        ) from error


def _released(
    event: Event, user: User | None, name: str, picked: Collection[int] | None, seen: str
) -> Release:
    said = acting(ChangeSource.RELEASE, user, note=name)
    with transaction.atomic(), live_now(), said:
        with changes():
            # Of two releases at once the second waits here, and finds nothing left.
            Event.objects.select_for_update(no_key=True).get(pk=event.pk)
            rows = list(waiting(event, picked).select_for_update().order_by("pk"))
            if not rows:
                raise NothingWaits(_("These changes have been released or discarded already."))
            if seen and seen != fingerprint(rows):
                raise OtherChanges(_("The changes are not those that you saw. Look at them again."))
            made = ReleaseInProgress(event, rows).make(user, name)
        # The block above has told, and raised the version.
        made.version = ProgrammeVersion.objects.values_list("number", flat=True).get(pk=event.pk)
        made.save(update_fields=["version"])
    return made


class ReleaseInProgress:
    """One release on its way, inside its transaction."""

    def __init__(self, event: Event, rows: list[UnreleasedChange]) -> None:
        self.event, self.all_rows = event, rows
        self.rows = without_orphans(rows)
        self.found = objects_of(rows, lock=True)
        self.new: list[tuple[UnreleasedChange, Any]] = []
        self.touched: dict[type[Any], set[int]] = defaultdict(set)
        #: What stands beside these is another by now; their history has it.
        self.edited: dict[type[Any], set[int]] = defaultdict(set)

    def make(self, user: User | None, name: str) -> Release:
        if problems := problems_of(self.rows, self.found):
            raise CannotRelease(problems)
        self._prepare()
        try:
            with transaction.atomic():
                self._write()
        except IntegrityError as error:
            raise CannotRelease(self._refused()) from error
        self._tell()
        number = Release.objects.filter(event=self.event).values_list("number", flat=True).first()
        made = Release.objects.create(
            event=self.event,
            number=(number or 0) + 1,
            name=name,
            made_by=user,
            changes=[as_kept(row) for row in self.all_rows],
        )
        UnreleasedChange.objects.filter(pk__in=[row.pk for row in self.all_rows]).delete()
        return made

    # --- Before anything is written ----------------------------------------------------------

    def _prepare(self) -> None:
        """Lay the changes over the objects, and check them in words. Raises CannotRelease."""
        by_kind: dict[GatheredKind, list[Any]] = defaultdict(list)
        problems: list[ReleaseProblem] = []
        for row in self.rows:
            if row.kind == ChangeOf.DELETE:
                continue
            kind = BY_NAME[row.model]
            thing = self._thing(kind, row)
            for name, values in row.fields.items():
                put_value(kind, thing, name, values["after"])
            by_kind[kind].append(thing)
        for kind, things in by_kind.items():
            fill_relations(kind, things)
            _give_parents(self.event, kind, things)
        for row, thing in self._written():
            try:
                # The database checks what others have; these check the object by itself.
                thing.clean_fields(exclude=_relations(thing))
                thing.clean()
            except ValidationError as error:
                problems.append(_problem(row, error))
        if problems:
            raise CannotRelease(problems)

    def _thing(self, kind: GatheredKind, row: UnreleasedChange) -> Any:
        if row.kind != ChangeOf.ADD:
            return self.found[row.model, row.object_id]
        thing = kind.model(**{f"{kind.parent}_id": row.parent_id})
        self.new.append((row, thing))
        return thing

    def _written(self) -> Iterable[tuple[UnreleasedChange, Any]]:
        new = {row.pk: thing for row, thing in self.new}
        for row in self.rows:
            if row.kind != ChangeOf.DELETE:
                yield row, new.get(row.pk) or self.found[row.model, row.object_id]

    # --- Writing -----------------------------------------------------------------------------

    def _write(self) -> None:
        """First what goes, so that its place is free; then changes and what is new."""
        now = timezone.now()
        for name, kind in BY_NAME.items():
            mine = [row for row in self.rows if row.model == name]
            self._delete(kind, [row for row in mine if row.kind == ChangeOf.DELETE])
            self._change(kind, [row for row in mine if row.kind == ChangeOf.CHANGE], now)
        for kind in BY_NAME.values():
            self._add(kind, [(row, thing) for row, thing in self.new if row.model == kind.name])

    def _delete(self, kind: GatheredKind, rows: list[UnreleasedChange]) -> None:
        pks = [row.object_id for row in rows if (row.model, row.object_id) in self.found]
        if not pks:
            return
        for pk in pks:
            self._touch(kind, self.found[kind.name, pk])
        delete_planned(kind.model._default_manager.filter(pk__in=pks))

    def _change(self, kind: GatheredKind, rows: list[UnreleasedChange], now: Any) -> None:
        names = sorted({name for row in rows for name in row.fields})
        if not names:
            return
        things = [self.found[row.model, row.object_id] for row in rows]
        if any(field.name == "updated_at" for field in kind.model._meta.concrete_fields):
            names.append("updated_at")
            for thing in things:
                thing.updated_at = now
        update_columns(things, *names)
        for thing in things:
            self._touch(kind, thing)

    def _add(self, kind: GatheredKind, pairs: list[tuple[UnreleasedChange, Any]]) -> None:
        if not pairs:
            return
        kind.model._base_manager.bulk_create([thing for _row, thing in pairs])
        for row, thing in pairs:
            row.object_id = thing.pk
            self._touch(kind, thing)

    # --- Telling -----------------------------------------------------------------------------

    def _touch(self, kind: GatheredKind, thing: Any) -> None:
        self.touched[kind.model].add(thing.pk)
        for root, parent in _RECORDED.get(kind.model, ()):
            self.edited[root].add(getattr(thing, f"{parent}_id"))
        if kind.model is SessionSpeaker:
            self.touched[Session].add(thing.session_id)

    def _tell(self) -> None:
        gone = {(row.model, row.object_id) for row in self.rows if row.kind == ChangeOf.DELETE}
        if speakers := self.touched.get(Speaker):
            on_stage = SessionSpeaker.objects.filter(speaker__in=speakers)
            self.touched[Session] |= set(on_stage.values_list("session_id", flat=True))
        for model in _TOLD:
            name = KINDS[model].name
            note_changed(model, [pk for pk in self.touched[model] if (name, pk) not in gone])
        self.edited[Speaker] |= self.touched[Speaker]
        for root, pks in self.edited.items():
            note_edited(root, sorted(pks))
        if any(self.touched.get(model) for model in _TRANSLATIONS):
            note_translations(self.event.pk, DEFAULT_DB_ALIAS)
        elif any(self.touched.get(model) for model in _PAGES):
            raise_version(self.event.pk, DEFAULT_DB_ALIAS)
        if self.touched.get(SessionSpeaker):
            stage_changed.send(Event, event=self.event, user_ids=self._people_on_stage())

    def _people_on_stage(self) -> list[int]:
        """The accounts of those who came to a stage, left it, or got another role."""
        pks = {
            values[when]
            for row in self.rows
            if row.model == KINDS[SessionSpeaker].name
            for name, values in row.fields.items()
            for when in ("before", "after")
            if name == "speaker" and values.get(when)
        }
        seats = [self.found.get((row.model, row.object_id)) for row in self.rows]
        pks |= {seat.speaker_id for seat in seats if isinstance(seat, SessionSpeaker)}
        people = Speaker.objects.filter(pk__in=pks, user__isnull=False)
        return [pk for pk in people.values_list("user_id", flat=True) if pk]

    def _refused(self) -> list[ReleaseProblem]:
        """The database takes something of it not: which, and why."""
        problems = []
        for row, thing in self._written():
            try:
                thing.full_clean()
            except ValidationError as error:
                problems.append(_problem(row, error))
        if not problems:
            text = _("Two of these changes do not go together: an address or a name is used twice.")
            problems = [ReleaseProblem(self.rows[0], text)]
        return problems


def as_kept(row: UnreleasedChange) -> dict[str, Any]:
    """A change as its release keeps it."""
    return {
        "model": row.model,
        "object_id": row.object_id,
        "parent_id": row.parent_id,
        "kind": row.kind,
        "label": row.label,
        "fields": row.fields,
    }


def _give_parents(event: Event, kind: GatheredKind, things: list[Any]) -> None:
    """Their checks ask for the event, and would read it once for each."""
    if kind.parent in ("", "event"):
        for thing in things:
            if not isinstance(thing, Event):
                thing.event = event
        return
    model = kind.field(kind.parent).related_model
    owners = model._base_manager.in_bulk({kind.owner_id(thing) for thing in things})
    for thing in things:
        owner = owners[kind.owner_id(thing)]
        owner.event = event
        setattr(thing, kind.parent, owner)


def _relations(thing: Any) -> set[str]:
    return {field.name for field in thing._meta.concrete_fields if field.is_relation}


def _problem(row: UnreleasedChange, error: ValidationError) -> ReleaseProblem:
    return ReleaseProblem(row, f"“{row.label}”: {' '.join(error.messages)}")
