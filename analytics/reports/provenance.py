"""Which sources say that somebody was there, moment by moment. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from analytics.metrics import CENT, Interval, StayTimes
from analytics.models import Source

_ORDER = {source.value: place for place, source in enumerate(Source)}


@dataclass(frozen=True)
class SourcedSpan:
    """A time through which the same sources say that somebody was there."""

    start: datetime
    end: datetime
    sources: tuple[str, ...]

    @property
    def minutes(self) -> Decimal:
        """Its length, with two decimals."""
        seconds = Decimal(str((self.end - self.start).total_seconds()))
        return (seconds / 60).quantize(CENT)

    @property
    def label(self) -> str:
        """The sources in words, those whom several say with + between."""
        return " + ".join(str(Source(source).label) for source in self.sources)


def sourced_spans(stays: Iterable[StayTimes], window: Interval) -> list[SourcedSpan]:
    """Somebody's time inside the window in order, split where another set of sources begins.

    Together they are the union of the stays: no moment is in two of them.
    """
    spans: list[SourcedSpan] = []
    for start, end, sources in _pieces(stays, window):
        last = spans[-1] if spans else None
        if last and (last.end, last.sources) == (start, sources):
            start = spans.pop().start
        spans.append(SourcedSpan(start, end, sources))
    return spans


def _pieces(
    stays: Iterable[StayTimes], window: Interval
) -> Iterator[tuple[datetime, datetime, tuple[str, ...]]]:
    """The time between each two moments at which anybody's word begins or ends."""
    moments: dict[datetime, list[tuple[str, int]]] = {}
    for stay in stays:
        interval = stay.interval
        start, end = max(interval.start, window.start), min(interval.end, window.end)
        if start < end:
            moments.setdefault(start, []).append((stay.source, 1))
            moments.setdefault(end, []).append((stay.source, -1))
    there: Counter[str] = Counter()
    before: datetime | None = None
    for moment in sorted(moments):
        if before is not None and (sources := _saying(there)):
            yield before, moment, sources
        for source, change in moments[moment]:
            there[source] += change
        before = moment


def _saying(there: Counter[str]) -> tuple[str, ...]:
    """The sources with anybody there, in the order in which files name them."""
    found = (source for source, number in there.items() if number > 0)
    return tuple(sorted(found, key=lambda source: _ORDER[source]))
