"""What is in the way in a plan, and in a plan as it would be. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from events.models import ConflictLevel
from events.planner.board import Board, PlannedSlot, SlotThing
from events.planner.kinds import AnyKind, OwnKind, SharedKind, conflict_kinds

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class PlanConflict:
    """One thing that does not go together; ``other`` is the second session, where there is one."""

    kind: str
    level: str
    session: int
    other: int | None
    about: Hashable
    text: str

    @property
    def is_block(self) -> bool:
        return self.level == ConflictLevel.BLOCK

    @property
    def identity(self) -> tuple[str, frozenset[int | None], Hashable]:
        """The same while the same sessions are in each other's way by the same thing."""
        return self.kind, frozenset({self.session, self.other}), self.about


def conflicts(board: Board, about: Collection[int] | None = None) -> list[PlanConflict]:
    """All of the plan, or of the sessions in question; what is not allowed comes first."""
    found: list[PlanConflict] = []
    for kind in conflict_kinds():
        level = board.levels.get(kind.name, kind.default)
        if level != ConflictLevel.OFF:
            found += _of_kind(board, kind, level, about)
    order = {slot.pk: number for number, slot in enumerate(board.placed)}
    return sorted(found, key=lambda each: (not each.is_block, order[each.session]))


def new_blocks(before: Board, after: Board, about: Collection[int]) -> list[PlanConflict]:
    """What is not allowed, and was not so already: a step out of one conflict is never refused."""
    known = {each.identity for each in conflicts(before, about) if each.is_block}
    found = (each for each in conflicts(after, about) if each.is_block)
    return [each for each in found if each.identity not in known]


def has_blocks(levels: Iterable[str]) -> bool:
    """Whether anything at all is not allowed."""
    defaults = (kind.default for kind in conflict_kinds())
    return ConflictLevel.BLOCK in {*levels, *defaults}


def _of_kind(
    board: Board, kind: AnyKind, level: str, about: Collection[int] | None
) -> Iterator[PlanConflict]:
    if isinstance(kind, SharedKind):
        yield from _shared(board, kind, level, about)
    else:
        yield from _own(board, kind, level, about)


def _own(
    board: Board, kind: OwnKind, level: str, about: Collection[int] | None
) -> Iterator[PlanConflict]:
    for slot in board.placed:
        if about is None or slot.pk in about:
            for text in kind.find(board, slot):
                yield PlanConflict(kind.name, level, slot.pk, None, text, text)


def _shared(
    board: Board, kind: SharedKind, level: str, about: Collection[int] | None
) -> Iterator[PlanConflict]:
    for users in _users(board, kind, about):
        for number, (one, thing) in enumerate(users):
            for other, _ in users[number + 1 :]:
                if other.starts_at >= one.ends_at + thing.lasts:
                    break  # In order of time: whoever comes later is free as well.
                is_asked = about is None or one.pk in about or other.pk in about
                if is_asked and one.overlaps(other) != kind.is_gap:
                    text = _sentence(board, kind, thing, one, other)
                    yield PlanConflict(kind.name, level, one.pk, other.pk, thing.key, text)


def _users(
    board: Board, kind: SharedKind, about: Collection[int] | None
) -> list[list[tuple[PlannedSlot, SlotThing]]]:
    """Who uses each thing, in order of time; only things that those in question use."""
    by_key: dict[Hashable, list[tuple[PlannedSlot, SlotThing]]] = defaultdict(list)
    things_of = board.things[kind.name]
    for slot in board.placed:
        for thing in things_of(slot):
            by_key[thing.key].append((slot, thing))
    found = [users for users in by_key.values() if len(users) > 1]
    if about is None:
        return found
    return [users for users in found if any(slot.pk in about for slot, _ in users)]


def _sentence(
    board: Board, kind: SharedKind, thing: SlotThing, one: PlannedSlot, other: PlannedSlot
) -> str:
    begins = min(one.ends_at, other.starts_at) if kind.is_gap else other.starts_at
    return str(kind.sentence) % {
        "one": one.title,
        "other": other.title,
        "thing": thing.name,
        "time": f"{begins.astimezone(board.zone):%H:%M}",
        "minutes": max(other.starts_at - one.ends_at, timedelta()) // _MINUTE,
    }
