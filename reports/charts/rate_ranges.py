"""The anomaly rate of each source beside what is usual of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import asinh
from statistics import median
from typing import TYPE_CHECKING, Any

from reports.charts.canvas import (
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
from reports.numbers import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW = 0.24  # inches
_SKEWED = 6.0  # the highest rate in medians of those shown, beyond which steps are uneven
_ROOM = 0.09  # of the width, which the label of a step takes


@dataclass(frozen=True)
class SourceRates:
    """One line of the chart.

    Attributes:
        name: of the source.
        rate: of this run, from 0 to 1.
        earlier: of runs before it.
        usual: range in which the rate usually is; None when too few runs are known.
        stands_out: whether ``rate`` is outside of it.
    """

    name: str
    rate: float
    earlier: tuple[float, ...]
    usual: tuple[float, float] | None
    stands_out: bool


def rate_ranges(sources: Sequence[SourceRates]) -> bytes:
    """Draw the rates of at least one source as a PNG, the first on top."""
    figure = new_figure(0.75 + _ROW * len(sources))
    axes = add_axes(figure, left=1.75, bottom=0.55, right=0.75, top=0.2)
    axes.set_ylim(len(sources) - 0.5, -0.5)
    names = [drawable(source.name, 24) for source in sources]
    axes.set_yticks(range(len(sources)), names, parse_math=False)
    axes.tick_params(axis="y", pad=9)  # a dot at 0 is half outside
    even = _scale(axes, sources)
    for line, source in enumerate(sources):
        _draw(axes, line, source)
    axes.grid(True, axis="x", color=GRID, linewidth=0.8)
    note = "" if even else "; steps of unequal size"
    axes.set_xlabel(f"anomaly rate{note}", color=TEXT, fontsize=9)
    return to_png(figure)


def _scale(axes: Axes, sources: Sequence[SourceRates]) -> bool:
    """Choose the scale of the rates; return whether its steps are even."""
    from matplotlib.ticker import FixedLocator, MaxNLocator

    rates = [rate for source in sources for rate in (source.rate, *source.earlier)]
    highest = max([*rates, *(source.usual[1] for source in sources if source.usual)])
    highest = highest or 0.01
    even = highest <= _SKEWED * median(rates) or not any(rates)
    if not even:
        # Like a logarithm far from 0, but with a place for it.
        width = median(rate for rate in rates if rate)
        axes.set_xscale("asinh", linear_width=width)
        axes.xaxis.set_major_locator(FixedLocator(_round_rates(highest, width)))
        axes.minorticks_off()
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: percent(max(value, 0.0)))
    axes.set_xlim(0, highest * 1.02)
    return even


def _round_rates(highest: float, width: float) -> list[float]:
    """Return round rates up to the highest, far enough apart on an asinh axis, and 0."""
    room = _ROOM * asinh(highest / width)
    chosen = [0.0]
    for rate in (step * 10.0**power for power in range(-8, 1) for step in (1, 2, 5)):
        if rate <= highest and asinh(rate / width) - asinh(chosen[-1] / width) > room:
            chosen.append(rate)
    return chosen


def _draw(axes: Axes, line: int, source: SourceRates) -> None:
    if source.usual is not None:
        low, high = source.usual
        axes.barh(line, high - low, left=low, height=0.56, color=BELOW[0], linewidth=0)
    dots: dict[str, Any] = {"edgecolors": "none", "clip_on": False, "zorder": 2}
    axes.scatter(source.earlier, [line] * len(source.earlier), 12, color=BELOW[2], **dots)
    axes.scatter([source.rate], [line], 64, color=ANOMALY if source.stands_out else NORMAL, **dots)
    axes.text(
        1.03,
        line,
        percent(source.rate),
        transform=axes.get_yaxis_transform(),
        color=ANOMALY if source.stands_out else TEXT,
        fontsize=8.5,
        fontweight="bold" if source.stands_out else "normal",
        va="center_baseline",
    )
