"""What an event's report is narrowed to: a track, a day, a type of session, by its address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from events.i18n.dates import in_letters
from events.models import Session

NO_TRACK: Final = "-"


def _track_of(session: Session) -> str:
    return NO_TRACK if session.track is None else session.track.slug


def _track_name(session: Session) -> str:
    return _("No track") if session.track is None else session.track.name


def _day_of(session: Session) -> str:
    return session.starts_at.astimezone(session.event.zone).date().isoformat()


def _day_name(session: Session) -> str:
    return in_letters(session.starts_at.astimezone(session.event.zone).date(), "D d M Y")


def _type_of(session: Session) -> str:
    return session.session_type


def _type_name(session: Session) -> str:
    return session.get_session_type_display()


# Name in the address -> a session's value of it, and what that is called.
FACETS: Final[Mapping[str, tuple[Callable[[Session], str], Callable[[Session], str]]]] = {
    "track": (_track_of, _track_name),
    "day": (_day_of, _day_name),
    "type": (_type_of, _type_name),
}


@dataclass(frozen=True)
class FilterLink:
    """One choice: what it is called, how many sessions it has, and the address that makes it."""

    label: str
    count: int
    query: str
    chosen: bool


@dataclass(frozen=True)
class FilterGroup:
    """The choices of one facet; the first is all of them."""

    label: str
    links: Sequence[FilterLink]


@dataclass(frozen=True)
class ReportFilters:
    """The chosen value of each facet that has one. What an event does not have is dropped."""

    chosen: Mapping[str, str]

    @property
    def query(self) -> str:
        """For an address: empty, or with its question mark."""
        return f"?{urlencode(self.chosen)}" if self.chosen else ""

    @property
    def print_query(self) -> str:
        """The same for the page that is printed."""
        return f"?{urlencode({**self.chosen, 'print': '1'})}"

    def takes(self, session: Session) -> bool:
        """Whether the session is among what was chosen."""
        return all(FACETS[name][0](session) == value for name, value in self.chosen.items())

    def without(self, name: str, value: str = "") -> ReportFilters:
        """The same with another value of one facet, or none."""
        rest = {key: kept for key, kept in self.chosen.items() if key != name}
        return ReportFilters({**rest, name: value} if value else rest)


def requested(asked: Mapping[str, str], sessions: Iterable[Session]) -> ReportFilters:
    """What the address asks for, as far as these sessions have it."""
    wanted = {name: asked[name] for name in FACETS if asked.get(name)}
    return ReportFilters(
        {
            name: value
            for name, value in wanted.items()
            if any(FACETS[name][0](each) == value for each in sessions)
        }
    )


def groups_of(filters: ReportFilters, sessions: Sequence[Session]) -> list[FilterGroup]:
    """The links of each facet that has more than one value, with what each would show."""
    titles = {"track": _("Track"), "day": _("Day"), "type": _("Type")}
    groups = []
    for name, (value_of, name_of) in FACETS.items():
        # Names are written once a value: there may be hundreds of sessions.
        values = [value_of(session) for session in sessions]
        of_value = dict(zip(values, sessions, strict=True))
        if len(of_value) < 2:
            continue
        others = filters.without(name)
        taken = map(others.takes, sessions) if others.chosen else repeat(True)
        counts = Counter(value for value, is_taken in zip(values, taken, strict=False) if is_taken)
        links = [_link(others, _("All"), counts.total(), name not in filters.chosen)]
        named = [(value, name_of(of_value[value]), count) for value, count in counts.items()]
        for value, label, count in sorted(named, key=_in_order(name)):
            chosen = filters.chosen.get(name) == value
            links.append(_link(others.without(name, value), label, count, chosen))
        groups.append(FilterGroup(titles[name], links))
    return groups


def _link(filters: ReportFilters, label: str, count: int, chosen: bool) -> FilterLink:
    return FilterLink(label, count, filters.query or "?", chosen)


def _in_order(name: str) -> Callable[[tuple[str, str, int]], str]:
    """Days as they follow each other, everything else by its name."""
    return (lambda each: each[0]) if name == "day" else (lambda each: each[1].casefold())
