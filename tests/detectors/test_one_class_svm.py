import numpy as np
import pytest
from pydantic import ValidationError

from detectors.batch.one_class_svm import OneClassSvm, OneClassSvmConfig
from detectors.validation import Matrix


@pytest.fixture
def ring() -> Matrix:
    """Rows on a circle, with an empty middle, in columns of different units."""
    rng = np.random.default_rng(0)
    angle, radius = rng.uniform(0, 2 * np.pi, 500), rng.normal(5, 0.3, 500)
    return np.column_stack([radius * np.cos(angle) * 1000, radius * np.sin(angle)])


def test_scores_are_positive_outside_the_boundary_and_higher_further_out(ring: Matrix) -> None:
    detector = OneClassSvm(nu=0.05).fit(ring)
    inside, outside, far = detector.decision_function(
        np.array([[5000.0, 0.0], [8000.0, 0.0], [15_000.0, 0.0]])
    )
    assert inside < 0 < outside < far


def test_a_hole_in_the_middle_of_the_data_is_outside(ring: Matrix) -> None:
    detector = OneClassSvm(nu=0.05, gamma=5.0).fit(ring)
    assert detector.decision_function(np.zeros((1, 2)))[0] > np.quantile(
        detector.decision_scores_, 0.95
    )


def test_nu_bounds_the_share_of_rows_outside(ring: Matrix) -> None:
    for nu in (0.05, 0.2):
        share = np.mean(OneClassSvm(nu=nu).fit(ring).decision_scores_ > 1e-3)
        assert nu / 2 < share <= nu + 0.01


def test_a_planted_outlier_outranks_every_inlier(ring: Matrix) -> None:
    X = np.vstack([ring, [20_000.0, -20.0]])
    assert np.argmax(OneClassSvm().fit(X).decision_scores_) == len(X) - 1


def test_a_large_table_is_sampled_to_fit_and_scored_whole(ring: Matrix) -> None:
    whole = OneClassSvm().fit(ring).decision_scores_
    first, again, other = (
        OneClassSvm(max_samples=200, seed=seed).fit(ring).decision_scores_ for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert len(first) == len(ring)
    assert np.corrcoef(first, whole)[0, 1] > 0.9


@pytest.mark.parametrize("wrong", [{"nu": 0}, {"nu": 1.1}, {"gamma": 0}, {"max_samples": 1}])
def test_parameters_out_of_bounds_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        OneClassSvmConfig.model_validate(wrong)
