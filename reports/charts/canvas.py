"""What all charts share: size, colours, and the way to a PNG.

A chart brings its own light panel. Drawn on the bare page it would have to hold on both themes of
the Prefect UI, #eaeaea and #26272b, where no grey reaches a contrast above 3.5:1; on a dark panel
steps of colour are harder to tell apart. Figures are drawn on a canvas of their own and not through
``pyplot``, whose global state threads share; where shap insists on it, see ``pyplot_figure``.
"""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 7.2  # inches: 1,440 pixels, twice the width at which the UI shows them
DPI = 160
FONT = "DejaVu Sans"  # comes with matplotlib

PANEL = "#f7f8fa"
TEXT = "#30353d"
GRID = "#dfe2e7"
NORMAL = "#4f7fc0"
ANOMALY = "#d0570f"

# Tints in three steps, on each of which TEXT can be read.
ABOVE = ("#fbdcc4", "#f6b384", "#ec8544")
BELOW = ("#d3e3f7", "#a3c5ee", "#6ea3e0")

_COLOURS = 24


def new_figure(height: float) -> Figure:
    """Return a figure of the common width, ``height`` in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=PANEL)


def add_axes(figure: Figure, left: float, bottom: float, right: float, top: float) -> Axes:
    """Return axes without frame or tick marks; the margins are in inches."""
    width, height = figure.get_size_inches()
    place = (left / width, bottom / height, 1 - (left + right) / width, 1 - (bottom + top) / height)
    axes = figure.add_axes(place, facecolor=PANEL)
    axes.spines[:].set_visible(False)
    axes.tick_params(colors=TEXT, labelsize=9, length=0)
    axes.set_axisbelow(True)
    return axes


def drawable(text: str, longest: int) -> str:
    """Return ``text`` shortened, with a box for each character the font lacks."""
    line = " ".join(text.split())
    shown = line if len(line) <= longest else line[: longest - 1] + "…"
    return "".join(c if ord(c) in _glyphs() else "□" for c in shown)


@cache
def _glyphs() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont(FONT)).get_charmap())


def to_png(figure: Figure, colours: int = _COLOURS) -> bytes:
    """Return the figure as a PNG of few colours, a quarter of the bytes of a full one."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba())
    few_colours = picture.convert("RGB").quantize(
        colours, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    buffer = io.BytesIO()
    few_colours.save(buffer, "PNG", compress_level=7)
    return buffer.getvalue()
