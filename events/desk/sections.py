"""The parts of an event's workspace, and the pages in them; other apps add theirs.

An app calls ``register_page`` from its ``AppConfig.ready``:

    register_page(
        WorkspacePage(
            Section.ON_AIR,
            _("Control room"),
            page_of("admin:kaltura_bridge_control_room"),
            "events.run_session",
            own=("kaltura_bridge_control_",),
        )
    )

Whoever lacks the permission for an event is not shown the page there. ``own`` are beginnings of
URL names: of all pages, the one with the longest such beginning is where the person is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.i18n.languages import Words
from events.models import Event

AddressOf = Callable[[Event], str]


class Section(StrEnum):
    """In the order in which they stand on the page."""

    OVERVIEW = "overview"
    AGENDA = "agenda"
    SESSIONS = "sessions"
    PEOPLE = "people"
    REGISTRATIONS = "registrations"
    ON_AIR = "on_air"
    IN_SYNC = "in_sync"
    ATTENDANCE = "attendance"
    SETTINGS = "settings"

    @property
    def label(self) -> Words:
        return _LABELS[self]


_LABELS: Final[dict[Section, Words]] = {
    Section.OVERVIEW: _("Overview"),
    Section.AGENDA: _("Agenda"),
    Section.SESSIONS: _("Sessions"),
    Section.PEOPLE: _("People"),
    Section.REGISTRATIONS: _("Registrations"),
    Section.ON_AIR: pgettext_lazy("part of an event's workspace", "On air"),
    Section.IN_SYNC: _("In sync"),
    Section.ATTENDANCE: _("Attendance"),
    Section.SETTINGS: _("Settings"),
}


@dataclass(frozen=True)
class WorkspacePage:
    """A page about one event; ``own`` are beginnings of the URL names that belong to it."""

    section: Section
    label: Words
    address: AddressOf
    permission: str
    own: tuple[str, ...]

    def fits(self, url_name: str) -> int:
        """How closely a URL name belongs here: 0 for not at all."""
        return max((len(start) for start in self.own if url_name.startswith(start)), default=0)


def page_of(url_name: str) -> AddressOf:
    """The address of a page that takes the event's primary key."""
    return lambda event: reverse(url_name, args=[event.pk])


def list_of(url_name: str, parameter: str = "event", field: str = "pk") -> AddressOf:
    """The address of a list, narrowed to the event."""

    def address(event: Event) -> str:
        return f"{reverse(url_name)}?{urlencode({parameter: str(getattr(event, field))})}"

    return address


_pages: list[WorkspacePage] = []


def register_page(page: WorkspacePage) -> None:
    """Show the page in the workspace of every event, after those of its section before it."""
    if page not in _pages:
        _pages.append(page)


def all_pages() -> tuple[WorkspacePage, ...]:
    """Those of any event, whoever asks."""
    return tuple(_pages)


def pages_for(user: Any, event: Event) -> list[WorkspacePage]:
    """Those that this person may open of this event, by section."""
    order = list(Section)
    found = [page for page in _pages if user.has_perm(page.permission, event)]
    return sorted(found, key=lambda page: order.index(page.section))


def page_at(url_name: str) -> WorkspacePage | None:
    """The page that a URL name belongs to, whoever asks."""
    best = max(_pages, key=lambda page: page.fits(url_name), default=None)
    return best if best is not None and best.fits(url_name) else None
