"""Further views of a programme, beside list and grid, that other apps have pages for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from events.i18n.languages import Words
from events.models import Event


@dataclass(frozen=True)
class FurtherView:
    """Another page that shows the programme: its address and what people call it."""

    url: str
    label: Words


@dataclass(frozen=True)
class ViewOffer:
    """A page of another app that an event can choose beside its agenda.

    ``is_chosen`` makes the condition on events that did; it is asked along with the event
    (``along_with_event``), so that no page asks for it by itself. What it says changes only with
    the programme's version. ``view`` says where the page of an event is.
    """

    name: str
    is_chosen: Callable[[], Any]
    view: Callable[[Event], FurtherView]

    @property
    def noted_as(self) -> str:
        """What it is called on an event that was read with it."""
        return f"chose_{self.name}"


_offers: Final[list[ViewOffer]] = []


def register_view(offer: ViewOffer) -> None:
    """Let events choose ``offer``; from an ``AppConfig.ready``, before anything is asked."""
    if offer not in _offers:
        _offers.append(offer)


def along_with_event() -> dict[str, Any]:
    """For a query of events: which further views each of them chose."""
    return {offer.noted_as: offer.is_chosen() for offer in _offers}


def further_views(event: Event) -> list[FurtherView]:
    """The pages that this event chose, which came out of ``queries.visible_event``."""
    return [offer.view(event) for offer in _offers if getattr(event, offer.noted_as)]
