"""What would take hours or all memory is refused before it starts, with what to do instead."""

import numpy as np
import pytest

from detectors.errors import DetectorError
from detectors.registry import build_detector

WIDE = np.random.default_rng(0).normal(size=(100, 1555))


def test_mcd_refuses_more_columns_than_its_search_gets_through() -> None:
    advice = "mcd takes at most 400 columns, got 1,555, .*: choose pca"
    with pytest.raises(DetectorError, match=advice):
        build_detector("mcd").fit(WIDE)


def test_gmm_refuses_more_full_covariances_than_fit_into_memory() -> None:
    config = {"algorithm": "gmm", "n_components": 100}
    advice = "241,802,500 values, .*: lower n_components to 10, choose covariance_type=tied or diag"
    with pytest.raises(DetectorError, match=advice):
        build_detector(config).fit(WIDE)
    diagonal = build_detector(config | {"covariance_type": "diag"}).fit(WIDE)
    assert np.isfinite(diagonal.decision_scores_).all()


@pytest.mark.parametrize("algorithm", ["pca", "isolation_forest", "statistical", "ecod", "hbos"])
def test_wide_tables_are_scored(algorithm: str) -> None:
    assert np.isfinite(build_detector(algorithm).fit(WIDE).decision_scores_).all()
