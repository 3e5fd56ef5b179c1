"""A chart's drawing and the lines of its table, as HTML.

Not a template: a curve of an event's tracks has hundreds of cells, and each tag of a template
costs more than the text that it writes. Numbers are written as SVG reads them, in no language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from analytics.charts.axes import Tick
from analytics.charts.shapes import Bar, Chart, ChartTable, Series, Words


def drawing_of(chart: Chart) -> SafeString:
    """Axes, bars, lines and marks: what stands in the ``svg`` behind its title."""
    pieces = [
        *(_level(tick, chart) for tick in chart.y_ticks),
        *(_text("chart-time", tick.at, chart.bottom, 'dy="18"', tick) for tick in chart.x_ticks),
        *(_at_left(tick, chart) for tick in chart.names),
        *map(_bar, chart.bars),
        *map(_line, chart.series),
        *(_mark(tick, chart) for tick in chart.marks),
    ]
    return mark_safe("\n".join(pieces))  # noqa: S308  (what people typed is escaped)


def lines_of(table: ChartTable) -> SafeString:
    """The lines of the table, each with its first cell as heading."""
    return mark_safe("\n".join(map(_row, table.rows)))  # noqa: S308  (each cell is escaped)


def _level(tick: Tick, chart: Chart) -> str:
    line = (
        f'<line class="chart-grid" x1="{chart.left}" x2="{chart.right}" '
        f'y1="{tick.at}" y2="{tick.at}"/>'
    )
    return line + _at_left(tick, chart)


def _at_left(tick: Tick, chart: Chart) -> str:
    return _text("chart-count", chart.left, tick.at, 'dx="-8" dy="4"', tick)


def _text(kind: str, x: float, y: float, shift: str, tick: Tick) -> str:
    label = escape(tick.label)
    return f'<text class="chart-label {kind}" x="{x}" y="{y}" {shift}>{label}</text>'


def _bar(bar: Bar) -> str:
    drawn = (
        f'<rect class="chart-bar" x="{bar.x}" y="{bar.y}" width="{bar.width}" '
        f'height="{bar.height}"><title>{escape(bar.label)}</title></rect>'
    )
    if not bar.text:
        return drawn
    return (
        f'{drawn}<text class="chart-label" x="{bar.end}" y="{bar.middle}" dx="6" dy="4">'
        f"{escape(bar.text)}</text>"
    )


def _line(series: Series) -> str:
    area = f'<path class="chart-area" d="{series.area}"/>' if series.area else ""
    return f'{area}<path class="chart-line chart-line-{series.number}" d="{series.line}"/>'


def _mark(tick: Tick, chart: Chart) -> str:
    line = (
        f'<line class="chart-plan" x1="{tick.at}" x2="{tick.at}" '
        f'y1="{chart.top}" y2="{chart.bottom}"/>'
    )
    return line + _text("chart-mark", tick.at, chart.top, 'dy="-6"', tick)


def _row(cells: Sequence[Words | int]) -> str:
    heading, *rest = cells
    return f'<tr><th scope="row" dir="auto">{escape(heading)}</th>{_cells(rest)}</tr>'


def _cells(cells: Iterable[Words | int]) -> str:
    return "".join(f'<td class="num">{escape(cell)}</td>' for cell in cells)
