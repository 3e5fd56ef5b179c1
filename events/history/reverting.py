"""Putting back what an object was: chosen values, through the same checks as any save."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DEFAULT_DB_ALIAS, IntegrityError, models, transaction
from django.utils.translation import gettext as _

from events.actions import delete_planned, save_planned
from events.changes import changes
from events.history.authors import acting
from events.history.parts import (
    HistoryPart,
    State,
    differences,
    field_named,
    part_named,
    read_states,
    value_at,
    without,
)
from events.history.recording import lock_events
from events.models import Event, ObjectHistory, ObjectVersion, VersionKind
from events.registration.places import settle


class CannotPutBack(Exception):
    """Why not, by path; ``""`` for what is about all of it."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(" ".join(text for texts in errors.values() for text in texts))
        self.errors = errors


def state_at(history: ObjectHistory, number: int) -> State | None:
    """The object as a version left it; None when that is not known (any more)."""
    later = list(history.versions.filter(number__gt=number).order_by("-number"))
    if not 1 <= number <= history.number or len(later) != history.number - number:
        return None
    state = history.state
    for version in later:
        state = without(state, version.changes)
    return state


def differs_from_now(thing: Any, then: State) -> dict[str, list[Any]]:
    """What would change if all of ``then`` were put back: as it is, and as it was."""
    return differences(_now(thing), then)


def _now(thing: Any) -> State:
    found = read_states(type(thing), [thing.pk], DEFAULT_DB_ALIAS)
    return found[thing.pk].state if thing.pk in found else {}


def put_back(
    thing: Any, history: ObjectHistory, version: ObjectVersion, paths: Iterable[str], seen: int
) -> int:
    """Give these values back what they were at ``version``; returns how many changed.

    ``seen``: the last version that the person saw. Raises CannotPutBack; then nothing is saved.
    """
    # The author of a transaction is whoever is so at its end.
    with acting(kind=VersionKind.PUT_BACK, note=f"{version.number}"), changes():
        lock_events(type(thing), [thing.pk], DEFAULT_DB_ALIAS)
        last = ObjectHistory.objects.filter(pk=history.pk).values_list("number", flat=True).get()
        if last != seen:
            text = _("Somebody changed it meanwhile. Look at the values again, then choose.")
            raise CannotPutBack({"": [text]})
        then = state_at(history, version.number)
        if then is None:
            raise CannotPutBack({"": [_("What it was then is not known any more.")]})
        different = differs_from_now(thing, then)
        wanted = [path for path in dict.fromkeys(paths) if path in different]
        _Putting(type(thing)._default_manager.get(pk=thing.pk), then).run(wanted)
        return len(wanted)


class _Putting:
    """One object and its rows on their way back."""

    def __init__(self, thing: Any, then: State) -> None:
        self.thing, self.then = thing, then
        self.errors: dict[str, list[str]] = {}

    def run(self, paths: list[str]) -> None:
        own = [path for path in paths if "/" not in path and not self._part(path)]
        beside = [path for path in paths if path not in own]
        # What goes makes room for what comes.
        for path in sorted(beside, key=lambda path: value_at(self.then, path) is not None):
            self._put_row(path)
        if own and not self.errors:
            self._put_own(own)
        if self.errors:
            raise CannotPutBack(self.errors)

    def _part(self, path: str) -> HistoryPart | None:
        return part_named(type(self.thing), path.split("/")[0])

    def _put_own(self, paths: list[str]) -> None:
        by_name = {}
        for path in paths:
            field = field_named(type(self.thing), path)
            if field is None:
                self.errors[path] = [_("This field does not exist any more.")]
            elif self._set(self.thing, field, self.then.get(path), path):
                by_name[field.name] = path
        if not self.errors:
            self._save(self.thing, by_name, paths[0])
        if "capacity" in by_name and not self.errors:
            event = self.thing if isinstance(self.thing, Event) else self.thing.event
            transaction.on_commit(partial(settle, event))

    def _put_row(self, path: str) -> None:
        part = self._part(path)
        name, key, *rest = [*path.split("/"), ""]
        if part is None:
            self.errors[path] = [_("This is not recorded any more.")]
            return
        rows = part.model._default_manager.filter(**{part.parent: self.thing})
        lookup = f"{part.key}_id" if part.key and part.key_field.is_relation else part.key
        row: Any = rows.filter(**{lookup: key}).first() if part.key else rows.first()
        wanted = (self.then.get(name) or {}).get(key)
        if wanted is None:
            if row is not None:
                delete_planned(row)
            return
        if row is None:
            row = part.model(**{part.parent: self.thing})
            if part.key == "id":
                # As the same row, unless it is somebody else's by now.
                is_taken = part.model._default_manager.filter(pk=key).exists()
                row.pk = None if is_taken else int(key)
            elif part.key:
                self._set(row, part.key_field, key, path)
        names = [rest[0]] if rest and rest[0] else [f.name for f in part.fields]
        for field in part.fields:
            if field.name in names:
                self._set(row, field, wanted.get(field.name), path)
        if path not in self.errors:
            self._save(row, {}, path)

    def _set(self, row: Any, field: Any, value: Any, path: str) -> bool:
        """Set a value if it can be; otherwise say why."""
        if value is not None and field.is_relation:
            return self._set_reference(row, field, value, path)
        if isinstance(field, models.FileField) and value and not field.storage.exists(value):
            self.errors[path] = [_("This file is not kept any more. Upload it again.")]
            return False
        try:
            setattr(row, field.attname, field.to_python(value) if value is not None else None)
        except ValidationError as error:
            self.errors[path] = list(error.messages)
            return False
        return True

    def _set_reference(self, row: Any, field: Any, value: Any, path: str) -> bool:
        try:
            setattr(row, field.name, field.related_model._base_manager.get(pk=value))
        except (ObjectDoesNotExist, ValueError):
            name = str(field.verbose_name)
            text = _("%(what)s: what it was then does not exist any more.")
            self.errors[path] = [text % {"what": name}]
            return False
        return True

    def _save(self, row: Any, by_name: dict[str, str], path: str) -> None:
        try:
            with transaction.atomic():
                save_planned(row)
        except ValidationError as error:
            by_field = (
                error.message_dict if hasattr(error, "error_dict") else {path: error.messages}
            )
            for name, texts in by_field.items():
                where = by_name.get(name, path if name != "__all__" else "")
                self.errors.setdefault(where, []).extend(texts)
        except IntegrityError:
            self.errors[path] = [_("Something else has taken this place meanwhile.")]
