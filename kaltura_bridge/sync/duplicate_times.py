"""A session's times stand twice at Kaltura: in its calendar event and in its entry's metadata.

Players and rooms follow the first, Kaltura's own event pages (KMS and KAF) show the second.
When the two differ, people see two programmes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kaltura_bridge.fields import EVENT_PAGE, field_that_adopts
from kaltura_bridge.specs import Identity, Kind, key_for


@dataclass(frozen=True)
class DuplicateTime:
    """One moment that Kaltura holds twice, differently; both in Unix seconds, as text."""

    name: str
    calendar: str
    page: str


def duplicate_times(
    uuid: object, held: Mapping[Identity, Mapping[str, str]]
) -> list[DuplicateTime]:
    """Moments of a session on which its two places at Kaltura disagree. Pure.

    ``held``: fields as Kaltura has them, by identity. What stands in one place
    only has no duplicate.
    """
    calendar = held.get((Kind.SCHEDULE_EVENT, key_for(uuid)), {})
    page = held.get((Kind.METADATA, f"{key_for(uuid)}/{EVENT_PAGE}"), {})
    both = []
    for attribute in ("starts_at", "ends_at"):
        here = field_that_adopts(Kind.SCHEDULE_EVENT, attribute)
        there = field_that_adopts(Kind.METADATA, attribute)
        both.append((here.label, calendar.get(here.name), page.get(there.name)))
    return [DuplicateTime(name, a, b) for name, a, b in both if a and b and a != b]


def duplicate_times_label(times: Sequence[DuplicateTime]) -> str:
    """Such as: start differs between calendar and event page."""
    names = " and ".join(time.name for time in times)
    return f"{names} {'differ' if len(times) > 1 else 'differs'} between calendar and event page"
