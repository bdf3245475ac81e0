"""From the base to the score of one row, feature by feature: shap's waterfall plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.charts.canvas import TEXT, add_axes, to_png
from reports.charts.feature_labels import FONT, MUTED, feature_label, value_label, write_labels
from reports.charts.pyplot_figure import WIDTH, current_figure
from reports.explanation_facts import ExplainedRow, Quantity
from reports.numbers import number, signed
from reports.sentences import short

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_ROW = 0.32  # inches
_MARGIN = 0.36  # inches, above and below
_LEFT, _RIGHT, _GAP = 3.1, 0.2, 0.15  # inches
_HEAD = 0.015  # of the axis: how long the point of an arrow is
_CHARACTER = 0.024  # of the way: room for each in a figure beside an arrow


@dataclass(frozen=True)
class _Step:
    """One arrow, in units of the longest contribution, and its figure."""

    start: float
    length: float
    figure: str

    @property
    def end(self) -> float:
        return self.start + self.length


def waterfall(row: ExplainedRow, max_features: int, quantity: Quantity) -> bytes:
    """Draw the contributions to one row's score as a PNG.

    Args:
        row: at least one of its contributions is not 0.
        max_features: lines; the last one sums up the features beyond.
        quantity: what is explained.
    """
    import numpy as np
    import shap

    values = np.array([one.contribution for one in row.contributions])
    # shap chooses gaps and decimals for values around 1.
    unit = float(np.abs(values).max())
    explanation = shap.Explanation(
        values=values / unit,
        base_values=0.0,
        data=np.array([value_label(short(one.value)) for one in row.contributions], dtype=object),
        feature_names=[feature_label(one.feature) for one in row.contributions],
    )
    n_lines = min(max_features, len(values))
    steps = _steps(values, n_lines, unit)
    height = 2 * _MARGIN + _ROW * n_lines
    with current_figure(height) as figure:
        axes = add_axes(figure, left=_LEFT, bottom=_MARGIN, right=_RIGHT, top=_MARGIN)
        shap.plots.waterfall(explanation, max_display=n_lines, show=False)
        figure.set_size_inches(WIDTH, height)
        _, below, above = figure.axes
        for each in (axes, below, above):
            each.set_xlim(*_limits(steps))
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        write_labels(axes, room=_LEFT - _GAP)
        for label in axes.get_yticklabels()[:n_lines]:
            label.set_color(MUTED)  # "value = name", over which shap writes the name alone
        _point_arrows(axes, steps)
        _name_end(below, 0.0, f"base {number(row.base)}")
        _name_end(above, steps[0].end, f"{quantity} {number(row.base + float(values.sum()))}")
        return to_png(figure)


def _steps(values: NDArray[np.float64], n_lines: int, unit: float) -> list[_Step]:
    """Return the arrows from the top down; the topmost ends at the sum of all."""
    ordered = values[(-abs(values)).argsort()]
    lengths = [*ordered[: n_lines - 1].tolist(), float(ordered[n_lines - 1 :].sum())]
    starts = [sum(lengths[line + 1 :]) for line in range(n_lines)]
    return [
        _Step(start / unit, length / unit, signed(length, 3))
        for start, length in zip(starts, lengths, strict=True)
    ]


def _limits(steps: list[_Step]) -> tuple[float, float]:
    """Return from where to where the axis goes, with room for figures beside the arrows."""
    places = [0.0, *(step.start for step in steps), *(step.end for step in steps)]
    way = max(places) - min(places)
    falling = [len(step.figure) for step in steps if step.length < 0]
    rising = [len(step.figure) for step in steps if step.length >= 0]
    left, right = (_CHARACTER * (2 + max(sizes, default=0)) for sizes in (falling, rising))
    return min(places) - left * way, max(places) + right * way


def _point_arrows(axes: Axes, steps: list[_Step]) -> None:
    """Let each arrow end where it should, with its figure beyond its point.

    shap turns arrows around that are shorter than their point, and knows two decimals only.
    """
    from matplotlib.patches import FancyArrow

    left, right = axes.get_xlim()
    gap = 0.008 * (right - left)
    arrows = [patch for patch in axes.patches if isinstance(patch, FancyArrow)]
    for arrow, text in zip(arrows, axes.texts, strict=True):
        step = steps[len(steps) - 1 - round(text.get_position()[1])]
        falls = step.length < 0
        head = min(_HEAD * (right - left), 0.999 * abs(step.length))
        body = step.length + head if falls else step.length - head
        arrow.set(linewidth=0)
        arrow.set_data(x=step.start, dx=body, head_length=head)
        text.set(text=step.figure, color=TEXT, fontsize=FONT)
        text.set(x=step.end - gap if falls else step.end + gap, ha="right" if falls else "left")


def _name_end(axes: Axes, place: float, name: str) -> None:
    """Write where the way begins or ends."""
    left, right = axes.get_xlim()
    share = (place - left) / (right - left)
    side = "left" if share < 0.2 else "right" if share > 0.8 else "center"
    axes.set_xticks([place], [name], ha=side, fontsize=FONT, color=TEXT)
    axes.tick_params(length=0)
    axes.spines["bottom"].set_visible(False)
