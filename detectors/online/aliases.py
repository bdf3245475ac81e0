"""Other names under which online detectors and their parameters are known."""

from collections.abc import Mapping
from typing import Any

ALGORITHMS = {
    "zscore_rolling": "rolling_zscore",
    "ema": "ewma",
    "isolation_forest_incremental": "windowed_isolation_forest",
}
_PARAMETERS = {"window_size": "window"}


def resolve_aliases(choice: Mapping[str, Any]) -> dict[str, Any]:
    """Return the choice of a detector and its parameters by the names they have here."""
    resolved = {_PARAMETERS.get(name, name): value for name, value in choice.items()}
    if isinstance(resolved.get("algorithm"), str):
        resolved["algorithm"] = ALGORITHMS.get(resolved["algorithm"], resolved["algorithm"])
    return resolved
