import numpy as np
import pytest

from detectors.base import Adjustment
from detectors.registry import build_detector

FIVE = np.random.default_rng(0).normal(size=(5, 3))


@pytest.mark.parametrize(
    ("algorithm", "parameter", "asked", "used", "rows"),
    [
        ("gmm", "n_components", 20, 5, "5 different rows"),
        ("cblof", "n_clusters", 8, 5, "5 different rows"),
        ("consensus", "n_clusters", 8, 5, "5 different rows"),
        ("consensus", "n_neighbors", 50, 4, "5 rows"),
        ("knn", "n_neighbors", 20, 4, "5 rows"),
        ("lof", "n_neighbors", 20, 4, "5 different rows"),
        ("isolation_forest", "max_samples", 256, 5, "5 rows"),
        ("inne", "max_samples", 8, 5, "5 rows"),
        ("autoencoder", "batch_size", 64, 5, "5 rows"),
    ],
)
def test_a_parameter_that_does_not_fit_the_rows_is_lowered_and_said(
    algorithm: str, parameter: str, asked: int, used: int, rows: str
) -> None:
    detector = build_detector({"algorithm": algorithm, parameter: asked}).fit(FIVE)
    assert detector.adjusted_[parameter] == Adjustment(asked, used, f"fitted on {rows}")


@pytest.mark.parametrize("algorithm", ["gmm", "cblof", "consensus", "knn", "isolation_forest"])
def test_parameters_that_fit_the_rows_are_not_adjusted(algorithm: str) -> None:
    detector = build_detector(algorithm)
    detector.fit(FIVE)
    detector.fit(np.random.default_rng(0).normal(size=(300, 3)))
    assert detector.adjusted_ == {}
