"""How shap's plots name features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.charts.canvas import TEXT, drawable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONT = 10  # points

MUTED = "#5f6773"  # beside TEXT, still legible on the panel

_NAME, _VALUE = 25, 10  # characters


def feature_label(name: str) -> str:
    """Return a name that shap's plots draw as it is, shortened in its middle.

    Names of features often differ at their end only. A dollar sign begins a formula in Matplotlib,
    and shap repeats what follows the last equals sign in black.
    """
    line = drawable(name, 1000) or "(no name)"
    if len(line) > _NAME:
        line = f"{line[: _NAME // 2]}…{line[-(_NAME // 2) :]}"
    return _literal(line)


def value_label(text: str) -> str:
    """Return a value as shap's plots show it beside the name."""
    return _literal(drawable(text, _VALUE))


def write_labels(axes: Axes, room: float) -> None:
    """Make the labels left of the axes legible, and no wider than ``room`` in inches."""
    labels = axes.get_yticklabels()
    axes.tick_params("y", labelsize=FONT, labelcolor=TEXT, length=0, pad=4)
    widest = max(label.get_window_extent().width for label in labels) / axes.figure.dpi
    axes.tick_params("y", labelsize=FONT * min(1.0, room / widest))


def _literal(text: str) -> str:
    return text.replace("$", r"\$").replace("=", "\N{MODIFIER LETTER SHORT EQUALS SIGN}")
