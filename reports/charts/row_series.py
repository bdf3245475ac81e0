"""Rows in their order: values with what was expected, scores with the threshold, and alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from reports.charts.canvas import (
    ABOVE,
    ANOMALY,
    BELOW,
    GRID,
    NORMAL,
    TEXT,
    add_axes,
    drawable,
    new_figure,
    to_png,
)
from reports.charts.envelope import envelope, visible_range
from reports.numbers import number
from reports.stream_facts import AlertFacts, Numbers, RowSeries

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PANEL, _SCORES, _GAP = 1.15, 0.85, 0.3  # inches
_BOTTOM, _TOP = 0.35, 0.27
_SECONDS_A_DAY = 86_400.0
_SCORES_ABOVE = 4.0  # thresholds, up to which the score of an alert is drawn where it is


def row_series_chart(
    series: RowSeries,
    columns: Sequence[str],
    shown: Sequence[str],
    alerts: Sequence[AlertFacts],
    threshold: float,
    events: Sequence[tuple[int, int]] = (),
) -> bytes:
    """Draw a panel a column and one for the scores as a PNG.

    Args:
        series: at least one row.
        columns: names of its columns.
        shown: those of them that are drawn, from the top down.
        alerts: of these rows; others are left out.
        threshold: a row is an anomaly when its score is greater.
        events: numbers of the first and the last row of what is known to be odd, drawn behind.
    """
    inside = [each for each in alerts if 0 <= each.row - series.first < len(series.scores)]
    x, is_time = _places(series)
    height = _BOTTOM + _TOP + _SCORES + len(shown) * (_PANEL + _GAP)
    figure = new_figure(height)
    bottom = _BOTTOM
    panels: list[Axes] = []
    for size in [_SCORES, *[_PANEL] * len(shown)]:
        top = height - bottom - size
        panels.append(add_axes(figure, left=0.75, bottom=bottom, right=0.2, top=top))
        bottom += size + _GAP
    scores, *others = panels
    _draw_scores(scores, x, series, threshold, inside)
    for axes, column in zip(reversed(others), shown, strict=True):
        _draw_values(axes, x, series, columns.index(column), column, inside)
    for axes in panels:
        _draw_events(axes, x, series.first, events)
        _set_x(axes, x, is_time, named=axes is scores)
    return to_png(figure)


def worth_drawing(columns: Sequence[str], alerts: Sequence[AlertFacts], most: int) -> list[str]:
    """Return so many columns in their order, those that drove alerts before all others."""
    driving = {held.column for alert in alerts for held in alert.values if held.driving}
    first = sorted(columns, key=lambda column: column not in driving)[:most]
    return [column for column in columns if column in first]


def _places(series: RowSeries) -> tuple[Numbers, bool]:
    """Return where rows are drawn: at their times if those go forward, else at their numbers."""
    times = series.times
    if np.isfinite(times).all() and (np.diff(times) >= 0).all() and times[-1] > times[0]:
        return times / _SECONDS_A_DAY, True
    return series.first + np.arange(len(times), dtype=np.float64), False


def _draw_values(
    axes: Axes, x: Numbers, series: RowSeries, place: int, name: str, alerts: Sequence[AlertFacts]
) -> None:
    values = series.values[:, place]
    if series.low is not None and series.high is not None:
        band = envelope(x, series.low[:, place], series.high[:, place])
        axes.fill_between(band.x, band.low, band.high, color=BELOW[0], linewidth=0)
    _draw_line(axes, x, values)
    low, high = visible_range(values)
    axes.set_ylim(low, high)
    axes.set_title(drawable(name, 60), {"fontsize": 9}, loc="left", color=TEXT, pad=3)
    axes.title.set_parse_math(False)
    for alert in alerts:
        held = {each.column: each for each in alert.values}.get(name)
        if held is None or held.value is None:
            continue
        at = x[alert.row - series.first]
        if series.low is None and held.low is not None and held.high is not None:
            axes.vlines(at, held.low, held.high, color=BELOW[1], linewidth=2.5, zorder=1)
        _mark(axes, at, held.value, (low, high), strong=held.driving)


def _draw_scores(
    axes: Axes, x: Numbers, series: RowSeries, threshold: float, alerts: Sequence[AlertFacts]
) -> None:
    _draw_line(axes, x, series.scores)
    low, high = visible_range(np.append(series.scores, threshold))
    highest = max((alert.score or 0.0 for alert in alerts), default=high)
    high = max(high, min(1.1 * highest, _SCORES_ABOVE * threshold))
    axes.set_ylim(low, high)
    axes.axhline(threshold, color=ANOMALY, linewidth=0.8)
    title = f"score, with the threshold at {number(threshold)}"
    axes.set_title(title, {"fontsize": 9}, loc="left", color=TEXT, pad=3)
    for alert in alerts:
        if alert.score is not None:
            _mark(axes, x[alert.row - series.first], alert.score, axes.get_ylim(), strong=True)


def _draw_line(axes: Axes, x: Numbers, values: Numbers) -> None:
    line = envelope(x, values, values)
    if len(line.x) == len(x):
        axes.plot(x, values, color=NORMAL, linewidth=0.9, marker="." if len(x) < 3 else None)
        return
    axes.fill_between(line.x, line.low, line.high, color=NORMAL, linewidth=0.6)


def _mark(axes: Axes, x: float, y: float, limits: tuple[float, float], *, strong: bool) -> None:
    """Mark an alert: a dot where its value is, an arrow head at the edge if that is beyond."""
    shape = "^" if y > limits[1] else "v" if y < limits[0] else "o"
    colour = ANOMALY if strong else ABOVE[1]
    inside = min(max(y, limits[0]), limits[1])
    axes.scatter([x], [inside], 22, colour, marker=shape, linewidths=0, zorder=3, clip_on=False)


def _draw_events(axes: Axes, x: Numbers, first: int, events: Sequence[tuple[int, int]]) -> None:
    for begin, end in events:
        start, stop = (x[min(max(row - first, 0), len(x) - 1)] for row in (begin, end))
        axes.axvspan(start, stop, color=ABOVE[0], linewidth=1, zorder=0)


def _set_x(axes: Axes, x: Numbers, is_time: bool, *, named: bool) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import MaxNLocator

    margin = 0.01 * (x[-1] - x[0]) or 1.0
    axes.set_xlim(x[0] - margin, x[-1] + margin)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
    axes.yaxis.set_major_formatter(lambda value, _: number(value))
    axes.grid(True, color=GRID, linewidth=0.8)
    if is_time:
        locator = AutoDateLocator(
            minticks=3, maxticks=8
        )  # with the usual 5 there is none for 4 days
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=named))
        axes.xaxis.get_offset_text().set(color=TEXT, fontsize=8)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
        axes.xaxis.set_major_formatter(lambda value, _: number(value))
    if not named:
        axes.tick_params(labelbottom=False)
