"""The detectors: a union of configs for each kind, from which all else here follows.

Importing this module imports no algorithm: scikit-learn, PyOD and the compiled kernels are loaded
when a batch detector is fitted, or an online detector is built.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from detectors.base import Detector
from detectors.batch.autoencoder import AutoencoderConfig
from detectors.batch.cblof import CblofConfig
from detectors.batch.consensus import ConsensusConfig
from detectors.batch.copod import CopodConfig
from detectors.batch.dbscan import DbscanConfig
from detectors.batch.ecod import EcodConfig
from detectors.batch.gmm import GmmConfig
from detectors.batch.hbos import HbosConfig
from detectors.batch.inne import InneConfig
from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.batch.knn import KnnConfig
from detectors.batch.lof import LofConfig
from detectors.batch.mcd import McdConfig
from detectors.batch.one_class_svm import OneClassSvmConfig
from detectors.batch.pca import PcaConfig
from detectors.batch.statistical import StatisticalConfig
from detectors.catalogue import AlgorithmInfo
from detectors.choices import Choices
from detectors.online.aliases import resolve_aliases
from detectors.online.base import OnlineDetector, OnlineSetup
from detectors.online.ewma import EwmaConfig
from detectors.online.half_space_trees import HalfSpaceTreesConfig
from detectors.online.rolling_zscore import RollingZscoreConfig
from detectors.online.rrcf import RrcfConfig
from detectors.online.value_gap import ValueGapConfig
from detectors.online.windowed_isolation_forest import WindowedIsolationForestConfig
from detectors.tabs import Tabs

BatchConfig = Annotated[
    IsolationForestConfig
    | ConsensusConfig
    | StatisticalConfig
    | EcodConfig
    | CopodConfig
    | HbosConfig
    | KnnConfig
    | LofConfig
    | InneConfig
    | DbscanConfig
    | CblofConfig
    | GmmConfig
    | PcaConfig
    | McdConfig
    | OneClassSvmConfig
    | AutoencoderConfig,
    Field(discriminator="algorithm"),
    Tabs(),
]
"""The parameters of any batch detector, told apart by ``algorithm``."""

OnlineConfig = Annotated[
    ValueGapConfig
    | RollingZscoreConfig
    | EwmaConfig
    | WindowedIsolationForestConfig
    | HalfSpaceTreesConfig
    | RrcfConfig,
    Field(discriminator="algorithm"),
    Tabs(),
]
"""The parameters of any online detector, told apart by ``algorithm``."""

_batch: Choices[BatchConfig] = Choices(BatchConfig)
_online: Choices[OnlineConfig] = Choices(OnlineConfig)


def algorithms() -> list[AlgorithmInfo]:
    """Return all batch detectors, the default first."""
    return _batch.describe()


def parse_config(choice: BatchConfig | Mapping[str, Any] | str) -> BatchConfig:
    """Return the config of a detector.

    Args:
        choice: a config, the name of an algorithm for its defaults, or a mapping such as
            ``{"algorithm": "isolation_forest", "n_estimators": 300}``.

    Raises:
        DetectorError: an unknown algorithm or parameter, or a value out of bounds; the message
            says what would be valid.
    """
    if isinstance(choice, str):
        choice = {"algorithm": choice}
    return _batch.parse(choice) if isinstance(choice, Mapping) else choice


def build_detector(choice: BatchConfig | Mapping[str, Any] | str, seed: int = 0) -> Detector:
    """Return an unfitted detector.

    Args:
        choice: as for ``parse_config``.
        seed: of everything random in the detector, any whole number, modulo 2**32; the same seed
            gives the same scores.

    Raises:
        DetectorError: as ``parse_config``.
    """
    return parse_config(choice).build(seed % 2**32)


def online_algorithms() -> list[AlgorithmInfo]:
    """Return all online detectors, the default first."""
    return _online.describe()


def parse_online_config(choice: OnlineConfig | Mapping[str, Any] | str) -> OnlineConfig:
    """Return the config of an online detector.

    Args:
        choice: as for ``parse_config``; the names of ``detectors.online.aliases`` are understood.

    Raises:
        DetectorError: as ``parse_config``.
    """
    if isinstance(choice, str):
        choice = {"algorithm": choice}
    return _online.parse(resolve_aliases(choice)) if isinstance(choice, Mapping) else choice


def build_online_detector(
    choice: OnlineConfig | Mapping[str, Any] | str,
    n_features: int,
    *,
    threshold: float | None = None,
    learn_anomalies: bool = True,
    seed: int = 0,
) -> OnlineDetector:
    """Return an online detector that has seen nothing.

    Args:
        choice: as for ``parse_online_config``.
        n_features: columns of each row.
        threshold: a row is labelled when it scores above; None for the algorithm's default.
        learn_anomalies: whether rows that score above the threshold are learnt; if not, they still
            are when the level has shifted for good, see ``detectors.online.base.OnlineDetector``.
        seed: of everything random, any whole number, modulo 2**32.

    Raises:
        DetectorError: as ``parse_online_config``, or no columns.
    """
    config = parse_online_config(choice)
    limit = config.default_threshold if threshold is None else threshold
    return config.build(OnlineSetup(n_features, limit, learn_anomalies, seed % 2**32))
