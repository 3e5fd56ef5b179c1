"""What a search is, what it finds, and who is asked.

An app adds what it knows with ``register_source`` from its ``AppConfig.ready``. A source gets
the search with the events that the person is in the team of, asks a few queries however many
events there are, and answers only with what this person may open: nothing else is counted or
named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Concat, StrIndex

from events.agenda.filters import folded
from events.desk.search.folding import Folded
from events.i18n.languages import Words
from events.permissions import STAFF, roles_of

SHORTEST: Final = 2
LONGEST: Final = 100
_MOST_WORDS: Final = 6
#: So many of each kind are shown.
MOST: Final = 8


@dataclass(frozen=True)
class SearchResult:
    """One thing that was found: its name, where it is, and what tells it from others."""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class ResultGroup:
    """Results of one kind, the best first."""

    label: Words
    results: list[SearchResult]


@dataclass
class DeskSearch:
    """What somebody looks for, and whose events they may find something of."""

    user: Any
    text: str

    @cached_property
    def words(self) -> list[str]:
        return folded(self.text).split()[:_MOST_WORDS]

    @cached_property
    def uuid(self) -> UUID | None:
        """The id that was pasted, if it is one."""
        try:
            return UUID(self.text.strip())
        except ValueError:
            return None

    @property
    def is_askable(self) -> bool:
        return sum(map(len, self.words)) >= SHORTEST

    def within(
        self, rows: QuerySet[Any], path: str, roles: frozenset[str] = STAFF
    ) -> QuerySet[Any]:
        """The rows of events where the person has one of these roles; all for superusers.

        ``path`` leads from a row to its event. The roles are read once for each page.
        """
        if self.user.is_superuser:
            return rows
        mine = [pk for pk, role in roles_of(self.user).items() if role in roles]
        return rows.filter(**{f"{path}__in" if path else "pk__in": mine})

    def matching(self, rows: QuerySet[Any], *names: str, also: Q | None = None) -> QuerySet[Any]:
        """The rows with all words in these columns, those that begin with the text first."""
        parts: list[Any] = [F(names[0])]
        for name in names[1:]:
            parts += [Value(" "), F(name)]
        whole: Any = Concat(*parts, output_field=CharField()) if len(parts) > 1 else parts[0]
        rows = rows.annotate(searched=Folded(whole))
        asked = Q()
        for word in self.words:
            asked &= Q(searched__contains=word)
        found = rows.filter(asked | also if also is not None else asked)
        placed: QuerySet[Any] = found.annotate(found_at=StrIndex("searched", Value(self.words[0])))
        return placed


FindResults = Callable[[DeskSearch], Iterable[SearchResult]]
_sources: list[tuple[Words, FindResults]] = []


def register_source(label: Words, find: FindResults) -> None:
    """Ask ``find`` at every search; its results stand under ``label``."""
    if (label, find) not in _sources:
        _sources.append((label, find))


def found_by(user: Any, text: str) -> list[ResultGroup]:
    """All that this person finds, by kind; kinds with nothing are left out."""
    search = DeskSearch(user, text[:LONGEST])
    if not search.is_askable:
        return []
    groups = [ResultGroup(label, list(islice(find(search), MOST))) for label, find in _sources]
    return [group for group in groups if group.results]
