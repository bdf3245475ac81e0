import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detectors.batch.statistical import Method, Statistical, StatisticalConfig
from detectors.errors import DetectorError
from detectors.validation import Matrix

METHODS: tuple[Method, ...] = ("zscore", "iqr", "mad")


@pytest.fixture
def ladder() -> Matrix:
    """Values 0 to 100: mean and median 50, quartiles 25 and 75."""
    return np.arange(101.0)[:, np.newaxis]


def terms_of(values: list[float], X: Matrix, method: Method) -> Matrix:
    return Statistical(method).fit(X).terms(np.array(values)[:, np.newaxis]).ravel()


def test_zscore_counts_standard_deviations_from_the_mean(ladder: Matrix) -> None:
    deviation = ladder.std()
    terms = terms_of([50, 50 + 3 * deviation, 50 - deviation], ladder, "zscore")
    np.testing.assert_allclose(terms, [0, 3, 1])


def test_iqr_counts_interquartile_ranges_beyond_the_quartiles(ladder: Matrix) -> None:
    terms = terms_of([50, 25, 150, -50], ladder, "iqr")
    np.testing.assert_allclose(terms, [-0.5, 0, 1.5, 1.5])


def test_mad_counts_scaled_median_absolute_deviations_from_the_median(ladder: Matrix) -> None:
    terms = terms_of([50, 50 + 2 * 1.482602218505602 * 25], ladder, "mad")
    np.testing.assert_allclose(terms, [0, 2])


@pytest.mark.parametrize("method", METHODS)
def test_the_score_is_the_largest_term_and_the_term_names_the_column(method: Method) -> None:
    X = np.random.default_rng(0).normal(size=(300, 4))
    X[7, 2] = 30.0
    detector = Statistical(method).fit(X)
    np.testing.assert_array_equal(detector.decision_scores_, detector.terms_.max(axis=1))
    assert np.argmax(detector.decision_scores_) == 7
    assert np.argmax(detector.terms_[7]) == 2
    np.testing.assert_array_equal(detector.terms(X), detector.terms_)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("share", [0.4, 0.2, 0.01, 0.0])
def test_columns_of_mostly_equal_values_have_finite_terms(method: Method, share: float) -> None:
    rng = np.random.default_rng(0)
    X = np.where(rng.random((500, 1)) < share, rng.normal(5, 1, size=(500, 1)), 0.0)
    terms = Statistical(method).fit(X).terms(np.array([[0.0], [5.0], [1000.0]])).ravel()
    assert np.isfinite(terms).all()
    assert terms[0] <= terms[1] < terms[2]


@pytest.mark.parametrize("method", ["iqr", "mad"])
def test_a_crowd_of_anomalies_does_not_hide_itself(method: Method) -> None:
    X = np.random.default_rng(0).normal(size=(200, 1))
    X[:30] = 50.0
    crowd, clean = Statistical(method).fit(X), Statistical(method).fit(X[30:])
    assert (crowd.decision_scores_[:30] > 10).all()
    np.testing.assert_allclose(
        crowd.decision_function(X[30:]).max(), clean.decision_scores_.max(), rtol=0.5
    )


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 20), st.integers(1, 3)),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    ),
    st.sampled_from(METHODS),
)
def test_any_finite_table_has_finite_terms(X: Matrix, method: Method) -> None:
    detector = StatisticalConfig(method=method).build(seed=0).fit(X)
    assert np.isfinite(detector.terms_).all()


def test_terms_of_another_number_of_columns_are_refused(ladder: Matrix) -> None:
    with pytest.raises(DetectorError, match="fitted on 1 columns, got 2"):
        Statistical().fit(ladder).terms(np.ones((3, 2)))
