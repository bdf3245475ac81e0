"""In which columns the anomalies have extreme values."""

from collections.abc import Sequence

from reports.charts.canvas import ANOMALY, TEXT, drawable, new_figure, quieten, to_png


def column_bars(columns: Sequence[str], counts: Sequence[int], n_anomalies: int) -> bytes:
    """Draw one bar a column as a PNG: how many anomalies are extreme there."""
    figure = new_figure(0.3 + 0.24 * len(columns))
    axes = figure.add_subplot()
    quieten(axes)
    axes.spines["bottom"].set_visible(False)
    places = range(len(columns))
    axes.barh(places, counts, height=0.7, color=ANOMALY, linewidth=0)
    for place, count in zip(places, counts, strict=True):
        axes.text(count, place, f"  {count:,}", va="center_baseline", color=TEXT, fontsize=9)
    axes.set_yticks(places, [drawable(name) for name in columns], parse_math=False)
    axes.set_ylim(len(columns) - 0.5, -0.5)
    axes.set_xlim(0, 1.08 * max(1, n_anomalies))
    axes.set_xticks([])
    return to_png(figure)
