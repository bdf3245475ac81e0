"""A figure for plots that draw through pyplot, as shap's do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from reports.charts.canvas import PANEL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 8.0  # inches, the width for which shap chooses its sizes
_DPI = 120  # there may be twenty such pictures in a report

# pyplot has one current figure, and NumPy one global generator, for all threads.
_LOCK = RLock()


@contextmanager
def current_figure(height: float) -> Iterator[Figure]:
    """Lend a figure that is pyplot's current one, to one thread at a time.

    It has a canvas of its own, so that no backend is chosen, no window opened, and nothing changed
    for those who use pyplot besides: their current figure, interactive mode and NumPy's global
    generator, from which shap draws too, are as before.

    Args:
        height: in inches; a plot may change the size.
    """
    import matplotlib.pyplot as plt
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _LOCK, plt.ioff():
        figure = Figure(figsize=(WIDTH, height), dpi=_DPI, facecolor=PANEL)
        number = max(plt.get_fignums(), default=0) + 1
        FigureCanvasAgg.new_manager(figure, number)
        generator = np.random.get_state()
        np.random.seed(0)
        plt.figure(figure)
        try:
            yield figure
        finally:
            plt.close(figure)
            np.random.set_state(generator)
