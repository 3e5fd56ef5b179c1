"""Objects as their managers mean them: what is released, with what is not released laid over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models

from events.drafts.gathering import collects, is_live, mark_as_draft
from events.drafts.kinds import BY_NAME, KINDS, GatheredKind, event_of, put_value
from events.models import (
    ChangeOf,
    Event,
    EventStatus,
    Session,
    SessionSpeaker,
    Speaker,
    UnreleasedChange,
)


def overlay(things: Sequence[Any]) -> None:
    """Lay what is not released over objects of one model, in a query or two, however many.

    ``draft_change`` of each that has any is the change.
    """
    if is_live() or not things or type(things[0]) not in KINDS:
        return
    kind = KINDS[type(things[0])]
    if not any(collects(event_of(thing)) for thing in things):
        return
    rows = UnreleasedChange.objects.filter(
        model=kind.name,
        object_id__in=[thing.pk for thing in things],
        event__collects_changes=True,
        event__status=EventStatus.PUBLISHED,
    )
    overlay_rows(kind, things, {row.object_id: row for row in rows})
    for thing in things:
        mark_as_draft(thing)


def overlay_rows(
    kind: GatheredKind, things: Iterable[Any], rows: dict[int | None, UnreleasedChange]
) -> None:
    """The same, of changes that were read already."""
    changed = [thing for thing in things if thing.pk in rows]
    for thing in changed:
        row = rows[thing.pk]
        thing.draft_change = row
        if row.kind != ChangeOf.DELETE:
            for name, values in row.fields.items():
                put_value(kind, thing, name, values["after"])
    for thing, name in fill_relations(kind, changed):
        # Nothing can be shown of what is gone; the page of what waits says so.
        put_value(kind, thing, name, thing.draft_change.fields[name]["before"])


def fill_relations(kind: GatheredKind, things: Sequence[Any]) -> list[tuple[Any, str]]:
    """What the laid-over keys lead to, in one query for each kind of key.

    Returns the keys that lead nowhere any more, by the thing and the name of the field.
    """
    lost = []
    for name in kind.fields:
        field = kind.field(name)
        if field.is_relation:
            missing = [thing for thing in things if not field.is_cached(thing)]
            pks = {getattr(thing, field.attname) for thing in missing} - {None}
            found = field.related_model._base_manager.in_bulk(pks) if pks else {}
            for thing in missing:
                if target := found.get(getattr(thing, field.attname)):
                    setattr(thing, name, target)
                elif getattr(thing, field.attname) is not None:
                    lost.append((thing, name))
    return lost


def overlay_parts(model: type[models.Model], parent: Any, rows: list[Any]) -> list[Any]:
    """The parts of an object as they are meant: changed, without the deleted, with the added.

    One that is yet to be added has the negated key of its change as its own.
    """
    if is_live() or model not in KINDS or not collects(event_of(parent)):
        return rows
    kind = KINDS[model]
    if not kind.parent:
        overlay(rows)
        return [row for row in rows if not is_going(row)]
    found: dict[bool, list[UnreleasedChange]] = defaultdict(list)
    mine = UnreleasedChange.objects.filter(model=kind.name, parent_id=parent.pk)
    for change in mine.filter(event=event_of(parent).pk):
        found[change.kind == ChangeOf.ADD].append(change)
    by_pk = {change.object_id: change for change in found[False]}
    overlay_rows(kind, rows, by_pk)
    gone = {pk for pk, change in by_pk.items() if change.kind == ChangeOf.DELETE}
    parts = [row for row in rows if row.pk not in gone]
    added = [added_part(kind, parent, change) for change in found[True]]
    lost = {id(part) for part, _name in fill_relations(kind, added)}
    parts += [part for part in added if id(part) not in lost]
    for part in parts:
        mark_as_draft(part)
    return parts


def is_going(thing: Any) -> bool:
    """Whether it is to be deleted with a release."""
    change = getattr(thing, "draft_change", None)
    return change is not None and change.kind == ChangeOf.DELETE


def added_part(kind: GatheredKind, parent: Any, change: UnreleasedChange) -> Any:
    """What is yet to be added, as an object."""
    part = kind.model(**{kind.parent: parent})
    for name, values in change.fields.items():
        put_value(kind, part, name, values["after"])
    part.pk = -change.pk
    part._state.adding = False
    part.draft_change = change  # type: ignore[attr-defined]
    return part


def overlay_board(
    event: Event, sessions: dict[int, dict[str, Any]], stage: list[dict[str, Any]]
) -> tuple[dict[int, dict[str, Any]], list[dict[str, Any]]]:
    """The rows of a plan as they are meant: sessions by their key, and who is on stage."""
    if is_live() or not collects(event):
        return sessions, stage
    seats: dict[int, dict[str, Any]] = {row["pk"]: row for row in stage}
    by_kind: dict[GatheredKind, dict[int, dict[str, Any]]] = {
        KINDS[Session]: sessions,
        KINDS[SessionSpeaker]: seats,
    }
    rows = UnreleasedChange.objects.filter(event=event.pk)
    for change in rows.filter(model__in=[kind.name for kind in by_kind]):
        kind = BY_NAME[change.model]
        _overlay_row(kind, by_kind[kind], change)
    _name_people(seats)
    _leave_gone_tracks(event, sessions)
    return sessions, sorted(
        seats.values(), key=lambda row: (row["position"], row["pk"] < 0, abs(row["pk"]))
    )


def _overlay_row(
    kind: GatheredKind, rows: dict[int, dict[str, Any]], change: UnreleasedChange
) -> None:
    pk = -change.pk if change.object_id is None else change.object_id
    if change.kind == ChangeOf.DELETE:
        rows.pop(pk, None)
        return
    if change.kind == ChangeOf.ADD:
        rows[pk] = {"pk": pk, f"{kind.parent}_id": change.parent_id}
    if row := rows.get(pk):
        for name, values in change.fields.items():
            field = kind.field(name)
            if change.kind == ChangeOf.ADD or field.attname in row:
                after = values["after"]
                row[field.attname] = after if field.is_relation else field.to_python(after)


def _name_people(seats: dict[int, dict[str, Any]]) -> None:
    """Who came to a stage without being released."""
    known = {row["speaker_id"]: row["speaker__name"] for row in seats.values() if row["pk"] > 0}
    missing = {row["speaker_id"] for row in seats.values()} - known.keys()
    names = Speaker.objects.filter(pk__in=missing).values_list("pk", "name") if missing else ()
    known |= dict(names)
    for pk, row in list(seats.items()):
        if row["speaker_id"] in known:
            row["speaker__name"] = known[row["speaker_id"]]
        else:  # deleted meanwhile
            del seats[pk]


def _leave_gone_tracks(event: Event, sessions: dict[int, dict[str, Any]]) -> None:
    there = set(event.tracks.values_list("pk", flat=True))
    for row in sessions.values():
        if row["track_id"] not in there:
            row["track_id"] = None
