"""The kinds of conflicts that a plan may have. Other apps register theirs.

An app calls ``register_kind`` from its ``AppConfig.ready``. A kind is either about something
that two sessions cannot use at the same time (``SharedKind``: a room, a person, a video), or
about one session alone (``OwnKind``). What a kind must read it reads once for the whole plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.i18n.languages import Words
from events.models import ConflictLevel
from events.moving import Times
from events.planner.board import Board, PlannedSlot, SlotThing

ThingsOf = Callable[[PlannedSlot], Iterable[SlotThing]]


@dataclass(frozen=True)
class SharedKind:
    """Something that only one session can use at a time.

    ``sentence`` has the places one, other, thing, time and minutes. With ``is_gap`` the kind is
    about the time after a session, in which the thing ``lasts``; what overlaps is no case of it.
    """

    name: str
    label: Words
    sentence: Words
    read: Callable[[Board], ThingsOf]
    is_gap: bool = False
    default: str = ConflictLevel.WARNING


@dataclass(frozen=True)
class OwnKind:
    """What can be wrong with one session, whatever the others do, in sentences."""

    name: str
    label: Words
    find: Callable[[Board, PlannedSlot], Iterator[str]]
    default: str = ConflictLevel.WARNING


AnyKind = SharedKind | OwnKind
_kinds: dict[str, AnyKind] = {}


def register_kind(kind: AnyKind) -> None:
    _kinds[kind.name] = kind


def conflict_kinds() -> list[AnyKind]:
    return list(_kinds.values())


# --- Our own ---------------------------------------------------------------------------------


def _room_of(board: Board) -> ThingsOf:
    return lambda slot: [SlotThing(slot.room, slot.room)] if slot.room else []


def _people_of(board: Board) -> ThingsOf:
    return lambda slot: [SlotThing(pk, board.people.get(pk, "")) for pk in slot.speakers]


def _room_and_pause(board: Board) -> ThingsOf:
    return lambda slot: [SlotThing(slot.room, slot.room, board.changeover)] if slot.room else []


def _room_away(board: Board, slot: PlannedSlot) -> Iterator[str]:
    if not _is_within(slot.times, board.room_hours.get(slot.room)):
        yield _("%(room)s is not available for “%(session)s”.") % {
            "room": slot.room,
            "session": slot.title,
        }


def _speaker_away(board: Board, slot: PlannedSlot) -> Iterator[str]:
    for pk in slot.speakers:
        if not _is_within(slot.times, board.speaker_hours.get(pk)):
            yield _("%(speaker)s is not available for “%(session)s”.") % {
                "speaker": board.people.get(pk, ""),
                "session": slot.title,
            }


def _outside_event(board: Board, slot: PlannedSlot) -> Iterator[str]:
    event = board.event
    if not event.starts_on <= slot.starts_at.astimezone(board.zone).date() <= event.ends_on:
        yield _("“%(session)s” is outside the days of the event.") % {"session": slot.title}


def _is_within(times: Times, hours: tuple[Times, ...] | None) -> bool:
    """Whether some hours that follow each other hold all of it; without any, all hours do."""
    if not hours:
        return True
    reached = times.starts_at
    for each in sorted(hours, key=lambda each: each.starts_at):
        if each.starts_at <= reached < each.ends_at:
            reached = each.ends_at
    return reached >= times.ends_at


_OURS: Final[tuple[AnyKind, ...]] = (
    SharedKind(
        "room_twice",
        gettext_lazy("A room twice at the same time"),
        gettext_lazy("“%(one)s” and “%(other)s” are both in %(thing)s at %(time)s."),
        _room_of,
    ),
    SharedKind(
        "speaker_twice",
        gettext_lazy("A person twice at the same time"),
        gettext_lazy("%(thing)s is in “%(one)s” and in “%(other)s” at %(time)s."),
        _people_of,
    ),
    OwnKind("room_away", gettext_lazy("A room outside its hours"), _room_away),
    OwnKind("speaker_away", gettext_lazy("A person outside their hours"), _speaker_away),
    OwnKind("outside_event", gettext_lazy("Outside the days of the event"), _outside_event),
    SharedKind(
        "changeover",
        gettext_lazy("Too short a change-over in a room"),
        gettext_lazy(
            "Only %(minutes)d min between “%(one)s” and “%(other)s” in %(thing)s, from %(time)s."
        ),
        _room_and_pause,
        is_gap=True,
    ),
)
for each in _OURS:
    register_kind(each)
