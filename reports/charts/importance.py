"""Which features matter over all explained rows: shap's bar and beeswarm plots."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import TYPE_CHECKING

from reports.charts.canvas import TEXT, add_axes, to_png
from reports.charts.feature_labels import FONT, feature_label, write_labels
from reports.charts.pyplot_figure import current_figure
from reports.explanation_facts import ExplainedRow, FeatureImportance
from reports.numbers import number

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_ROW = 0.32  # inches
_LEFT, _GAP = 2.5, 0.15  # inches
_TOP, _BOTTOM = 0.1, 0.6  # inches
_COLOURS = 48  # a gradient
_SMALLEST = -300  # powers of ten; there are none far below


def importance_bars(importance: Sequence[FeatureImportance], max_features: int) -> bytes:
    """Draw the mean absolute contributions as a PNG.

    Args:
        importance: at least one of them is not 0.
        max_features: lines; the last one sums up the features beyond.
    """
    import numpy as np
    import shap

    means = np.array([one.mean_contribution for one in importance])
    unit = _unit(means)
    explanation = shap.Explanation(
        values=means / unit, feature_names=[feature_label(one.feature) for one in importance]
    )
    n_lines = min(max_features, len(means))
    ordered = sorted(means.tolist(), reverse=True)
    lengths = [*ordered[: n_lines - 1], sum(ordered[n_lines - 1 :])]
    with current_figure(_TOP + _ROW * n_lines + _BOTTOM) as figure:
        axes = add_axes(figure, left=_LEFT, bottom=_BOTTOM, right=0.9, top=_TOP)
        shap.plots.bar(explanation, max_display=n_lines, ax=axes, show=False)
        for text, length in zip(axes.texts, lengths, strict=True):
            text.set(text=number(length, 3), color=TEXT, fontsize=FONT)
        _finish(axes, unit, "mean |contribution|")
        return to_png(figure)


def beeswarm(rows: Sequence[ExplainedRow], max_features: int) -> bytes:
    """Draw the contributions of rows as a PNG, a dot for each, coloured by the feature's value.

    Args:
        rows: at least two; at least one of their contributions is not 0.
        max_features: lines; the last one sums up the features beyond.
    """
    import numpy as np
    import shap

    values = np.array([[one.contribution for one in row.contributions] for row in rows])
    encoded = np.array([[one.encoded for one in row.contributions] for row in rows])
    largest = np.abs(encoded).max(axis=0)
    unit = _unit(values)
    explanation = shap.Explanation(
        values=values / unit,
        base_values=np.zeros(len(rows)),
        # Only the order of the values gives their colours; differences of 1e308 would overflow.
        data=encoded / np.where(largest > 0, largest, 1.0),
        feature_names=[feature_label(one.feature) for one in rows[0].contributions],
    )
    n_lines = min(max_features, values.shape[1])
    with current_figure(_TOP + _ROW * n_lines + _BOTTOM) as figure:
        axes = add_axes(figure, left=_LEFT, bottom=_BOTTOM, right=0.1, top=_TOP)
        shap.plots.beeswarm(explanation, max_display=n_lines, ax=axes, plot_size=None, show=False)
        _finish(axes, unit, "contribution; right of 0 it pushes towards anomalous")
        for bar in figure.axes[1:]:
            bar.tick_params(labelsize=FONT, labelcolor=TEXT)
            bar.yaxis.label.set(fontsize=FONT, color=TEXT)
        return to_png(figure, _COLOURS)


def _unit(values: NDArray[np.float64]) -> float:
    """Return the power of ten below the largest: shap chooses gaps for values around 1."""
    return float(10.0 ** max(floor(log10(abs(values).max())), _SMALLEST))


def _finish(axes: Axes, unit: float, label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(lambda value, _: number(value * unit, 3))
    axes.tick_params("x", labelsize=FONT, labelcolor=TEXT)
    write_labels(axes, room=_LEFT - _GAP)
    axes.set_xlabel(label, fontsize=FONT, color=TEXT)
