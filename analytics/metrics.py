"""What attendance means, in numbers. Pure: no database, no clock, no network.

All moments are aware datetimes. All metrics of one session refer to its *window*, from
doors-open to the end of the overrun. Whatever lies outside (a rehearsal, a room left
open overnight) does not count.

The order in which stays arrive changes no metric.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from typing import Final

CENT: Final = Decimal("0.01")
TENTH: Final = Decimal("0.1")
# Exact integers and decimals throughout: floats would make the same stays add up to
# different minutes in another order.
_MICROSECONDS_A_MINUTE: Final = 60_000_000
_MICROSECOND: Final = timedelta(microseconds=1)
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, order=True)
class Interval:
    """A span of time from ``start`` to ``end``. Never backwards; may be empty."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"An interval cannot end at {self.end}, before {self.start}.")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def clipped_to(self, other: Interval) -> Interval | None:
        """The part inside ``other``; None when they do not touch at all."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start, end) if start <= end else None


@dataclass(frozen=True)
class StayTimes:
    """When one person joined and left. ``left`` is None when the source reported no leaving.

    ``known_until`` is the last moment the person is known to have been there when
    ``left`` is missing: the end of the room's run, or else the moment of the pull.
    ``source`` is who reported it.
    """

    joined: datetime
    left: datetime | None
    known_until: datetime
    attention: Decimal | None = None
    source: str = ""

    @property
    def joining(self) -> tuple[str, datetime, datetime, bool]:
        """What tells this joining from another: who reported it, from when, to when."""
        return self.source, self.joined, self.left or self.known_until, self.left is None

    @property
    def interval(self) -> Interval:
        """From joining to leaving, or for as long as is known."""
        end = self.known_until if self.left is None else self.left
        return Interval(self.joined, max(end, self.joined))


@dataclass(frozen=True)
class WatchTotals:
    """How long one person watched, as a report sums it up: minutes without times."""

    live_minutes: Decimal
    recording_minutes: Decimal
    engaged: Decimal | None = None


@dataclass(frozen=True)
class Schedule:
    """When a session was planned to run, and the window in which presence counts."""

    planned: Interval
    window: Interval


@dataclass(frozen=True)
class AttendanceMetrics:
    """One person's attendance of one session.

    What each field means is defined by the function that fills it: metrics_from_stays or
    metrics_from_totals.
    """

    attended: bool
    first_joined: datetime | None
    last_left: datetime | None
    present_from: datetime | None
    present_until: datetime | None
    join_count: int | None
    minutes_present: Decimal
    scheduled_minutes: Decimal
    scheduled_percent: Decimal
    open_interval: bool
    attention_percent: Decimal | None
    live_minutes: Decimal | None
    recording_minutes: Decimal | None


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time covered once: sorted, without overlaps; touching ones are joined."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if merged and interval.start <= merged[-1].end:
            end = max(merged[-1].end, interval.end)
            merged[-1] = Interval(merged[-1].start, end)
        else:
            merged.append(interval)
    return merged


def clipped(intervals: Iterable[Interval], window: Interval) -> list[Interval]:
    """The parts of ``intervals`` inside ``window``; those outside it are dropped."""
    return [part for interval in intervals if (part := interval.clipped_to(window))]


def length_of(intervals: Iterable[Interval]) -> timedelta:
    """The sum of their lengths, overlaps counted as often as they occur."""
    return sum((interval.length for interval in intervals), timedelta())


def minutes_of(length: timedelta) -> Decimal:
    """A length in minutes with two decimals, halves rounded up."""
    exact = Decimal(length // _MICROSECOND) / _MICROSECONDS_A_MINUTE
    return exact.quantize(CENT, ROUND_HALF_UP)


def percent_of(part: timedelta, whole: timedelta) -> Decimal:
    """``part`` of ``whole`` in percent with one decimal, 0 to 100."""
    if not whole:
        return Decimal("0.0")
    exact = Decimal(100 * (part // _MICROSECOND)) / (whole // _MICROSECOND)
    return min(exact, Decimal(100)).quantize(TENTH, ROUND_HALF_UP)


def average_attention(stays: Iterable[StayTimes], window: Interval) -> Decimal | None:
    """Average attention in percent, each stay weighted by its length inside the window.

    Stays without a reported attention do not count; None when no other is left. A stay
    that a source reports twice counts once. Lengths are taken in whole milliseconds.
    """
    weight, total = 0, Decimal(0)
    for stay in {(stay.joining, stay.attention): stay for stay in stays}.values():
        part = stay.interval.clipped_to(window)
        if stay.attention is None or part is None:
            continue
        length = part.length // _MILLISECOND
        weight += length
        total += stay.attention * length
    return (total / weight).quantize(TENTH, ROUND_HALF_UP) if weight else None


def join_count_of(stays: Iterable[StayTimes]) -> int:
    """How often somebody joined, as the source that saw most of it reports.

    A stay that a source reports twice is one, and two sources see the same joining.
    """
    by_source = Counter(source for source, *_ in {stay.joining for stay in stays})
    return max(by_source.values(), default=0)


def metrics_from_stays(
    stays: Sequence[StayTimes], schedule: Schedule, totals: WatchTotals | None = None
) -> AttendanceMetrics:
    """The metrics of someone whose times of joining and leaving are known.

    - ``minutes_present``: length of the union of the stays, clipped to the window; two
      devices at once count once. ``attended``: whether that is more than zero.
    - ``scheduled_minutes``: the part of that union between the planned start and end;
      ``scheduled_percent``: the same in percent of the planned length.
    - ``present_from``, ``present_until``: where that union begins and ends.
    - ``join_count``: stays that touch the window, before any merging; see join_count_of.
    - ``first_joined``, ``last_left``: as reported, of the stays that touch the window;
      not clipped, and no ``last_left`` while one of them is open.
    - ``open_interval``: one of those stays has no reported leaving, so minutes and percent
      are what is known so far.
    - ``attention_percent``: see average_attention.
    - live and recording minutes come from the report, where there is one.
    """
    inside = [s for s in stays if s.interval.clipped_to(schedule.window) is not None]
    present = union(clipped((s.interval for s in inside), schedule.window))
    in_plan = clipped(present, schedule.planned)
    is_open = any(stay.left is None for stay in inside)
    leavings = [stay.left for stay in inside if stay.left is not None]
    return AttendanceMetrics(
        attended=bool(length_of(present)),
        first_joined=min((stay.joined for stay in inside), default=None),
        last_left=None if is_open else max(leavings, default=None),
        present_from=present[0].start if present else None,
        present_until=present[-1].end if present else None,
        join_count=join_count_of(inside),
        minutes_present=minutes_of(length_of(present)),
        scheduled_minutes=minutes_of(length_of(in_plan)),
        scheduled_percent=percent_of(length_of(in_plan), schedule.planned.length),
        open_interval=is_open,
        attention_percent=average_attention(inside, schedule.window),
        live_minutes=totals.live_minutes.quantize(CENT, ROUND_HALF_UP) if totals else None,
        recording_minutes=(
            totals.recording_minutes.quantize(CENT, ROUND_HALF_UP) if totals else None
        ),
    )


def metrics_from_totals(totals: WatchTotals, schedule: Schedule) -> AttendanceMetrics:
    """The metrics of someone for whom only sums are known.

    - ``minutes_present``: the live minutes, at most the length of the window. The
      recording does not count: watching it later is not being there.
    - ``scheduled_minutes``, ``scheduled_percent``: those minutes, at most the planned
      length, and in percent of it. The report does not say when they were, so this is the
      upper bound.
    - ``attention_percent``: the report's engagement, of live minutes only.
    - no times, no ``join_count``: the report has none.
    """
    minutes = min(totals.live_minutes, _exact_minutes(schedule.window.length))
    whole = _exact_minutes(schedule.planned.length)
    percent = min(100 * minutes / whole, Decimal(100)) if whole else Decimal(0)
    engaged = totals.engaged if totals.live_minutes else None
    return AttendanceMetrics(
        attended=minutes > 0,
        first_joined=None,
        last_left=None,
        present_from=None,
        present_until=None,
        join_count=None,
        minutes_present=minutes.quantize(CENT, ROUND_HALF_UP),
        scheduled_minutes=min(minutes, whole).quantize(CENT, ROUND_HALF_UP),
        scheduled_percent=percent.quantize(TENTH, ROUND_HALF_UP),
        open_interval=False,
        attention_percent=None if engaged is None else engaged.quantize(TENTH, ROUND_HALF_UP),
        live_minutes=totals.live_minutes.quantize(CENT, ROUND_HALF_UP),
        recording_minutes=totals.recording_minutes.quantize(CENT, ROUND_HALF_UP),
    )


def _exact_minutes(length: timedelta) -> Decimal:
    return Decimal(length // _MICROSECOND) / _MICROSECONDS_A_MINUTE


@dataclass(frozen=True)
class Headcount:
    """How many people were present from ``at`` until the next headcount."""

    at: datetime
    present: int


def headcounts(people: Mapping[str, Iterable[Interval]], window: Interval) -> list[Headcount]:
    """How many people were present at each moment of the window, as steps.

    A person is counted once, however many of their stays overlap. Someone who leaves
    at the moment another joins is never counted together with them. Empty when nobody
    was there; else the first headcount is at the window's start.
    """
    steps: dict[datetime, int] = {}
    for intervals in people.values():
        for part in union(clipped(intervals, window)):
            if part.length:
                # Sums per moment: who leaves and who joins at the same one cancel out.
                steps[part.start] = steps.get(part.start, 0) + 1
                steps[part.end] = steps.get(part.end, 0) - 1
    if not steps:
        return []
    steps.setdefault(window.start, 0)
    moments = sorted(steps)
    counts = accumulate(steps[moment] for moment in moments)
    return [Headcount(at, present) for at, present in zip(moments, counts, strict=True)]


def peak_of(counts: Sequence[Headcount]) -> Headcount | None:
    """The first moment with the most people; None when nobody came."""
    return max(counts, key=lambda count: count.present, default=None)


def sampled(counts: Sequence[Headcount], window: Interval, step: timedelta) -> list[Headcount]:
    """The most people present in each ``step`` of the window: what charts and tables show.

    The greatest sample is always the true peak.
    """
    if not counts:
        return []
    ends = [count.at for count in counts[1:]] + [window.end]
    spans = list(zip(counts, ends, strict=True))
    samples, index, start = [], 0, window.start
    while start < window.end:
        end = min(start + step, window.end)
        most = 0
        # Spans are in order: move on only past those that end within this step.
        while index < len(spans) and spans[index][0].at < end:
            most = max(most, spans[index][0].present)
            if spans[index][1] > end:
                break
            index += 1
        samples.append(Headcount(start, most))
        start = end
    return samples


def chart_step(window: Interval, at_most: int = 90) -> timedelta:
    """A round step that cuts the window into no more than ``at_most`` pieces."""
    minutes = (1, 2, 5, 10, 15, 30, 60, 120, 240)
    for step in minutes:
        if window.length <= timedelta(minutes=step * at_most):
            return timedelta(minutes=step)
    return timedelta(days=1)


def needed_minutes(planned: Decimal, percent: int, grace: int) -> Decimal:
    """How long somebody must be there: this share of the planned minutes, less the grace; exact.

    Whoever was not there at all has not reached it, however much grace there is.
    """
    return max(planned * percent / 100 - grace, Decimal(0))
