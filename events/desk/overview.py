"""The first page of an event's workspace: how it stands, and what comes next.

Other apps add a panel with ``register_panel``; it gets the person and the event, asks a few
queries however many sessions there are, and answers None to whom it shows nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.desk.needs import Urgency
from events.i18n.languages import Words
from events.models import Event, Registration, Session, SessionStatus, WaitingListEntry

_NEXT: Final = 6


@dataclass(frozen=True)
class PanelCount:
    """A number with its words; ``url`` leads to what was counted."""

    number: int | str
    label: Words
    url: str = ""
    urgency: Urgency | None = None


@dataclass(frozen=True)
class OverviewPanel:
    """Numbers about one part of the event, with a sentence where one helps."""

    title: Words
    counts: list[PanelCount] = field(default_factory=list)
    note: Words = ""
    url: str = ""


FindPanel = Callable[[Any, Event], OverviewPanel | None]
_panels: list[FindPanel] = []


def register_panel(find: FindPanel) -> None:
    """Ask ``find`` whenever somebody opens the overview of an event."""
    if find not in _panels:
        _panels.append(find)


def panels_of(user: Any, event: Event) -> Iterator[OverviewPanel]:
    for find in (session_panel, registration_panel, *_panels):
        if (panel := find(user, event)) is not None:
            yield panel


def session_panel(user: Any, event: Event) -> OverviewPanel:
    """How many sessions there are, by status."""
    counted: dict[str, int] = dict(
        event.sessions.order_by().values_list("status").annotate(number=Count("pk"))
    )
    listed = f"{reverse('admin:events_session_changelist')}?event={event.pk}"
    counts = [
        PanelCount(counted[status], SessionStatus(status).label, f"{listed}&status={status}")
        for status in SessionStatus.values
        if counted.get(status)
    ]
    note = "" if counts else gettext_lazy("No sessions yet.")
    return OverviewPanel(gettext_lazy("Sessions"), counts, note, listed)


def registration_panel(user: Any, event: Event) -> OverviewPanel | None:
    """How many people come and how many wait, for those who see them."""
    if not user.has_perm("events.view_registration", event):
        return None
    people = Registration.objects.filter(event=event).aggregate(
        here=Count("pk", filter=Q(withdrawn_at=None)),
        gone=Count("pk", filter=Q(withdrawn_at__isnull=False)),
    )
    waiting = WaitingListEntry.objects.filter(event=event).count()
    listed = f"{reverse('admin:events_registration_changelist')}?event={event.pk}"
    counts = [PanelCount(people["here"], gettext_lazy("registered"), listed)]
    if event.capacity is not None:
        counts.append(PanelCount(event.capacity, gettext_lazy("places")))
    if waiting:
        url = f"{reverse('admin:events_waitinglistentry_changelist')}?event={event.pk}"
        counts.append(PanelCount(waiting, gettext_lazy("waiting"), url, Urgency.SOON))
    if people["gone"]:
        counts.append(PanelCount(people["gone"], gettext_lazy("withdrawn")))
    note = "" if event.registration_open else _("Registration is closed.")
    return OverviewPanel(gettext_lazy("Registrations"), counts, note, listed)


def next_sessions(event: Event) -> list[Session]:
    """Those that are on, and the next to begin."""
    ahead = event.sessions.exclude(status=SessionStatus.CANCELLED).filter(
        ends_at__gt=timezone.now()
    )
    return list(ahead.select_related("track").order_by("starts_at", "title")[:_NEXT])
