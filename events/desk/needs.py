"""What needs somebody: one line each on the admin's first page, one click from its mend.

Apps say what they know of with ``register`` from their ``AppConfig.ready``; each is asked once,
with a few queries, however many events there are, and answers only with what this person may see
to. Nobody is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from events.models import EventStatus, MailState, OutgoingMail, WaitingListEntry
from events.permissions import PLANNERS, events_for_team

#: Of one kind so many events are named.
MOST: Final = 5
_MAILS_FOR: Final = timedelta(days=7)


class Urgency(StrEnum):
    """How soon somebody has to see to it; the most urgent come first."""

    NOW = "now"
    SOON = "soon"
    CALM = "calm"  # good to know

    @property
    def icon(self) -> str:
        """Beside the colour."""
        return {Urgency.NOW: "✗", Urgency.SOON: "…", Urgency.CALM: "✓"}[self]


@dataclass(frozen=True)
class Need:
    """One line: what it is, and where it is seen to. ``about`` is the event's title."""

    urgency: Urgency
    text: str
    url: str
    about: str = ""


FindNeeds = Callable[[Any], Iterable[Need]]
_sources: list[FindNeeds] = []


def register(source: FindNeeds) -> None:
    """Ask ``source`` whenever somebody opens the admin's first page."""
    if source not in _sources:
        _sources.append(source)


def needs_of(user: Any) -> list[Need]:
    """All that needs this person, the most urgent first."""
    found = [
        need for source in (*_sources, people_who_wait, mails_that_failed) for need in source(user)
    ]
    order = list(Urgency)
    return sorted(found, key=lambda need: order.index(need.urgency))


def people_who_wait(user: Any) -> Iterator[Need]:
    """Those on the waiting lists of events that are not over."""
    mine = events_for_team(user, PLANNERS).order_by().values("pk")
    rows = WaitingListEntry.objects.filter(
        event__in=mine, event__ends_on__gte=timezone.now().date() - timedelta(days=1)
    ).exclude(event__status=EventStatus.CANCELLED)
    url = reverse("admin:events_waitinglistentry_changelist")
    for pk, title, number in _by_event(rows):
        text = ngettext("%(n)d person waits for a place", "%(n)d people wait for a place", number)
        yield Need(Urgency.SOON, text % {"n": number}, f"{url}?event={pk}", title)


def mails_that_failed(user: Any) -> Iterator[Need]:
    """Mails of the last week that never left, or came back at once."""
    mine = events_for_team(user, PLANNERS).order_by().values("pk")
    rows = OutgoingMail.objects.filter(
        event__in=mine, state=MailState.FAILED, created_at__gt=timezone.now() - _MAILS_FOR
    )
    url = reverse("admin:events_outgoingmail_changelist")
    for pk, title, number in _by_event(rows):
        text = ngettext(
            "%(n)d mail could not be delivered", "%(n)d mails could not be delivered", number
        )
        where = f"{url}?event={pk}&state__exact={MailState.FAILED}"
        yield Need(Urgency.SOON, text % {"n": number}, where, title)


def _by_event(rows: Any) -> list[tuple[int, str, int]]:
    counted = rows.order_by().values_list("event", "event__title").annotate(number=Count("pk"))
    return list(counted.order_by("-number", "event__title")[:MOST])
