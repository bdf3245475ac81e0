"""Many rows in few pixels: the smallest and the largest value of each stretch."""

from dataclasses import dataclass

import numpy as np

from reports.stream_facts import Numbers

STRETCHES = 700  # two pixels each, of the width of a chart

_TAIL = 0.01
_REACH = 5.0


@dataclass(frozen=True)
class Envelope:
    """What m stretches of rows held.

    Attributes:
        x: middle of each stretch, shape (m,).
        low: smallest value of it, NaN if it holds none, shape (m,).
        high: largest value of it, likewise.
    """

    x: Numbers
    low: Numbers
    high: Numbers


def envelope(x: Numbers, low: Numbers, high: Numbers) -> Envelope:
    """Return the envelope of rows, at most ``STRETCHES`` of them; each row if they are fewer.

    Args:
        x: where each row is drawn, increasing, shape (n,), at least one.
        low: its value, or the lower end of a range, NaN where there is none, shape (n,).
        high: the same value, or the upper end.
    """
    n = len(x)
    if n <= STRETCHES:
        return Envelope(x, low, high)
    starts = np.linspace(0, n, STRETCHES, endpoint=False).astype(np.int64)
    sizes = np.diff(np.append(starts, n))
    return Envelope(
        x=np.add.reduceat(x, starts) / sizes,
        low=np.fmin.reduceat(low, starts),
        high=np.fmax.reduceat(high, starts),
    )


def visible_range(values: Numbers) -> tuple[float, float]:
    """Return the range of values that is worth drawing: nearly all, and what is not too far off.

    One giant value would leave no room for the others. Values beyond are to be drawn at the edge.

    Args:
        values: NaN where there is none; any shape.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 1.0
    low, high = (float(limit) for limit in (finite.min(), finite.max()))
    lower, upper = (float(limit) for limit in np.quantile(finite, [_TAIL, 1 - _TAIL]))
    reach = _REACH * (upper - lower)
    if reach > 0:
        low, high = max(low, lower - reach), min(high, upper + reach)
    margin = 0.06 * (high - low) or 0.06 * abs(high) or 1.0
    return low - margin, high + margin
