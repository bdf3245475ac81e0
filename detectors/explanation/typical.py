"""Where a value lies among those of the background, whatever it contributes."""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from detectors.validation import Matrix, Vector

Direction = Literal["unusually high", "unusually low", "rare", "usual"]
Kind = Literal["numeric", "categorical", "datetime"]

_TYPICAL = (0.05, 0.95)
# Of the typical range: hardly any sample of some dozen rows leaves so much empty by chance.
_WIDE_GAP = 0.2


@dataclass(frozen=True)
class TypicalRanges:
    """Where 5 to 95 % of the background's values lie, by feature.

    Attributes:
        low: the lower ends, shape (n_features,).
        high: the upper ends, shape (n_features,).
        ordered: the background, each feature on its own in ascending order.
    """

    low: Vector
    high: Vector
    ordered: Matrix

    @classmethod
    def of(cls, background: Matrix) -> Self:
        """Return the ranges of ``background``, shape (n_background, n_features)."""
        ordered = np.sort(background, axis=0)
        # Values of the background itself, since between two of 1e308 there is no finite mean.
        low, high = np.quantile(ordered, _TYPICAL, axis=0, method="nearest")
        return cls(low, high, ordered)

    def direction(self, feature: int, value: float, kind: Kind) -> Direction:
        """Say what is unusual about a value of a feature.

        A number is high or low beyond the typical range, and rare inside of it where it falls into
        a wide gap, with no value of the background near. A category is rare below the typical
        shares. A term of a moment has no high and low that mean anything: beyond its range, or in
        a gap, it is rare.

        Args:
            feature: its place.
            value: the value, as the detector sees it.
            kind: of the column that the feature is made from.
        """
        low, high = float(self.low[feature]), float(self.high[feature])
        if kind == "categorical":
            return "rare" if value < low else "usual"
        if kind == "numeric" and not low <= value <= high:
            return "unusually high" if value > high else "unusually low"
        usual = low <= value <= high and not self._in_wide_gap(feature, value)
        return "usual" if usual else "rare"

    def _in_wide_gap(self, feature: int, value: float) -> bool:
        column = self.ordered[:, feature]
        above = int(np.searchsorted(column, value))
        if column[above] == value:
            return False
        # In halves: the difference of two finite values may not be finite.
        gap = column[above] / 2 - column[above - 1] / 2
        return bool(gap > _WIDE_GAP * (self.high[feature] / 2 - self.low[feature] / 2))
