"""Three real tables with known anomalies, from those that scikit-learn ships."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

_SEED = 7


@dataclass(frozen=True)
class DemoTable:
    """A table whose rare class plays the anomaly.

    Attributes:
        rare: the class that is thinned out.
        share: its share of the rows afterwards.
    """

    name: str
    description: str
    loader: str
    rare: int
    share: float

    def write(self, folder: Path) -> Path:
        """Write the table as CSV with the columns ``id`` and ``is_outlier``; return its path."""
        frame = self.build()
        path = folder / f"{self.name}.csv"
        frame.to_csv(path, index=False)
        return path

    def build(self) -> pd.DataFrame:
        """Return the features, ``id`` first and ``is_outlier`` last, in a seeded order."""
        from sklearn import datasets

        load: Callable[..., tuple[pd.DataFrame, pd.Series]] = getattr(datasets, self.loader)
        features, classes = load(return_X_y=True, as_frame=True)
        random = np.random.default_rng(_SEED)
        rare = np.flatnonzero(classes == self.rare)
        common = np.flatnonzero(classes != self.rare)
        n_rare = round(len(common) * self.share / (1 - self.share))
        rows = random.permutation(np.concatenate([common, random.choice(rare, n_rare, False)]))
        frame = features.iloc[rows].reset_index(drop=True)
        frame.columns = [str(name).replace(" ", "_") for name in frame.columns]
        frame.insert(0, "id", rows)
        return frame.assign(is_outlier=(classes.iloc[rows] == self.rare).to_numpy(dtype=int))


DEMO_TABLES = (
    DemoTable("breast-cancer", "malignant cells, thinned to 5 %", "load_breast_cancer", 0, 0.05),
    DemoTable("wine", "one grower's wines, thinned to 8 %", "load_wine", 2, 0.08),
    DemoTable("digits", "one handwritten digit, thinned to 5 %", "load_digits", 4, 0.05),
)
