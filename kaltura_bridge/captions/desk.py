"""The list of an event's captions for those who plan it: each session, what it has, what is on
order. Narrowed by words and state, and read a page at a time at a constant number of queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

from django.db.models import Case, Exists, F, OuterRef, QuerySet, When
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from events.characters import clean_line
from events.i18n.languages import Words
from events.models import Event, Session
from kaltura_bridge.models import (
    CaptionOrder,
    CaptionTrack,
    OrderState,
    Recording,
    RecordingStatus,
)
from kaltura_bridge.models.captions import FREE_STATES, ORDER_ENDS

PAGE: Final = 25
LONGEST_WORDS: Final = 100
_FAILED: Final = (OrderState.REFUSED, OrderState.ERROR, OrderState.REJECTED)


class CaptionFilter(StrEnum):
    """Which sessions the list shows."""

    ALL = "all"
    ATTENTION = "attention"
    ORDERED = "ordered"
    HIDDEN = "hidden"
    SHOWN = "shown"
    NOTHING = "nothing"

    @property
    def label(self) -> Words:
        return _LABELS[self]


_LABELS: Final[Mapping[CaptionFilter, Words]] = {
    CaptionFilter.ALL: _("All sessions"),
    CaptionFilter.ATTENTION: _("Orders that need somebody"),
    CaptionFilter.ORDERED: _("On order"),
    CaptionFilter.HIDDEN: _("Captions hidden from viewers"),
    CaptionFilter.SHOWN: _("Captions that viewers see"),
    CaptionFilter.NOTHING: _("Recordings without captions"),
}


@dataclass(frozen=True)
class CaptionSearch:
    """What somebody looks for in the list."""

    shown: CaptionFilter
    words: str
    page: str

    @classmethod
    def of(cls, asked: QueryDict) -> CaptionSearch:
        """As an address says it; what makes no sense there is left out."""
        shown, page = asked.get("show", ""), asked.get("page", "")
        return cls(
            CaptionFilter(shown) if shown in set(CaptionFilter) else CaptionFilter.ALL,
            clean_line(asked.get("q", ""))[:LONGEST_WORDS],
            page if page.isascii() and page.isdigit() and len(page) < 9 else "",
        )

    @property
    def filters(self) -> str:
        """For an address, without the page."""
        about = {"show": "" if self.shown is CaptionFilter.ALL else self.shown, "q": self.words}
        return urlencode({name: value for name, value in about.items() if value})

    @property
    def query(self) -> str:
        """For an address, with the page."""
        page = urlencode({"page": self.page}) if self.page else ""
        return "&".join(part for part in (self.filters, page) if part)


@dataclass
class CaptionLine:
    """A session in the list."""

    session: Session
    tracks: list[CaptionTrack] = field(default_factory=list)
    orders: list[CaptionOrder] = field(default_factory=list)


def sessions_for(event: Event, search: CaptionSearch, now: datetime) -> QuerySet[Session]:
    """The sessions of a search: what has begun, the latest first; then what is next."""
    sessions = Session.objects.filter(event=event).select_related("event")
    if search.words:
        sessions = sessions.filter(title__icontains=search.words)
    ahead = Case(When(starts_at__gt=now, then=F("starts_at")))
    ordered = ahead.asc(nulls_first=True)
    return _narrowed(sessions, search.shown).order_by(ordered, "-starts_at", "title", "pk")


def _narrowed(sessions: QuerySet[Session], shown: CaptionFilter) -> QuerySet[Session]:
    orders = CaptionOrder.objects.filter(session=OuterRef("pk"))
    tracks = CaptionTrack.objects.filter(transcript__session=OuterRef("pk"))
    match shown:
        case CaptionFilter.ATTENTION:
            waits = orders.filter(state__in=[OrderState.HELD, OrderState.MODERATION])
            failed = orders.filter(~Exists(_of_order()), state__in=_FAILED)
            return sessions.filter(Exists(waits) | Exists(failed))
        case CaptionFilter.ORDERED:
            return sessions.filter(Exists(orders.exclude(state__in=[*ORDER_ENDS, OrderState.HELD])))
        case CaptionFilter.HIDDEN:
            return sessions.filter(Exists(tracks.exclude(CaptionTrack.readable())))
        case CaptionFilter.SHOWN:
            return sessions.filter(Exists(tracks.filter(CaptionTrack.readable())))
        case CaptionFilter.NOTHING:
            ready = Recording.objects.filter(session=OuterRef("pk"), state=RecordingStatus.READY)
            return sessions.filter(Exists(ready)).exclude(Exists(tracks))
        case _:
            return sessions


def _of_order() -> QuerySet[CaptionTrack]:
    """Captions that are there though an order of them failed, as those of another order."""
    return CaptionTrack.objects.filter(
        transcript__session=OuterRef("session"),
        transcript__entry_id=OuterRef("entry_id"),
        language__startswith=OuterRef("language"),
    )


def lines_for(sessions: Iterable[Session]) -> list[CaptionLine]:
    """The lines of these sessions: two queries, however many they are."""
    lines = {session.pk: CaptionLine(session) for session in sessions}
    tracks = CaptionTrack.objects.filter(transcript__session__in=lines)
    for track in tracks.defer("cues", "words").select_related("transcript"):
        lines[track.transcript.session_id].tracks.append(track)
    for order in CaptionOrder.objects.filter(session__in=lines).select_related(
        "rule", "ordered_by", "replaced_by"
    ):
        line = lines[order.session_id or 0]
        order.session = line.session
        line.orders.append(order)
    return list(lines.values())


# --- What it costs -------------------------------------------------------------------


def costs_of(event: Event) -> tuple[Decimal, Mapping[int | None, Decimal]]:
    """What the orders of an event cost, as far as it is known: all of them, and by rule."""
    orders = CaptionOrder.objects.filter(event=event, price__isnull=False)
    paid = orders.exclude(state__in=[*FREE_STATES, OrderState.HELD]).order_by()
    by_rule: dict[int | None, Decimal] = {}
    for rule, price in paid.values_list("rule", "price"):
        by_rule[rule] = by_rule.get(rule, Decimal(0)) + (price or Decimal(0))
    return sum(by_rule.values(), Decimal(0)), by_rule
