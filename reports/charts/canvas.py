"""What all charts share: size, colours, and the way to a PNG.

Charts have no background: text and axes are of a grey that has a contrast of at least 4:1 on the
white and on the near-black page of the Prefect UI, and marks are mid-tones. Figures are drawn on a
canvas of their own, never through ``pyplot``, whose global state threads would share.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 9.0  # inches; at 200 dots per inch twice the pixels of the UI's column
DPI = 200

TEXT = "#757b85"
GRID = "#757b8538"
NORMAL = "#5b87c5"
ANOMALY = "#e0702b"
LOW = "#3f83d4"
HIGH = "#dd6a25"


def new_figure(height: float) -> Figure:
    """Return a transparent figure of the common width, ``height`` in inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
    figure.patch.set_alpha(0.0)
    return figure


def quieten(axes: Axes) -> None:
    """Take away what carries no information, and colour the rest for both themes."""
    axes.patch.set_alpha(0.0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(TEXT)
    axes.tick_params(colors=TEXT, labelsize=9, length=0)
    axes.set_axisbelow(True)


def drawable(text: str, longest: int = 24) -> str:
    """Return ``text`` shortened, with a box for each character the font lacks."""
    from matplotlib.font_manager import findfont, get_font

    shown = text if len(text) <= longest else text[: longest - 1] + "…"
    charmap = get_font(findfont("DejaVu Sans")).get_charmap()
    return "".join(c if ord(c) in charmap else "□" for c in shown)


def to_png(figure: Figure) -> bytes:
    """Return the figure as a compressed PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    buffer = io.BytesIO()
    canvas = FigureCanvasAgg(figure)
    canvas.print_png(buffer, metadata={"Software": None}, pil_kwargs={"compress_level": 9})
    return buffer.getvalue()
