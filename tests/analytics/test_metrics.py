from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from analytics.metrics import (
    AttendanceMetrics,
    Headcount,
    Interval,
    Schedule,
    StayTimes,
    WatchTotals,
    average_attention,
    chart_step,
    clipped,
    headcounts,
    length_of,
    metrics_from_stays,
    metrics_from_totals,
    minutes_of,
    peak_of,
    sampled,
    union,
)

NINE = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)


def at(minute: float) -> datetime:
    """Minutes after nine."""
    return NINE + timedelta(minutes=minute)


def span(start: float, end: float) -> Interval:
    return Interval(at(start), at(end))


def stay(
    joined: float, left: float | None, known_until: float = 0, attention: str = ""
) -> StayTimes:
    return StayTimes(
        at(joined),
        None if left is None else at(left),
        at(known_until),
        Decimal(attention) if attention else None,
    )


# Doors at 8:45, planned 9:00 to 9:45, overrun until 10:15.
SCHEDULE = Schedule(planned=span(0, 45), window=span(-15, 75))

_minutes = st.integers(-120, 240)
intervals = st.builds(lambda a, b: span(min(a, b), max(a, b)), _minutes, _minutes)
stays = st.builds(
    lambda a, b, is_open, attention: StayTimes(
        at(min(a, b)), None if is_open else at(max(a, b)), at(max(a, b)), attention
    ),
    _minutes,
    _minutes,
    st.booleans(),
    st.one_of(st.none(), st.decimals(0, 100, places=2)),
)
windows = st.builds(lambda a, length: span(a, a + length), _minutes, st.integers(1, 300))


def test_presence_of_overlapping_rejoins_counts_once():
    figures = metrics_from_stays(
        [stay(-30, 10, attention="50"), stay(5, 20, attention="80"), stay(30, 200)], SCHEDULE
    )

    assert figures == AttendanceMetrics(
        attended=True,
        first_joined=at(-30),
        last_left=at(200),
        present_from=at(-15),
        present_until=at(75),
        join_count=3,
        # 8:45-9:20 and 9:30-10:15 of the window; 9:00-9:20 and 9:30-9:45 of the plan.
        minutes_present=Decimal("80.00"),
        scheduled_minutes=Decimal("35.00"),
        scheduled_percent=Decimal("77.8"),
        open_interval=False,
        # 25 minutes at 50, 15 at 80; the last stay says nothing.
        attention_percent=Decimal("61.3"),
        live_minutes=None,
        recording_minutes=None,
    )


def test_presence_without_a_leaving_lasts_as_long_as_is_known():
    figures = metrics_from_stays([stay(0, 5), stay(10, None, known_until=40)], SCHEDULE)

    assert figures == AttendanceMetrics(
        attended=True,
        first_joined=at(0),
        last_left=None,
        present_from=at(0),
        present_until=at(40),
        join_count=2,
        minutes_present=Decimal("35.00"),
        scheduled_minutes=Decimal("35.00"),
        scheduled_percent=Decimal("77.8"),
        open_interval=True,
        attention_percent=None,
        live_minutes=None,
        recording_minutes=None,
    )


def test_presence_outside_the_window_is_no_attendance():
    figures = metrics_from_stays([stay(-90, -20), stay(80, None, known_until=100)], SCHEDULE)

    assert figures == AttendanceMetrics(
        attended=False,
        first_joined=None,
        last_left=None,
        present_from=None,
        present_until=None,
        join_count=0,
        minutes_present=Decimal("0.00"),
        scheduled_minutes=Decimal("0.00"),
        scheduled_percent=Decimal("0.0"),
        open_interval=False,
        attention_percent=None,
        live_minutes=None,
        recording_minutes=None,
    )


def test_totals_alone_give_minutes_but_no_times():
    figures = metrics_from_totals(
        WatchTotals(Decimal("30.5"), Decimal("4.0049"), engaged=Decimal("81.50")), SCHEDULE
    )

    assert figures == AttendanceMetrics(
        attended=True,
        first_joined=None,
        last_left=None,
        present_from=None,
        present_until=None,
        join_count=None,
        minutes_present=Decimal("30.50"),
        scheduled_minutes=Decimal("30.50"),
        scheduled_percent=Decimal("67.8"),
        open_interval=False,
        attention_percent=Decimal("81.5"),
        live_minutes=Decimal("30.50"),
        recording_minutes=Decimal("4.00"),
    )


def test_totals_are_capped_at_the_window_and_the_recording_is_no_presence():
    long = metrics_from_totals(WatchTotals(Decimal(500), Decimal(0)), SCHEDULE)
    later = metrics_from_totals(WatchTotals(Decimal(0), Decimal(45), engaged=Decimal(0)), SCHEDULE)

    assert (long.minutes_present, long.scheduled_percent, long.live_minutes) == (
        Decimal("90.00"),
        Decimal("100.0"),
        Decimal("500.00"),
    )
    assert (later.attended, later.minutes_present, later.attention_percent) == (
        False,
        Decimal("0.00"),
        None,
    )


