from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.charts.axes import HEIGHT, WIDTH, count_steps, round_up, time_ticks
from analytics.charts.curves import chart_of
from analytics.metrics import Headcount, Interval, Schedule

NINE = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)
STEP = timedelta(minutes=30)


def span(start: float, end: float) -> Interval:
    return Interval(NINE + timedelta(minutes=start), NINE + timedelta(minutes=end))


def test_chart_draws_steps_from_edge_to_edge():
    schedule = Schedule(planned=span(0, 60), window=span(0, 60))
    chart = chart_of(
        [Headcount(NINE, 1), Headcount(NINE + STEP, 2)],
        schedule.window,
        ZoneInfo("UTC"),
        STEP,
        schedule,
    )
    (total,) = chart.series

    # 44 left of it, 24 right of it, 18 above, 30 below.
    assert total.line == "M44.0 124.0 L390.0 124.0 L390.0 18.0 L736.0 18.0"
    assert total.area == f"{total.line} L736.0 230 L44.0 230 Z"
    assert [(tick.at, tick.label) for tick in chart.marks] == [(44.0, "Start"), (736.0, "End")]
    assert [tick.label for tick in chart.y_ticks] == ["0", "1", "2"]


def test_chart_of_nobody_is_none():
    assert chart_of([], span(0, 60), ZoneInfo("UTC"), STEP) is None


def test_times_are_round_in_the_zone_of_the_event():
    ticks = time_ticks(span(0, 90), ZoneInfo("Asia/Kolkata"))

    assert [tick.label for tick in ticks] == [
        "14:30",
        "14:45",
        "15:00",
        "15:15",
        "15:30",
        "15:45",
        "16:00",
    ]


@pytest.mark.parametrize(
    ("number", "rounded", "steps"),
    [
        (0, 1, [0, 1]),
        (1, 1, [0, 1]),
        (3, 4, [0, 1, 2, 3, 4]),
        (7, 10, [0, 2, 4, 6, 8, 10]),
        (57, 100, [0, 25, 50, 75, 100]),
        (50, 50, [0, 10, 20, 30, 40, 50]),
        (101, 200, [0, 50, 100, 150, 200]),
    ],
)
def test_counts_end_at_a_round_number(number, rounded, steps):
    assert (round_up(number), count_steps(rounded)) == (rounded, steps)


@given(
    st.lists(st.integers(0, 100_000), min_size=1, max_size=90),
    st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns", "Europe/Berlin"]),
)
def test_charts_stay_inside_their_frame(counts, zone):
    window = span(0, len(counts) * 30)
    samples = [Headcount(NINE + STEP * n, count) for n, count in enumerate(counts)]
    chart = chart_of(samples, window, ZoneInfo(zone), STEP, Schedule(window, window))

    points = [part.split() for part in chart.series[0].line[1:].split(" L")]
    assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in points)
    assert all(0 <= tick.at <= WIDTH for tick in chart.x_ticks)
    assert len(chart.y_ticks) <= 6
