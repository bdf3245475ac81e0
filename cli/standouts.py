"""What stands out in a row, in a table's cell."""

from collections.abc import Mapping
from typing import Any

from reports.sentences import none_extreme, short

_MOST = 3


def describe_standouts(values: Mapping[str, Any], z_scores: Mapping[str, float]) -> str:
    """Name the values that are furthest out: amount 500 (+91.8), items 40 (+12).

    Args:
        values: what the row holds, by column.
        z_scores: robust z-scores of the features in which it is extreme.
    """
    furthest = sorted(z_scores.items(), key=lambda item: -abs(item[1]))[:_MOST]
    if not furthest:
        return none_extreme(len(values))
    return ", ".join(f"{name}{_value(values, name)} ({z:+.3g})" for name, z in furthest)


def _value(values: Mapping[str, Any], feature: str) -> str:
    # A feature made from a date or a category has no value of its own in the row.
    return f" {short(values[feature])}" if feature in values else ""
