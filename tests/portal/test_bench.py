"""How the benches take figures and print them; what they measure is their own affair."""

from __future__ import annotations

import subprocess
import sys

from tests.bench.figures import SPREAD, Column, Row, Spread, Table, timed

COUNTED = (Column("queries"), Column("ms", 1))


def a_table() -> Table:
    table = Table("Page", "in this process", COUNTED)
    table.rows = [Row("small", (7, 10.04)), Row("large", (None, 12345.678))]
    table.add_ratio("ratio", table.rows[1], table.rows[0])
    return table


def test_table_prints_aligned_columns_and_ratios():
    assert a_table().lines() == [
        "Page: in this process.",
        "         queries        ms",
        "  small        7      10.0",
        "  large           12,345.7",
        "  ratio           1229.65x",
    ]


def test_table_as_json_keeps_the_figures_as_they_were_measured():
    assert a_table().as_json() == {
        "topic": "Page",
        "measured": "in this process",
        "rows": [
            {"name": "small", "is_ratio": False, "queries": 7, "ms": 10.04},
            {"name": "large", "is_ratio": False, "queries": None, "ms": 12345.678},
            {"name": "ratio", "is_ratio": True, "queries": None, "ms": 12345.678 / 10.04},
        ],
    }


def test_timed_does_not_count_the_warm_up():
    calls = []

    took = timed(lambda: calls.append(1), runs=5, warm_up=2)

    assert (len(calls), len(took.seconds), len(took.cpu_s)) == (7, 5, 5)


def test_spread_gives_median_least_and_cpu_in_milliseconds():
    assert Spread((0.5, 0.25, 2.0), (0.125, 0.25, 0.25)).ms == (500.0, 250.0, 250.0)
    assert [column.name for column in SPREAD] == ["ms", "least", "CPU ms"]


def test_bench_names_the_topics_there_are():
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "lunch"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        "python -m tests.bench: error: there is no topic 'lunch'; "
        "there are agenda, planner, import, sync, join, export, attendance, simulator, web and waiting",
    )
