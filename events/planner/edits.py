"""Changing the plan: every edit is one transaction through the one door for writes.

An edit names the version of each session that its author has seen. When somebody else was
quicker nothing is changed (``ChangedMeanwhile``); when the event does not allow a conflict
that the edit would bring, neither (``BlockedByRules``). An edit that is sent twice, because
its first answer was lost, finds its work done and does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.contrib.admin.models import CHANGE, LogEntry
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.actions import NotAllowed, place_session
from events.changes import changes
from events.models import (
    Event,
    PlannerRules,
    PlannerStep,
    Session,
    SessionStatus,
    Track,
    User,
)
from events.planner.board import Board, PlannedSlot
from events.planner.conflicts import PlanConflict, new_blocks
from events.planner.reading import forbids_something, read_board, rules_of
from events.planner.steps import (
    PlaceChange,
    PlannedPlace,
    changes_of,
    is_turned,
    last_step,
    note_step,
    undone_step,
)


@dataclass(frozen=True)
class PlannedEdit:
    """What somebody wants of a session whose ``version`` they have seen."""

    session: int
    version: str
    place: PlannedPlace


class ChangedMeanwhile(NotAllowed):
    """Somebody else changed these sessions first; ``sessions`` are their primary keys."""

    def __init__(self, text: str, sessions: Sequence[int]) -> None:
        super().__init__(text)
        self.sessions = sessions


class BlockedByRules(NotAllowed):
    """The event does not allow these conflicts."""

    def __init__(self, found: Sequence[PlanConflict]) -> None:
        super().__init__(" ".join(dict.fromkeys(each.text for each in found)))
        self.conflicts = found


class TrackGone(NotAllowed):
    """The track that a session was to go to is none of the event's, or none any more."""


def slot_of(session: Session) -> PlannedSlot:
    """The session as the rules see it, without the people in it."""
    return PlannedSlot(
        session.pk,
        session.title,
        session.starts_at,
        session.ends_at,
        session.location,
        session.track_id,
        session.session_type,
        session.status,
    )


@changes()
def apply_edits(event: Event, user: User, edits: Sequence[PlannedEdit]) -> PlannerStep | None:
    """Do all of it or nothing; None when it is done already.

    Raises ChangedMeanwhile, BlockedByRules, and ValidationError for places that cannot be.
    """
    now = _locked(event, [edit.session for edit in edits])
    wanted = [
        edit
        for edit in edits
        if edit.session not in now or PlannedPlace.of(now[edit.session]) != edit.place
    ]
    stale = [
        edit.session
        for edit in wanted
        if edit.session not in now or slot_of(now[edit.session]).version != edit.version
    ]
    if stale:
        raise ChangedMeanwhile(_changed_words(now, stale), stale)
    if not wanted:
        return None
    done = [
        PlaceChange(edit.session, PlannedPlace.of(now[edit.session]), edit.place) for edit in wanted
    ]
    _carry_out(event, user, done, now)
    return note_step(event, user, _words(now, done), done)


@changes()
def undo(event: Event, user: User, seen: int | None = None) -> PlannerStep | None:
    """Put back what the person did last; None when there is nothing left to undo.

    ``seen``: the step that they mean; None, too, when that is undone already, as by a click whose
    answer was lost. Raises ChangedMeanwhile when a session is not where they put it any more.
    """
    step = last_step(event, user)
    if step is None or (step.pk != seen and is_turned(event, user, seen, is_undone=True)):
        return None
    return _repeat(event, user, step, [change.back for change in changes_of(step)])


@changes()
def redo(event: Event, user: User, seen: int | None = None) -> PlannerStep | None:
    """Do again what they undid last; as ``undo``."""
    step = undone_step(event, user)
    if step is None or (step.pk != seen and is_turned(event, user, seen, is_undone=False)):
        return None
    return _repeat(event, user, step, changes_of(step))


def forget_step(event: Event, user: User, *, is_undone: bool) -> None:
    """What can be neither undone nor redone does not stand before the others."""
    step = undone_step(event, user) if is_undone else last_step(event, user)
    if step:
        step.delete()


