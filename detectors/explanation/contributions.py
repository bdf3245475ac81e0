"""What an explanation of scores consists of."""

from dataclasses import dataclass
from typing import Literal

from detectors.validation import Matrix, Vector

Quantity = Literal["score", "minus mean path length"]
"""What is explained. The path length of an isolation forest ranks rows as its score does."""

Method = Literal[
    "sum of column terms",
    "largest column term",
    "forest scores",
    "forest paths",
    "all coalitions",
    "sampled permutations",
]
"""How the contributions were found; all but the last are exact."""


def is_exact(method: str) -> bool:
    """Whether a method samples nothing, so that only rounding is left."""
    return method != "sampled permutations"


@dataclass(frozen=True)
class Contributions:
    """Shapley values of rows: how much each feature moves a row from the background's mean.

    A positive contribution pushes towards anomalous, for every detector.

    Attributes:
        values: contribution of each feature, shape (n_rows, n_features), in units of ``quantity``.
        base: mean of the quantity over the background.
        explained: the quantity of each row, shape (n_rows,).
        quantity: what is explained.
        method: how the contributions were found.
    """

    values: Matrix
    base: float
    explained: Vector
    quantity: Quantity
    method: Method

    @property
    def exact(self) -> bool:
        """Whether nothing was sampled, so that only rounding is left."""
        return is_exact(self.method)

    @property
    def residual(self) -> Vector:
        """What base and contributions leave of the explained quantity, shape (n_rows,)."""
        residual: Vector = self.explained - self.base - self.values.sum(axis=1)
        return residual
