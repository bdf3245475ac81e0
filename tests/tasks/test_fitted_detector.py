import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from detectors.batch.consensus import ConsensusConfig
from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.batch.statistical import StatisticalConfig
from detectors.detection import prepare_table, score_table
from detectors.roles import ColumnRoles
from detectors.threshold import Contamination
from models.errors import FittedDetectorError
from settings import get_settings
from tasks.fitted_detector import FORMAT_VERSION, KeptDetector, pack_detector, unpack_detector

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


def keep(frame, config):
    table = prepare_table(frame, ColumnRoles(features=tuple(frame.columns)))
    scored = score_table(table, config, Contamination(share=0.05))
    return KeptDetector.of(table, scored), table, scored


@pytest.fixture
def envelope(frame):
    return pack_detector("statistical", keep(frame, StatisticalConfig())[0])


@pytest.mark.parametrize(
    "config", [IsolationForestConfig(), ConsensusConfig(), StatisticalConfig()]
)
def test_what_is_unpacked_encodes_and_scores_as_what_was_packed(frame, config):
    kept, _, _ = keep(frame, config)
    envelope = pack_detector(config.algorithm, kept)
    assert envelope is not None
    assert (envelope.format_version, envelope.algorithm) == (FORMAT_VERSION, config.algorithm)
    again = unpack_detector(envelope)
    assert again.encoder == kept.encoder
    new = frame.assign(amount=frame["amount"] * 2, city="Mainz")
    X = kept.encoder.encode(new).X
    assert np.array_equal(again.encoder.encode(new).X, X)
    assert np.array_equal(again.detector.decision_scores_, kept.detector.decision_scores_)
    assert np.array_equal(again.detector.decision_function(X), kept.detector.decision_function(X))


def test_background_and_anomalies_are_kept_bit_by_bit(frame, envelope):
    _, table, scored = keep(frame, StatisticalConfig())
    again = unpack_detector(envelope)
    assert len(again.positions) == len(scored.flagged) == 10
    assert np.array_equal(again.positions, table.positions[scored.flagged])
    assert np.array_equal(again.X, table.X[scored.flagged])
    assert np.array_equal(again.background, scored.background)


def test_a_detector_that_is_too_large_is_not_kept(frame, monkeypatch):
    monkeypatch.setenv("VIGIL_FITTED_MAX_BYTES", "100")
    get_settings.cache_clear()
    assert pack_detector("isolation_forest", keep(frame, IsolationForestConfig())[0]) is None


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("it was unpickled",)


@pytest.fixture
def untouchable(envelope):
    """An envelope whose payload must not be unpickled."""
    return replace(envelope, payload=pickle.dumps(Bomb()))


def test_an_envelope_of_an_earlier_format_says_what_to_do(untouchable):
    with pytest.raises(FittedDetectorError, match=r"an earlier version.*format 1.*detect` again"):
        unpack_detector(replace(untouchable, format_version=1))
    with pytest.raises(FittedDetectorError, match="a later version of Vigil"):
        unpack_detector(replace(untouchable, format_version=FORMAT_VERSION + 1))


@pytest.mark.parametrize("package", ["numpy", "scikit-learn", "pyod", "numba"])
def test_other_versions_of_libraries_are_an_error_before_anything_is_unpickled(
    untouchable, package
):
    libraries = untouchable.libraries | {package: "0.1"}
    with pytest.raises(FittedDetectorError, match=rf"{package} 0\.1 \(now .*detect` again"):
        unpack_detector(replace(untouchable, libraries=libraries))
    del libraries[package]
    with pytest.raises(FittedDetectorError, match=f"{package} unknown"):
        unpack_detector(replace(untouchable, libraries=libraries))


def test_another_version_of_vigil_with_the_same_format_reads_it(envelope):
    libraries = envelope.libraries | {"vigil": "99"}
    assert unpack_detector(replace(envelope, libraries=libraries)).encoder.names[0] == "amount"
