"""A detector and a threshold, as options of the command line give them."""

from collections.abc import Sequence
from typing import get_args

from pydantic import ValidationError

from cli.group import CommandError
from cli.values import read_values
from detectors.registry import BatchConfig, OnlineConfig, parse_config, parse_online_config
from detectors.threshold import ThresholdPolicy

# As in flows.compare, which would load Prefect.
FEWEST_DETECTORS, MOST_DETECTORS = 2, 12

_POLICIES = {
    str(policy.model_fields["method"].default): policy
    for policy in get_args(get_args(ThresholdPolicy)[0])
}


def read_detector(algorithm: str, settings: Sequence[str]) -> BatchConfig:
    """Return the detector that ``--algorithm`` and ``--set`` choose.

    Raises:
        DetectorError: an unknown algorithm or parameter, or a value out of bounds.
        CommandError: a setting is not ``name=value``.
    """
    return _read(algorithm, settings, "--set")


def read_online_detector(
    algorithm: str, settings: Sequence[str], window: int | None = None
) -> OnlineConfig:
    """Return the online detector that ``--algorithm``, ``--set`` and ``--window`` choose.

    Raises:
        DetectorError: an unknown algorithm or parameter, or a value out of bounds.
        CommandError: a setting is not ``name=value``, or is given twice.
    """
    fields = type(parse_online_config(algorithm)).model_fields
    given = settings if window is None else [*settings, f"window={window}"]
    return parse_online_config({"algorithm": algorithm, **read_values(given, fields, "--set")})


def read_detectors(texts: Sequence[str]) -> list[BatchConfig]:
    """Return the detectors of a comparison, such as ``lof`` and ``lof:n_neighbors=50``.

    Raises:
        DetectorError: an unknown algorithm or parameter, or a value out of bounds.
        CommandError: a setting is not ``name=value``, or they are too few or too many.
    """
    if not FEWEST_DETECTORS <= len(texts) <= MOST_DETECTORS:
        given = f"{len(texts)} given" if texts else "none given"
        raise CommandError(
            f"--algorithm: {given}, and a comparison has {FEWEST_DETECTORS} to {MOST_DETECTORS}: "
            "repeat it, once a detector"
        )
    detectors = []
    for text in texts:
        algorithm, colon, settings = text.partition(":")
        detectors.append(_read(algorithm, settings.split(",") if colon else [], f"-a {algorithm}:"))
    return detectors


def read_threshold(text: str) -> ThresholdPolicy:
    """Return the policy that ``--threshold`` chooses, such as ``false_alarm:0.01``.

    Raises:
        CommandError: no such policy, or not a value for it.
    """
    method, colon, value = text.partition(":")
    if method not in _POLICIES:
        known = ", ".join(f"{name}:{_parameter(name).upper()}" for name in _POLICIES)
        raise CommandError(f"--threshold {text}: expected one of {known}")
    try:
        chosen: ThresholdPolicy = _POLICIES[method].model_validate(
            {_parameter(method): value} if colon else {}
        )
    except ValidationError as error:
        [problem] = error.errors(include_url=False)
        raise CommandError(
            f"--threshold {text}: {_parameter(method)}: {problem['msg'].lower()}"
        ) from None
    return chosen


def _read(algorithm: str, settings: Sequence[str], option: str) -> BatchConfig:
    fields = type(parse_config(algorithm)).model_fields
    return parse_config({"algorithm": algorithm, **read_values(settings, fields, option)})


def _parameter(method: str) -> str:
    [name] = set(_POLICIES[method].model_fields) - {"method"}
    return name
