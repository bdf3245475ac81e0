"""The anomalies of a table, with all that is kept of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.validation import Matrix, Vector


@dataclass(frozen=True)
class FlaggedRows:
    """Rows above the threshold, the strongest first.

    Attributes:
        frame: what the source holds in them.
        positions: their row numbers there, shape (n,).
        X: their features, shape (n, n_features).
        scores: shape (n,).
        p_values: shape (n,).
        labels: ground truth, 1, 0 or NaN where unknown, shape (n,); None without a label.
    """

    frame: pd.DataFrame
    positions: NDArray[np.int64]
    X: Matrix
    scores: Vector
    p_values: Vector
    labels: Vector | None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.positions)