def _repeat(event: Event, user: User, step: PlannerStep, wanted: list[PlaceChange]) -> PlannerStep:
    # A conditional update: of two clicks at once the second finds nothing to turn.
    mine = PlannerStep.objects.filter(pk=step.pk, is_undone=step.is_undone)
    if not mine.update(is_undone=not step.is_undone, made_at=timezone.now()):
        return step
    now = _locked(event, [change.session for change in wanted])
    stale = [
        change.session
        for change in wanted
        if change.session not in now or PlannedPlace.of(now[change.session]) != change.before
    ]
    if stale:
        raise ChangedMeanwhile(_changed_words(now, stale), stale)
    try:
        _carry_out(event, user, wanted, now)
    except TrackGone as error:
        raise ChangedMeanwhile(str(error), [change.session for change in wanted]) from error
    return step


def check_blocks(event: Event, wanted: Iterable[PlannedSlot]) -> None:
    """Raise BlockedByRules when the event does not allow the plan with these sessions so.

    Reads the plan only where anything is forbidden at all.
    """
    rules = rules_of(event)
    if not forbids_something(rules):
        return
    before = read_board(event, rules)
    slots = [_with_people(before, slot) for slot in wanted]
    if found := new_blocks(before, before.moved(slots), {slot.pk for slot in slots}):
        raise BlockedByRules(found)


def candidate(board: Board, pk: int, place: PlannedPlace) -> Board:
    """The plan with one session in another place."""
    return board.moved([placed_at(board.slots[pk], place)])


def placed_at(slot: PlannedSlot, place: PlannedPlace) -> PlannedSlot:
    """The session in another place."""
    return replace(
        slot,
        starts_at=place.starts_at,
        ends_at=place.ends_at,
        room=place.location,
        track_id=place.track_id,
    )


def _with_people(board: Board, slot: PlannedSlot) -> PlannedSlot:
    known = board.slots.get(slot.pk)
    return replace(slot, speakers=known.speakers) if known and not slot.speakers else slot


def _locked(event: Event, pks: Sequence[int]) -> dict[int, Session]:
    """The sessions as they are now, until the commit nobody else's; always in one order.

    Where an event has rules, its edits come one after the other: of two at once neither would
    see what the other is about to bring.
    """
    list(PlannerRules.objects.select_for_update().filter(pk=event.pk))
    rows = event.sessions.select_for_update(of=("self",)).filter(pk__in=pks)
    rows = rows.exclude(status=SessionStatus.CANCELLED).select_related("event").order_by("pk")
    return {session.pk: session for session in rows}


def _carry_out(
    event: Event, user: User, wanted: list[PlaceChange], now: dict[int, Session]
) -> None:
    tracks = _tracks(event, wanted)
    slots = [placed_at(slot_of(now[change.session]), change.after) for change in wanted]
    check_blocks(event, slots)
    for change in wanted:
        after, session = change.after, now[change.session]
        place_session(
            session,
            after.starts_at,
            after.ends_at,
            location=after.location,
            track=tracks[after.track_id] if after.track_id else None,
        )
        _log(user, session, change)


def _tracks(event: Event, wanted: list[PlaceChange]) -> dict[int, Track]:
    """Raises TrackGone."""
    asked = {change.after.track_id for change in wanted if change.after.track_id}
    found = event.tracks.in_bulk(asked) if asked else {}
    if asked - found.keys():
        raise TrackGone(_("There is no such track any more. Load the planner again."))
    return found


def _log(user: User, session: Session, change: PlaceChange) -> None:
    """As the admin's own pages do, so that the session's history has it."""
    zone = session.event.zone
    before, after = (_place_words(place, zone) for place in (change.before, change.after))
    LogEntry.objects.log_actions(
        user.pk, [session], CHANGE, f"Moved from {before} to {after}.", single_object=True
    )


def _place_words(place: PlannedPlace, zone: object) -> str:
    start, end = (m.astimezone(zone) for m in (place.starts_at, place.ends_at))  # type: ignore[arg-type]
    return f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}, {place.location or 'no room'}"


def _words(now: dict[int, Session], done: list[PlaceChange]) -> str:
    """What an undo would take back."""
    if len(done) == 1:
        return _("Moved “%(session)s”") % {"session": now[done[0].session]}
    text = ngettext("Moved %(n)d session", "Moved %(n)d sessions", len(done))
    return text % {"n": len(done)}


def _changed_words(now: dict[int, Session], stale: list[int]) -> str:
    named = ", ".join(f"“{now[pk]}”" for pk in stale if pk in now)
    if not named:
        return _("Somebody has deleted or cancelled the session meanwhile. Nothing was changed.")
    return _("Somebody else has changed %(named)s meanwhile. Nothing was changed.") % {
        "named": named
    }
