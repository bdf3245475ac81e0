"""What a caller asks of a comparison, apart from the source."""

from collections.abc import Sequence

from detectors.registry import BatchConfig
from tasks.command_lines import changed_settings


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
    return " ".join([detector.algorithm, *changed_settings(detector.model_dump(mode="json"))])
