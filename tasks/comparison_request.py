"""What a caller asks of a comparison, apart from the source."""

from collections.abc import Sequence

from detectors.registry import BatchConfig, parse_config


def label_apart(detectors: Sequence[BatchConfig]) -> list[str]:
    """Return a label a detector: its algorithm, with what sets it apart where that is not enough.

    ``lof`` beside ``lof n_neighbors=50``; two that are the same in everything are numbered.
    """
    algorithms = [detector.algorithm for detector in detectors]
    labels = [
        _describe(detector) if algorithms.count(detector.algorithm) > 1 else detector.algorithm
        for detector in detectors
    ]
    return [
        label if labels.count(label) == 1 else f"{label} ({labels[: i + 1].count(label)})"
        for i, label in enumerate(labels)
    ]


def _describe(detector: BatchConfig) -> str:
    defaults = parse_config(detector.algorithm).model_dump(mode="json")
    chosen = {
        name: value
        for name, value in detector.model_dump(mode="json").items()
        if value != defaults[name]
    }
    return " ".join([detector.algorithm, *(f"{name}={value}" for name, value in chosen.items())])
