import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from reports.charts.canvas import drawable
from reports.charts.heat_table import HeatColumn, heat_table
from reports.charts.histogram import score_histogram, split_bars
from reports.facts import ScoreHistogram

_LARGEST_CHART = 60_000


def histogram_of(scores, bins=60) -> ScoreHistogram:
    counts, edges = np.histogram(scores, bins=bins)
    return ScoreHistogram(tuple(edges.tolist()), tuple(counts.tolist()))


def heat_columns(n_columns: int, n_rows: int, z: float = 5.0) -> list[HeatColumn]:
    rng = np.random.default_rng(0)
    return [
        HeatColumn(
            f"column number {j}",
            "0.112 to 0.626",
            tuple(f"{value:.3g}" for value in rng.normal(size=n_rows)),
            tuple((rng.normal(size=n_rows) * z).tolist()),
        )
        for j in range(n_columns)
    ]


def opened(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    picture.load()
    assert picture.format == "PNG"
    return picture.convert("RGB")


def share_of(png: bytes, near: tuple[int, int, int]) -> float:
    """Share of the pixels whose colour is close to ``near``."""
    pixels = np.asarray(opened(png)).astype(int)
    return float((np.abs(pixels - near).max(axis=2) < 40).mean())


ORANGE, BLUE = (0xD0, 0x57, 0x0F), (0x4F, 0x7F, 0xC0)


def test_the_histogram_is_a_small_png_twice_as_wide_as_it_is_shown():
    png = score_histogram(histogram_of(np.random.default_rng(0).normal(size=5000)), 2.5, 30)
    assert opened(png).size == (1152, 416)
    assert len(png) < _LARGEST_CHART


def test_more_anomalies_are_more_orange():
    scores = np.random.default_rng(0).normal(size=1000)
    few, many = (
        score_histogram(histogram_of(scores), t, int((scores > t).sum())) for t in (2.0, 0.5)
    )
    assert share_of(many, ORANGE) > share_of(few, ORANGE) > 0
    assert share_of(many, BLUE) < share_of(few, BLUE)


def test_one_anomaly_in_a_million_rows_can_be_seen():
    scores = np.concatenate([np.random.default_rng(0).normal(size=999_999), [12.0]])
    png = score_histogram(histogram_of(scores), 8.0, 1)
    # Right of the threshold, below the title, above the axis.
    corner = np.asarray(opened(png).crop((1000, 80, 1152, 325))).astype(int)
    assert (np.abs(corner - ORANGE).max(axis=2) < 40).sum() > 50


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200),
    st.floats(-2e6, 2e6),
)
def test_every_row_is_on_its_side_of_the_threshold(scores, threshold):
    scores = np.array(scores)
    beyond = int((scores > threshold).sum())
    below, above = split_bars(histogram_of(scores, bins=7), threshold, beyond)
    assert sum(count for _, _, count in below) == len(scores) - beyond
    assert sum(count for _, _, count in above) == beyond


@pytest.mark.parametrize(
    ("scores", "threshold"),
    [
        ([0.5], 0.5),
        ([0.5] * 50, 0.9),
        ([1.0, 2.0, 3.0], 1e12),
        ([1.0, 2.0, 3.0], -5.0),
        ([0.0, 1e300], 1e299),
        ([1e-300, 2e-300], 1.5e-300),
        ([1.0] * 1000 + [1e9], 2.0),
    ],
)
def test_odd_scores_are_drawn_without_a_warning(scores, threshold):
    beyond = int((np.array(scores) > threshold).sum())
    assert opened(score_histogram(histogram_of(scores, bins=10), threshold, beyond)).size[0] == 1152


def test_the_values_of_twenty_anomalies_are_a_small_png():
    png = heat_table([f"{row}  KEY-{row:05}" for row in range(1, 21)], heat_columns(8, 20))
    assert opened(png).size[0] == 1152
    assert len(png) < _LARGEST_CHART


def test_values_above_are_orange_and_below_are_blue():
    def column(z: float) -> HeatColumn:
        return HeatColumn("amount", "1 to 2", ("3",), (z,))

    above, below, within = (heat_table(["1"], [column(z)]) for z in (20.0, -20.0, 3.5))
    orange, blue = (0xEC, 0x85, 0x44), (0x6E, 0xA3, 0xE0)
    assert share_of(above, orange) > share_of(below, orange) == share_of(within, orange) == 0
    assert share_of(below, blue) > share_of(above, blue) == share_of(within, blue) == 0


def test_names_that_look_like_formulas_or_lack_glyphs_are_drawn_as_text():
    names = ["$x^2$", "$\\alpha", "日本語", "a\nb", "\u202eabc", "💥", "", "x" * 500]
    columns = [HeatColumn(name, "", (name, name), (9.0, -9.0)) for name in names]
    assert opened(heat_table(names[:2], columns)).size[0] == 1152
    assert drawable("日本 a\nb", 20) == "□□ a b"


def test_the_same_data_give_the_same_picture_in_any_thread():
    rng = np.random.default_rng(0)
    data = [histogram_of(rng.normal(size=2000)) for _ in range(3)] * 3
    rows = ["row 1", "row 2"]

    def draw(histogram: ScoreHistogram) -> tuple[bytes, bytes]:
        return score_histogram(histogram, 2.5, 10), heat_table(rows, heat_columns(3, 2))

    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(draw, data))
    assert pictures[:3] == [draw(histogram) for histogram in data[:3]]
    assert len({histogram for histogram, _ in pictures}) == 3
    assert len({heat for _, heat in pictures}) == 1


def test_matplotlib_is_imported_when_something_is_drawn_and_not_before():
    program = (
        "import sys, reports.detection_report, reports.error_report, reports.batch_report,"
        "reports.comparison_report;"
        "sys.exit(any(m.split('.')[0] in ('matplotlib', 'PIL', 'numpy') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
