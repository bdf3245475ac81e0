import numpy as np
import pandas as pd
import pytest

from detectors.batch.consensus import ConsensusConfig
from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.batch.statistical import StatisticalConfig
from detectors.features import FeatureEncoder
from detectors.roles import ColumnRoles
from settings import get_settings
from tasks.fitted_detector import FORMAT_VERSION, pack_detector, unpack_detector

pytestmark = pytest.mark.usefixtures("vigil_home")


@pytest.fixture
def frame():
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "amount": random.normal(50, 5, 200),
            "city": random.choice(["Bonn", "Köln", "Ulm"], 200),
            "at": pd.date_range("2024-01-01", periods=200, freq="7h"),
        }
    )


def fit(frame, config):
    encoder = FeatureEncoder.fit(frame, ColumnRoles(features=tuple(frame.columns)))
    return config.build(0).fit(encoder.encode(frame).X), encoder


@pytest.mark.parametrize(
    "config", [IsolationForestConfig(), ConsensusConfig(), StatisticalConfig()]
)
def test_what_is_unpacked_encodes_and_scores_as_what_was_packed(frame, config):
    detector, encoder = fit(frame, config)
    envelope = pack_detector(config.algorithm, detector, encoder)
    assert envelope is not None
    assert (envelope.format_version, envelope.algorithm) == (FORMAT_VERSION, config.algorithm)
    again, coder = unpack_detector(envelope.payload)
    assert coder == encoder
    new = frame.assign(amount=frame["amount"] * 2, city="Mainz")
    X = encoder.encode(new).X
    assert np.array_equal(coder.encode(new).X, X)
    assert np.array_equal(again.decision_scores_, detector.decision_scores_)
    assert np.array_equal(again.decision_function(X), detector.decision_function(X))


def test_a_detector_that_is_too_large_is_not_kept(frame, monkeypatch):
    monkeypatch.setenv("VIGIL_FITTED_MAX_BYTES", "100")
    get_settings.cache_clear()
    assert pack_detector("isolation_forest", *fit(frame, IsolationForestConfig())) is None