def test_intervals_win_over_totals():
    figures = metrics_from_stays([stay(0, 20)], SCHEDULE, WatchTotals(Decimal(44), Decimal(3)))

    assert (figures.minutes_present, figures.live_minutes, figures.recording_minutes) == (
        Decimal("20.00"),
        Decimal("44.00"),
        Decimal("3.00"),
    )


def test_minutes_round_halves_up():
    assert minutes_of(timedelta(seconds=1498)) == Decimal("24.97")
    assert minutes_of(timedelta(milliseconds=300)) == Decimal("0.01")


@given(st.lists(intervals), windows)
def test_union_never_exceeds_the_window_or_the_sum(items, window):
    inside = clipped(items, window)
    length = length_of(union(inside))

    assert length <= window.length
    assert length <= length_of(inside) <= length_of(items)
    assert length >= max((part.length for part in inside), default=timedelta())


@given(st.lists(intervals))
def test_union_covers_the_same_minutes_once(items):
    merged = union(items)
    moments = [at(minute + 0.5) for minute in range(-120, 240)]

    def covered(spans: list[Interval]) -> list[bool]:
        return [any(s.start <= moment < s.end for s in spans) for moment in moments]

    assert covered(merged) == covered(items)
    assert all(a.end < b.start for a, b in pairwise(merged))
    assert union(merged) == merged


@given(st.lists(stays), st.randoms())
def test_figures_do_not_depend_on_the_order_of_stays(items, random: Random):
    shuffled = list(items)
    random.shuffle(shuffled)

    assert metrics_from_stays(shuffled, SCHEDULE) == metrics_from_stays(items, SCHEDULE)


@given(st.lists(stays))
def test_figures_stay_within_their_bounds(items):
    figures = metrics_from_stays(items, SCHEDULE)

    assert 0 <= figures.minutes_present <= 90
    assert 0 <= figures.scheduled_percent <= 100
    assert figures.attention_percent is None or 0 <= figures.attention_percent <= 100
    assert figures.attended == (figures.minutes_present > 0)
    assert figures.join_count <= len(items)


@given(st.lists(stays, min_size=1))
def test_attention_lies_between_the_least_and_the_most(items):
    average = average_attention(items, SCHEDULE.window)
    known = [item.attention for item in items if item.attention is not None]

    tenth = Decimal("0.05")
    assert average is None or min(known) - tenth <= average <= max(known) + tenth


def test_concurrency_counts_people_not_stays():
    counts = headcounts(
        {"ann": [span(0, 20), span(10, 30)], "ben": [span(30, 60)], "cy": [span(15, 40)]},
        SCHEDULE.window,
    )

    assert counts == [
        Headcount(at(-15), 0),
        Headcount(at(0), 1),
        Headcount(at(15), 2),
        Headcount(at(30), 2),
        Headcount(at(40), 1),
        Headcount(at(60), 0),
    ]
    assert peak_of(counts) == Headcount(at(15), 2)


def test_concurrency_of_nobody_is_empty():
    assert headcounts({"ann": [span(80, 90)]}, SCHEDULE.window) == []
    assert peak_of([]) is None
    assert sampled([], SCHEDULE.window, timedelta(minutes=5)) == []


def test_samples_show_the_most_people_of_each_step():
    counts = headcounts({"ann": [span(1, 2)], "ben": [span(7, 12)]}, span(0, 15))

    assert sampled(counts, span(0, 15), timedelta(minutes=5)) == [
        Headcount(at(0), 1),
        Headcount(at(5), 1),
        Headcount(at(10), 1),
    ]


@given(st.dictionaries(st.text(max_size=3), st.lists(intervals, max_size=5)), windows)
def test_the_greatest_sample_is_the_true_peak(people, window):
    counts = headcounts(people, window)
    samples = sampled(counts, window, chart_step(window))
    peak = peak_of(counts)

    assert max((sample.present for sample in samples), default=0) == (peak.present if peak else 0)
    assert all(0 <= level.present <= len(people) for level in counts)
    assert len(samples) <= 90


@given(st.lists(intervals), windows)
def test_concurrency_of_one_person_adds_up_to_their_presence(items, window):
    counts = headcounts({"ann": items}, window)
    spans = zip(counts, [*counts[1:], Headcount(window.end, 0)], strict=False)

    present = sum((end.at - level.at for level, end in spans if level.present), timedelta())
    assert present == length_of(union(clipped(items, window)))
