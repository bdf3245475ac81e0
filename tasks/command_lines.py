"""Stored runs as the command lines that ask for the same again."""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from detectors.config import AlgorithmConfig
from detectors.registry import parse_config
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.run import Run
from reports.facts import ThresholdChoice


def rerun_detection(detection: Detection) -> str:
    """Return the command line that runs the same detection again."""
    words = ["vigil", "detect", detection.source_name, "--algorithm", detection.algorithm]
    for setting in changed_settings(detection.detector):
        words += ["--set", setting]
    return shlex.join([*words, *_options(detection)])


def rerun_comparison(comparison: Comparison, detections: Sequence[Detection]) -> str:
    """Return the command line that compares the same detectors again."""
    words = ["vigil", "compare", comparison.source_name]
    for detection in detections:
        words += ["--algorithm", detector_option(detection.detector)]
    return shlex.join([*words, *_options(comparison)])


def detector_option(detector: Mapping[str, Any]) -> str:
    """Return a stored detector as ``vigil compare -a`` takes it: ``lof:n_neighbors=50``."""
    settings = ",".join(changed_settings(detector))
    return f"{detector['algorithm']}:{settings}" if settings else str(detector["algorithm"])


def changed_settings(
    detector: Mapping[str, Any], parse: Callable[[str], AlgorithmConfig] = parse_config
) -> list[str]:
    """Return what differs from the algorithm's defaults, each as ``--set`` takes it.

    Args:
        detector: as it is stored.
        parse: returns the defaults of an algorithm, of those that this is one of.
    """
    defaults = parse(detector["algorithm"]).model_dump(mode="json")
    return [
        f"{name}={json.dumps(value) if _structured(value) else value}"
        for name, value in detector.items()
        if value != defaults[name]
    ]


def threshold_option(policy: Mapping[str, Any]) -> str:
    """Return a stored threshold policy as ``--threshold`` takes it: ``false_alarm:0.01``."""
    choice = threshold_choice(policy)
    return f"{choice.policy}:{choice.parameter}"


def threshold_choice(policy: Mapping[str, Any]) -> ThresholdChoice:
    """Return a stored threshold policy, which has one parameter besides its method."""
    [parameter] = (value for name, value in policy.items() if name != "method")
    return ThresholdChoice(policy["method"], float(parameter))


def _options(run: Run) -> list[str]:
    words = ["--threshold", threshold_option(run.threshold_policy)]
    for column in run.columns or ():
        words += ["--column", column]
    if run.sample_size is not None:
        words += ["--sample-size", str(run.sample_size)]
    if run.missing != "impute":
        words += ["--missing", run.missing]
    return [*words, "--seed", str(run.seed)]


def _structured(value: Any) -> bool:
    return value is None or isinstance(value, bool | list)
