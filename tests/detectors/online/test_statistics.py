import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detectors.errors import DetectorError
from detectors.online.statistics import RunningStatistics
from detectors.validation import Matrix
from tests.detectors.online.feeds import eventful


def assert_equal(found: RunningStatistics, expected: RunningStatistics) -> None:
    for name, values in vars(expected).items():
        np.testing.assert_array_equal(getattr(found, name), values, err_msg=name)


def test_statistics_are_those_of_the_column() -> None:
    rows = eventful()
    rows[500] = 7.0
    statistics = RunningStatistics.empty(2)
    statistics.update(rows)
    np.testing.assert_array_equal(statistics.count, (~np.isnan(rows)).sum(axis=0))
    np.testing.assert_array_equal(statistics.missing, np.isnan(rows).sum(axis=0))
    np.testing.assert_allclose(statistics.mean, np.nanmean(rows, axis=0), rtol=1e-12)
    np.testing.assert_allclose(statistics.deviation, np.nanstd(rows, axis=0, ddof=1), rtol=1e-12)
    np.testing.assert_array_equal(statistics.low, np.nanmin(rows, axis=0))
    np.testing.assert_array_equal(statistics.high, np.nanmax(rows, axis=0))


@given(
    arrays(np.float64, st.tuples(st.integers(0, 20), st.just(2))),
    st.integers(0, 20),
)
@settings(max_examples=50, deadline=None)
def test_pages_and_keeping_them_in_between_change_nothing(X: Matrix, k: int) -> None:
    together = RunningStatistics.empty(2)
    together.update(X)
    first = RunningStatistics.empty(2)
    first.update(X[:k])
    kept = {name: values.tolist() for name, values in vars(first).items()}
    second = RunningStatistics.of(**kept)
    second.update(X[k:])
    assert_equal(second, together)
    assert np.isfinite(together.mean).all()
    assert np.isfinite(together.squares).all()


def test_nothing_is_known_of_nothing() -> None:
    statistics = RunningStatistics.empty(1)
    statistics.update(np.full((3, 1), np.nan))
    assert (statistics.count[0], statistics.missing[0]) == (0, 3)
    assert np.isnan(statistics.deviation[0])
    assert statistics.low[0] > statistics.high[0]


def test_other_columns_are_refused() -> None:
    with pytest.raises(DetectorError, match="statistics are of 2 columns"):
        RunningStatistics.empty(2).update(np.zeros((4, 3)))
