"""What those who help at the door, and those who produce, may read of an event's people.

Events may show attendance without names, or as groups only (``analytics.privacy``); then nobody
reads more here either. Apps above this one say so by registering their rules when they start:
this is the one place where pages below them ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from events.models import Event

NamesPeople = Callable[[Event], bool]
#: A number of an event's people as it may be told; None: it is too small to be told.
ShowCount = Callable[[int], int | None]
#: The rule of each of these events, by its primary key; whoever has none tells all.
RulesOfEvents = Callable[[Iterable[Event]], Mapping[int, ShowCount]]

_asked: list[NamesPeople] = []
_rules: list[RulesOfEvents] = []


def register(names_people: NamesPeople) -> None:
    """Ask this of every event whose entrances somebody wants to read."""
    if names_people not in _asked:
        _asked.append(names_people)


def tells_entrances(event: Event) -> bool:
    """Whether entrances at this event may be shown by name."""
    return all(names_people(event) for names_people in _asked)


def register_rules(rules: RulesOfEvents) -> None:
    """Tell numbers of people only as these have it."""
    if rules not in _rules:
        _rules.append(rules)


def count_rules_of(events: Iterable[Event]) -> dict[int, ShowCount]:
    """How each of these events tells a number of its people, by its primary key."""
    asked = list(events)
    every = [rules(asked) for rules in _rules]
    return {event.pk: _all_of([r[event.pk] for r in every if event.pk in r]) for event in asked}


def tells_groups_only(rule: ShowCount) -> bool:
    """Whether single people are kept back, so that no number may tell of one."""
    return rule(1) is None


def _all_of(rules: list[ShowCount]) -> ShowCount:
    def told(count: int) -> int | None:
        shown: int | None = count
        for rule in rules:
            shown = None if shown is None else rule(shown)
        return shown

    return told
