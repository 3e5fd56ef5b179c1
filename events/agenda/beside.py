"""Further views of a programme, beside list and grid, that other apps have pages for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from events.i18n.languages import Words
from events.models import Event


@dataclass(frozen=True)
class FurtherView:
    """Another page that shows the programme: its address and what people call it."""

    url: str
    label: Words


FindView = Callable[[Event], FurtherView | None]
_finders: Final[list[FindView]] = []


def register_view(find: FindView) -> None:
    """Let ``find`` say which page of another app an event chose beside its agenda.

    What it says changes only with the programme's version.
    """
    if find not in _finders:
        _finders.append(find)


def further_views(event: Event) -> list[FurtherView]:
    """The pages that this event chose."""
    return [view for find in _finders if (view := find(event))]
