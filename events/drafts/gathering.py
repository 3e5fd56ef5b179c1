"""Where a write of a published event waits for its release instead of reaching the tables.

The tables hold what is released, so pages, feeds, mails and other apps need to know nothing of
this. ``actions.py`` asks here before each write; ``live_now`` goes past it, for what cannot wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from events.drafts.kinds import KINDS, GatheredKind, event_of, value_of, values_of
from events.history.authors import author
from events.models import (
    ChangeOf,
    Event,
    EventStatus,
    Session,
    SessionMaterial,
    SessionStatus,
    Speaker,
    Track,
    UnreleasedChange,
)
from events.team.guard import guard_deleted, guard_part, guard_session

_is_live: ContextVar[bool] = ContextVar("is_live", default=False)
_gathered: ContextVar[dict[int, Event] | None] = ContextVar("gathered", default=None)


@contextmanager
def live_now() -> Iterator[None]:
    """What is written here is public at once, and what is read is what is public."""
    before = _is_live.set(True)
    try:
        yield
    finally:
        _is_live.reset(before)


@contextmanager
def what_gathers() -> Iterator[dict[int, Event]]:
    """The events of which something is gathered here, by their keys."""
    events: dict[int, Event] = {}
    before = _gathered.set(events)
    try:
        yield events
    finally:
        _gathered.reset(before)


def is_live() -> bool:
    return _is_live.get()


def collects(event: Event) -> bool:
    """Whether changes of this event wait for a release."""
    return event.collects_changes and event.status == EventStatus.PUBLISHED


def gathers(thing: Any) -> bool:
    """Whether a write of this object is gathered, or may be in part."""
    if _is_live.get() or type(thing) not in KINDS:
        return False
    if isinstance(thing, Event):
        # What it was decides, for this very write may end it.
        asked = thing.pk and (thing.collects_changes or hasattr(thing, "draft_change"))
        kept = Event.objects.filter(pk=thing.pk, status=EventStatus.PUBLISHED)
        return bool(asked) and kept.filter(collects_changes=True).exists()
    # What shows a draft must not reach the tables by itself.
    return hasattr(thing, "draft_change") or collects(event_of(thing))


@transaction.atomic
def gather(thing: Any, fields: Sequence[str] | None = None) -> None:
    """Keep what differs from the released object until it is released; ``fields``: of these only.

    What attendees cannot see yet is saved at once. Raises ValidationError when it is gone.
    """
    kind = KINDS[type(thing)]
    _refuse_beyond_scope(kind, thing)
    if thing.pk is None or thing._state.adding:
        _gather_new(kind, thing)
    elif thing.pk < 0:
        _gather_added(kind, thing)
    else:
        _gather_changed(kind, thing, fields)
    mark_as_draft(thing)


@transaction.atomic
def gather_removal(thing: Any) -> bool:
    """Keep that this object is to be deleted; False of what attendees cannot see, to go at once."""
    kind = KINDS[type(thing)]
    _refuse_beyond_scope(kind, thing, deletes=True)
    if thing.pk < 0:
        _note(event_of(thing))
        UnreleasedChange.objects.filter(pk=-thing.pk).delete()
        return True
    if not _is_seen(kind, thing):
        _forget_waiting(kind, thing)
        return False
    released = _released(kind, thing.pk)
    if released is None:
        return True
    row = _row_of(kind, released) or _new_row(kind, released)
    row.kind = ChangeOf.DELETE
    if kind.parent:
        row.fields = {
            name: {"before": value, "after": None}
            for name, value in values_of(kind, released).items()
        }
    _keep(row)
    return True


def _refuse_beyond_scope(kind: GatheredKind, thing: Any, *, deletes: bool = False) -> None:
    """What waits meets the same last gate as what is saved, for its release asks nobody again."""
    if kind.parent == "session":
        guard_part(thing)
    elif kind.model is Session and deletes:
        guard_deleted(thing)
    elif kind.model is Session:
        guard_session(thing, raw=False, using=DEFAULT_DB_ALIAS)


def _forget_waiting(kind: GatheredKind, thing: Any) -> None:
    """What waited of an object, and of its parts, goes with it."""
    rows = UnreleasedChange.objects.filter(event=event_of(thing).pk)
    parts = [k.name for k in KINDS.values() if k.parent and _parent_of(k) is kind.model]
    rows.filter(
        models.Q(model=kind.name, object_id=thing.pk)
        | models.Q(model__in=parts, parent_id=thing.pk)
    ).delete()


def _parent_of(kind: GatheredKind) -> Any:
    return kind.field(kind.parent).related_model


def mark_as_draft(thing: Any) -> None:
    """What it says now is the draft, so a save of all of it means all of it."""
    thing.shows_draft = True


def _gather_new(kind: GatheredKind, thing: Any) -> None:
    if isinstance(thing, Session) and thing.status != SessionStatus.DRAFT:
        wanted, thing.status = thing.status, SessionStatus.DRAFT
        thing.save()
        thing.status = wanted
        _gather_changed(kind, thing, ["status"])
    elif not kind.parent or not _is_seen(kind, thing):
        thing.save()
    else:
        thing.pk = None  # It gets one with its release.
        row = _same_added(kind, thing) or _new_row(kind, thing)
        row.kind = ChangeOf.ADD
        _gather_values(kind, thing, row)


def _same_added(kind: GatheredKind, thing: Any) -> UnreleasedChange | None:
    """The same is added already, as by a form that is sent twice: the database has one at most."""
    rows = UnreleasedChange.objects.select_for_update().filter(
        event=event_of(thing).pk,
        model=kind.name,
        kind=ChangeOf.ADD,
        parent_id=kind.owner_id(thing),
    )
    values = values_of(kind, thing)
    keys = [set(names) - {kind.parent} for names in _unique_together(kind)]
    keys = [names for names in keys if names <= values.keys()] or [set(kind.fields)]
    for row in rows:
        kept = {name: value["after"] for name, value in row.fields.items()}
        if any(all(kept.get(name) == values[name] for name in names) for names in keys):
            return row
    return None


def _unique_together(kind: GatheredKind) -> list[Sequence[str]]:
    """Which fields tell its rows apart, where the database says so."""
    unique = [c for c in kind.model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    return [c.fields for c in unique if c.fields and c.condition is None]


def _gather_added(kind: GatheredKind, thing: Any) -> None:
    row = UnreleasedChange.objects.select_for_update().filter(pk=-thing.pk).first()
    if row is None:
        raise ValidationError(_("“%(name)s” was discarded meanwhile.") % {"name": thing})
    _gather_values(kind, thing, row)


def _gather_values(kind: GatheredKind, thing: Any, row: UnreleasedChange) -> None:
    _store_files(kind, thing)
    row.fields = {
        name: {"before": None, "after": value} for name, value in values_of(kind, thing).items()
    }
    row.label = str(thing)[:300]
    _keep(row)
    thing.pk = -row.pk
    thing._state.adding = False


def _gather_changed(kind: GatheredKind, thing: Any, fields: Sequence[str] | None) -> None:
    released: Any = _released(kind, thing.pk)
    if released is None:
        raise ValidationError(_("“%(name)s” was deleted meanwhile.") % {"name": thing})
    _store_files(kind, thing)
    if hasattr(thing, "slug") and not thing.slug:
        thing.slug = released.slug
    waits = _waiting_fields(kind, released)
    _save_live(thing, released, fields, waits)
    asked = waits if fields is None else [name for name in waits if name in fields]
    row = _row_of(kind, released)
    if not asked and row is None:
        return
    row = row or _new_row(kind, released)
    if row.kind == ChangeOf.DELETE and kind.parent:
        row.fields = {}
    # What does not wait any more was saved just now, and is no change of what is public.
    is_asked = set(kind.fields if fields is None else fields)
    for name in is_asked - set(waits):
        row.fields.pop(name, None)
    row.kind = ChangeOf.CHANGE
    is_whole = fields is not None or getattr(thing, "shows_draft", False)
    for name in asked:
        _merge(row, name, value_of(kind, released, name), value_of(kind, thing, name), is_whole)
    _keep(row)


def _merge(row: UnreleasedChange, name: str, before: Any, after: Any, is_whole: bool) -> None:
    """``before`` stays what it was when somebody first changed the field: see release.py."""
    if after != before:
        row.fields.setdefault(name, {"before": before})["after"] = after
    elif is_whole:
        row.fields.pop(name, None)


def _waiting_fields(kind: GatheredKind, released: Any) -> list[str]:
    """Of a session that nobody sees only its publication waits; of what is in none, nothing."""
    if _is_seen(kind, released):
        return list(kind.fields)
    return ["status"] if kind.model is Session else []


def _save_live(
    thing: Any, released: Any, fields: Sequence[str] | None, waits: Sequence[str]
) -> None:
    """Write what does not wait, of that only what differs."""
    meta = thing._meta
    asked = [f for f in meta.concrete_fields if fields is None or f.name in fields]
    own = [f for f in asked if not f.primary_key and f.name not in waits and not _is_stamp(f)]
    changed = [f.name for f in own if getattr(thing, f.attname) != getattr(released, f.attname)]
    if changed:
        stamps = [f.name for f in meta.concrete_fields if getattr(f, "auto_now", False)]
        thing.save(update_fields=[*changed, *stamps])


def _is_stamp(field: Any) -> bool:
    return bool(getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))


def _is_seen(kind: GatheredKind, thing: Any) -> bool:
    """Whether attendees see the object, as the tables say."""
    if kind.model is Session or kind.parent == "session":
        pk = thing.pk if kind.model is Session else thing.session_id
        seen = Session.objects.filter(pk=pk)
    elif kind.model is Speaker or kind.parent == "speaker":
        pk = thing.pk if kind.model is Speaker else thing.speaker_id
        seen = Session.objects.filter(speakers=pk)
    elif kind.model is Track:
        seen = Session.objects.filter(track=thing.pk)
    else:
        return True
    return seen.exclude(status=SessionStatus.DRAFT).exists()


def _store_files(kind: GatheredKind, thing: Any) -> None:
    """A file lies in the storage from now on; the sweep knows that it is kept."""
    if isinstance(thing, SessionMaterial):
        thing.note_file()
    for name in kind.fields:
        field = kind.field(name)
        if isinstance(field, models.FileField):
            field.pre_save(thing, add=False)


def _released(kind: GatheredKind, pk: int) -> Any:
    """The object as the tables have it, until the commit nobody else's."""
    return kind.model._base_manager.select_for_update().filter(pk=pk).first()


def _row_of(kind: GatheredKind, released: Any) -> UnreleasedChange | None:
    rows = UnreleasedChange.objects.select_for_update()
    return rows.filter(event=event_of(released).pk, model=kind.name, object_id=released.pk).first()


def _new_row(kind: GatheredKind, thing: Any) -> UnreleasedChange:
    return UnreleasedChange(
        event=event_of(thing),
        model=kind.name,
        object_id=thing.pk,
        parent_id=kind.owner_id(thing),
        label=str(thing)[:300],
    )


def _keep(row: UnreleasedChange) -> None:
    """Save it, or forget it when nothing differs any more."""
    _note(row.event)
    if not row.fields and row.kind == ChangeOf.CHANGE:
        if row.pk:
            row.delete()
        return
    row.changed_by_id, row.changed_at = author().actor(), timezone.now()
    row.save()


def _note(event: Event) -> None:
    events = _gathered.get()
    if events is not None:
        events[event.pk] = event
