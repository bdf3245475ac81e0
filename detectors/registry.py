"""The batch detectors: one union of configs, from which all else here follows.

Importing this module imports no algorithm: scikit-learn, PyOD and the compiled kernels are loaded
when a detector is fitted.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from detectors.base import Detector, DetectorConfig
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
from detectors.catalogue import AlgorithmInfo, algorithm_name, describe, describe_parameters
from detectors.errors import DetectorError
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

_CONFIGS: dict[str, type[DetectorConfig]] = {
    algorithm_name(config): config for config in get_args(get_args(BatchConfig)[0])
}
_batch_config: TypeAdapter[BatchConfig] = TypeAdapter(BatchConfig)


def algorithms() -> list[AlgorithmInfo]:
    """Return all batch detectors, the default first."""
    return [describe(config) for config in _CONFIGS.values()]


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
    if not isinstance(choice, Mapping):
        return choice
    config = _config_class(choice.get("algorithm"))
    try:
        return _batch_config.validate_python(choice)
    except ValidationError as error:
        problems = "; ".join(_explain(config, problem) for problem in error.errors())
        raise DetectorError(f"{algorithm_name(config)}: {problems}") from None


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


def _config_class(name: object) -> type[DetectorConfig]:
    if isinstance(name, str) and name in _CONFIGS:
        return _CONFIGS[name]
    known = f"choose one of {', '.join(_CONFIGS)}"
    if name is None:
        raise DetectorError(f"no algorithm named: {known}")
    raise DetectorError(f"unknown algorithm {name!r}{_suggest(str(name), _CONFIGS)}: {known}")


def _explain(config: type[DetectorConfig], problem: ErrorDetails) -> str:
    """Say in one clause what is wrong with a parameter, and what would be right."""
    name = str(problem["loc"][-1])
    parameters = {info.name: info for info in describe_parameters(config)}
    if name in parameters:
        return f"{name} must be {parameters[name].allowed}, got {problem['input']!r}"
    known = f"parameters are {', '.join(parameters)}" if parameters else "there are no parameters"
    return f"unknown parameter {name!r}{_suggest(name, parameters)}: {known}"


def _suggest(name: str, known: Mapping[str, object]) -> str:
    closest = get_close_matches(name, known, n=1)
    return f", did you mean {closest[0]!r}?" if closest else ""
