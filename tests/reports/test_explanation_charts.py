import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts.feature_labels import feature_label
from reports.charts.importance import beeswarm, importance_bars
from reports.charts.waterfall import waterfall
from reports.explanation_facts import ExplainedRow, FeatureImportance
from tests.reports.explained import contribution, explained, orders
from tests.reports.test_charts import opened, share_of

RED, BLUE, PANEL = (0xFF, 0x00, 0x51), (0x00, 0x8B, 0xFB), (0xF7, 0xF8, 0xFA)


def row_of(*amounts: float, name: str = "feature", value: object = 5.0) -> ExplainedRow:
    return explained(
        1, *(contribution(f"{name} {i}", x, value=value) for i, x in enumerate(amounts))
    )


def columns_of(png: bytes, near: tuple[int, int, int]) -> np.ndarray:
    """Columns of pixels in which a colour is found."""
    pixels = np.asarray(opened(png)).astype(int)
    return np.flatnonzero((np.abs(pixels - near).max(axis=2) < 40).any(axis=0))


def test_a_waterfall_is_a_small_png_as_high_as_its_lines():
    low, high = (waterfall(row_of(*[0.1] * n), 10, "score") for n in (2, 8))
    assert opened(low).size[0] == opened(high).size[0] == 960
    assert opened(high).size[1] - opened(low).size[1] == pytest.approx(6 * 0.32 * 120, abs=2)
    assert len(high) < 20_000


def test_what_pushes_towards_anomalous_is_red_and_what_pushes_away_is_blue():
    towards, away = waterfall(row_of(0.2), 5, "score"), waterfall(row_of(-0.2), 5, "score")
    assert share_of(towards, RED) > 0.05
    assert share_of(away, BLUE) > 0.05
    assert share_of(towards, BLUE) == share_of(away, RED) == 0


@pytest.mark.parametrize("sign", [1, -1])
def test_an_arrow_shorter_than_its_point_ends_where_it_should(sign):
    png = waterfall(row_of(sign * 1.0, -sign * 0.01), 5, "score")
    long, short = (columns_of(png, colour) for colour in ((RED, BLUE)[::sign]))
    one_hundredth = (long[-1] - long[0]) / 100
    assert len(short)
    assert short[-1] - short[0] <= one_hundredth + 2
    start = long[0] if sign > 0 else long[-1]
    assert abs(short - start).max() <= one_hundredth + 2


@pytest.mark.parametrize(
    "row",
    [
        row_of(1.1e-300, -1.11e-301, name="W" * 99, value="M" * 99),
        row_of(-1.234e300, 1.234e299, name="W" * 99, value=-1.234e-300),
        row_of(*np.linspace(-1, 1, 40), name="W" * 99, value="M" * 99),
    ],
)
def test_nothing_is_cut_at_the_edges(row):
    pictures = [
        waterfall(row, 8, "minus mean path length"),
        beeswarm([row, row], 8),
        importance_bars([FeatureImportance("W" * 99, 1.234e-300 * 2**i) for i in range(9)], 5),
    ]
    for png in pictures:
        pixels = np.asarray(opened(png)).astype(int)
        edge = np.concatenate([pixels[:, :2], pixels[:, -2:]], axis=1)
        assert (np.abs(edge - PANEL) < 8).all()


@pytest.mark.parametrize(
    "amounts",
    [(5e-324,), (1.0, 1e-12), (3.0, -3.0), (0.0, 1.0, 0.0), (1e300, -1e299), (1e-320, -1e-320)],
)
def test_odd_contributions_are_drawn_without_a_warning(amounts):
    row = row_of(*amounts)
    low, high = (
        replace(row, contributions=tuple(replace(one, encoded=x) for one in row.contributions))
        for x in (-1.7e308, 1.7e308)
    )
    assert opened(waterfall(row, 10, "score"))
    assert opened(beeswarm([low, row, high], 10))
    means = [FeatureImportance("a", abs(amount)) for amount in amounts]
    assert opened(importance_bars(means, 10))


def test_a_thousand_rows_are_a_swarm_of_a_small_png():
    rng = np.random.default_rng(0)
    rows = [row_of(*rng.normal(size=12)) for _ in range(1000)]
    assert len(beeswarm(rows, 12)) < 40_000


@given(st.text(st.sampled_from("$\\=_{}^ ab日"), max_size=60))
def test_a_name_is_neither_a_formula_nor_cut_at_an_equals_sign(name):
    from matplotlib.cbook import is_math_text

    label = feature_label(name)
    assert is_math_text(label) is False
    assert "=" not in label
    assert len(label.replace(r"\$", "$")) <= 25


def test_names_that_differ_at_their_end_only_are_told_apart():
    long = "customer_orders_of_the_last_30_days"
    assert feature_label(f"{long}_mean") != feature_label(f"{long}_std")


def test_threads_draw_what_one_thread_draws():
    rows = [row_of(*np.random.default_rng(i).normal(size=3 + i)) for i in range(3)]

    def draw(row: ExplainedRow) -> tuple[bytes, ...]:
        means = [FeatureImportance(o.feature, abs(o.contribution)) for o in row.contributions]
        return waterfall(row, 10, "score"), beeswarm([row] * 12, 10), importance_bars(means, 10)

    alone = [draw(row) for row in rows]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(draw, rows * 2))
    assert together == alone * 2
    assert len({picture for pictures in alone for picture in pictures}) == 9


def test_those_who_use_pyplot_and_numpys_generator_besides_notice_nothing():
    program = """
import numpy as np, matplotlib.pyplot as plt
from reports.charts.importance import beeswarm
from reports.charts.waterfall import waterfall
from tests.reports.explained import orders

waterfall(orders(1), 5, "score")  # chooses no backend
plt.switch_backend("agg")
mine = plt.figure()
plt.ion()
np.random.seed(3)
expected = np.random.random(2).tolist()
np.random.seed(3)
drawn = [np.random.random()]
waterfall(orders(1), 5, "score")
beeswarm([orders(1)] * 20, 5)
drawn.append(np.random.random())
assert drawn == expected
assert plt.isinteractive() and plt.gcf() is mine and plt.get_fignums() == [mine.number]
assert not mine.axes
"""
    # tkagg, a desktop's backend, cannot be chosen without a display.
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    environment["MPLBACKEND"] = "tkagg"
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr.decode()


def test_a_plot_that_fails_leaves_no_figure_and_no_lock_behind():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    with pytest.raises(ValueError, match="zero-size"):
        waterfall(explained(1), 5, "score")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(waterfall, orders(1), 5, "score").result(60)
    assert plt.get_fignums() == before


def test_shap_is_imported_when_something_is_drawn_and_not_before():
    program = (
        "import sys, reports.explanation_report;"
        "sys.exit(any(m.split('.')[0] in ('shap', 'matplotlib', 'numpy') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
