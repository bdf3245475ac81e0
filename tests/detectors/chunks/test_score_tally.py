import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detectors.chunks.score_tally import ScoreTally
from detectors.score_summary import QUANTILES

scores = arrays(
    np.float64,
    st.integers(1, 60),
    elements=st.floats(-1e300, 1e300)
    | st.sampled_from([0.0, -0.0, 0.5, 0.5000001, -3.0, 1e300, -1e300, 5e-324]),
)


def same(first, second):
    return (
        np.array_equal(first.bins, second.bins)
        and np.array_equal(first.counts, second.counts)
        and (first.low, first.high) == (second.low, second.high)
    )


@given(scores, st.integers(0, 60), st.integers(0, 60))
def test_parts_add_up_to_the_whole_however_they_are_grouped(values, first, second):
    cut = sorted((first, second))
    a, b, c = map(ScoreTally.of, np.split(values, cut))
    whole = ScoreTally.of(values)
    assert same((a + b) + c, whole)
    assert same(a + (b + c), whole)
    assert same(c + (b + a), whole)


@given(scores)
def test_quantiles_are_right_to_one_part_in_8192(values):
    tally = ScoreTally.of(values)
    shares = np.array(QUANTILES)
    exact = np.sort(values)[np.round(shares * (len(values) - 1)).astype(int)]
    found = tally.quantiles(shares)
    assert (found[0], found[-1]) == (values.min(), values.max())
    # Below the smallest normal number, bins have all the same width.
    assert (np.abs(found - exact) <= np.abs(exact) / 8192 + 2.0**-1034).all()


@given(scores)
def test_the_histogram_counts_every_score_exactly_in_growing_bins(values):
    tally = ScoreTally.of(values)
    summary = tally.summary()
    edges = np.array(summary.edges)
    assert (np.diff(edges) > 0).all()
    assert sum(summary.counts) == len(values)
    assert summary.counts == tuple(np.histogram(values, edges)[0].tolist())


def test_the_histogram_is_like_that_of_all_scores():
    values = np.random.default_rng(0).beta(8, 12, 100_000)
    summary = ScoreTally.of(values).summary()
    assert 55 <= len(summary.counts) <= 60
    expected, _ = np.histogram(values, np.linspace(values.min(), values.max(), 61))
    assert max(summary.counts) == pytest.approx(expected.max(), rel=0.1)


def test_few_bins_are_held_of_many_scores():
    values = np.random.default_rng(0).beta(8, 12, 1_000_000)
    assert len(ScoreTally.of(values).bins) < 30_000
